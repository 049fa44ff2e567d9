//! Dance: scripted dancers on the bundled dances and on one that was made of a take.

use std::f32::consts::FRAC_PI_2;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::prelude::*;
use livedance::app::game::dance::{Dances, ID, Performance, Preview, ReplayControl, ShowReplay, Song};
use livedance::app::game::headless::{HeadlessError, Performer, headless_app, play, posed};
use livedance::app::game::round::Preparing;
use livedance::app::game::{
    GamePhase, Match, MatchResult, PlayerInput, PlayerResult, PrepareMatch, Scoreboard, StartMatch,
};
use livedance::capture::{AUDIO_RATE_HZ, decode_audio};
use livedance::dance_library::{self, DanceDraft, DraftBeats, LoadedDance, create_in, list_in};
use livedance::formats::take::{TakeHeader, TakeWriter};
use livedance::frame::{Timings, TrackedFrame};
use livedance::motion::Difficulty;
use livedance::motion::beats::find_beats;
use livedance::motion::dance::BeatGrid;
use livedance::motion::retarget::{AvatarPose, joint_positions, scene_from_world};
use livedance::motion::session::Continuity;
use livedance::motion::skeleton::{HumanoidBone as B, RestSkeleton};
use livedance::motion::{BodyPose, Hands, Landmark, PoseLandmark as L};

use crate::rest;

const BUNDLED: [&str; 3] = ["sunrise", "groove", "rush"];

pub(crate) fn assets(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

pub(crate) fn loaded(id: &str) -> LoadedDance {
    let list = list_in(&assets("dances"), Path::new("none"));
    dance_library::load(list.get(id).expect("bundled"), &rest()).expect("loads")
}

/// How fast a dance is played.
const fn speed(difficulty: Difficulty) -> f64 {
    if matches!(difficulty, Difficulty::Easy) { 0.85 } else { 1.0 }
}

/// Somebody who dances: what they do at a song time (seconds) of a dance at this speed, seen 30 times a second.
fn dancer(
    dance: &Arc<LoadedDance>,
    difficulty: Difficulty,
    change: impl Fn(&LoadedDance, f64) -> PlayerInput + Send + Sync + 'static,
) -> Box<dyn Performer> {
    let dance = dance.clone();
    let rate = speed(difficulty);
    Box::new(move |_: &mut World, time_s: f64| {
        let seen_s = (time_s * 30.0 + 1e-6).floor() / 30.0;
        Some(change(&dance, dance.motion_start_s + seen_s * rate))
    })
}

/// Copies the coach, so much late, or as a mirror image, facing the camera.
fn copies(difficulty: Difficulty, dance: &Arc<LoadedDance>, late_s: f64, mirrored: bool) -> Box<dyn Performer> {
    let (rest, rate) = (Arc::new(dance.clip.skeleton.clone()), speed(difficulty));
    let turn = Quat::from_rotation_y(-dance.track(1.0).expect("a track").front_rad());
    dancer(dance, difficulty, move |dance, motion_s| {
        let mut pose = dance.clip.sample(motion_s - late_s * rate).expect("a pose");
        pose.rotations[B::Hips as usize] = turn * pose.rotations[B::Hips as usize];
        let pose = if mirrored { pose.mirrored() } else { pose };
        posed(&rest, pose, 0.0).expect("a finite pose")
    })
}

fn still(difficulty: Difficulty, dance: &Arc<LoadedDance>, pose: &AvatarPose) -> Box<dyn Performer> {
    let input = posed(&Arc::new(dance.clip.skeleton.clone()), *pose, 0.0).expect("a finite pose");
    dancer(dance, difficulty, move |_, _| input.clone())
}

pub(crate) fn start(choice: &str, difficulty: Difficulty, players: usize) -> StartMatch {
    StartMatch { game: ID, choice: choice.to_owned(), difficulty, players, seed: 1 }
}

fn dance_all(
    app: &mut App,
    choice: &str,
    difficulty: Difficulty,
    mut performers: Vec<Box<dyn Performer>>,
) -> MatchResult {
    let players = performers.len();
    play(app, start(choice, difficulty, players), &mut performers, 100.0).expect("a result")
}

fn percent(result: &PlayerResult) -> f32 {
    result.percent.expect("a percentage")
}

/// Four players at once: each is scored alone.
fn four(choice: &str, difficulty: Difficulty, performers: Vec<Box<dyn Performer>>) -> Vec<PlayerResult> {
    dance_all(&mut headless_app(), choice, difficulty, performers).players
}

#[test]
fn bundled_dances_tell_good_from_bad() {
    for id in BUNDLED {
        let dance = Arc::new(loaded(id));
        let d = Difficulty::Normal;
        let rest = dance.clip.skeleton.clone();
        let results = four(
            id,
            d,
            vec![
                copies(d, &dance, 0.0, false),
                copies(d, &dance, 0.0, true),
                still(d, &dance, &AvatarPose::rest(&rest)),
                still(d, &dance, &AvatarPose::t_pose(&rest)),
            ],
        );
        let [perfect, mirrored, ease, t_pose] = [0, 1, 2, 3].map(|player| percent(&results[player]));
        let late = four(id, d, vec![copies(d, &dance, 0.15, false), copies(d, &dance, 0.6, false)]);
        let [late, very_late] = [0, 1].map(|player| percent(&late[player]));
        println!(
            "{id}: copied {perfect:.1}, mirrored {mirrored:.1}, at ease {ease:.1}, T-pose {t_pose:.1}, 150 ms late {late:.1}, \
             600 ms late {very_late:.1}"
        );
        assert!(perfect >= 95.0, "{id}: {perfect}");
        assert!((perfect - mirrored).abs() <= 0.5, "{id}: {perfect} {mirrored}");
        assert!(ease <= 10.0 && t_pose <= 10.0, "{id}: {ease} {t_pose}");
        assert!(late >= 80.0 && late < perfect, "{id}: {late}");
        assert!(very_late <= 50.0, "{id}: {very_late}");
        assert_eq!((results[0].stars, results[2].stars), (5, 0), "{id}");
        assert!(results[0].points > 20.0 * results[2].points, "{id}: {results:?}");
        let figure = |result: &PlayerResult, name: &str| {
            result.figures.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        assert_eq!(figure(&results[0], "Miss").as_deref(), Some("0"), "{id}");
        assert_eq!(figure(&results[0], "Timing").as_deref(), Some("on the beat"), "{id}");
        assert!(!results[2].advice.is_empty(), "{id}: whoever stands still is told to follow");
    }
}

#[test]
fn easy_is_slower_and_hard_is_stricter() {
    let dance = Arc::new(loaded("groove"));
    let durations: Vec<f64> = [Difficulty::Easy, Difficulty::Hard]
        .into_iter()
        .map(|d| {
            let result = dance_all(&mut headless_app(), "groove", d, vec![copies(d, &dance, 0.0, false)]);
            assert!(percent(&result.players[0]) >= 95.0, "{d:?}: {result:?}");
            result.duration_s
        })
        .collect();
    let ratio = durations[0] / durations[1];
    assert!((ratio - 1.0 / 0.85).abs() < 0.02, "{ratio}");
    let late = |d| percent(&four("groove", d, vec![copies(d, &dance, 0.15, false)])[0]);
    let (normal, hard) = (late(Difficulty::Normal), late(Difficulty::Hard));
    assert!(hard < normal - 3.0, "{hard} {normal}");
}

#[test]
fn a_latency_that_is_known_costs_nothing_and_the_same_dancer_scores_the_same() {
    let dance = Arc::new(loaded("groove"));
    let d = Difficulty::Normal;
    let delayed = |told_s: f32| {
        let mut shown = copies(d, &dance, 0.25, false);
        let performer: Box<dyn Performer> = Box::new(move |world: &mut World, time_s: f64| {
            shown.perform(world, time_s).map(|input| PlayerInput { latency_s: told_s, ..input })
        });
        performer
    };
    let run = || {
        let result = dance_all(
            &mut headless_app(),
            "groove",
            d,
            vec![copies(d, &dance, 0.0, false), delayed(0.25), delayed(0.0)],
        );
        (result.players.iter().map(percent).collect::<Vec<f32>>(), result)
    };
    let (percents, result) = run();
    println!("no latency {:.1}, 250 ms told {:.1}, 250 ms not told {:.1}", percents[0], percents[1], percents[2]);
    assert!((percents[0] - percents[1]).abs() < 0.5, "{percents:?}");
    assert!(percents[2] < percents[1] - 8.0, "{percents:?}");
    assert_eq!(run().1, result, "the same dancers, the same scores");
}

#[test]
fn the_screen_is_told_while_it_goes() {
    let dance = Arc::new(loaded("sunrise"));
    let d = Difficulty::Easy;
    let (mut app, mut inner) = (headless_app(), still(d, &dance, &AvatarPose::rest(&dance.clip.skeleton)));
    let seen: Arc<std::sync::Mutex<(bool, bool, bool, f64)>> = Arc::default();
    let told = seen.clone();
    let watcher: Box<dyn Performer> = Box::new(move |world: &mut World, time_s: f64| {
        let mut seen = told.lock().expect("nobody panics");
        if let Some(song) = world.get_resource::<Song>() {
            assert!((song.rate - 0.85).abs() < 1e-9 && song.path.ends_with("sunrise.ogg"), "{song:?}");
            assert!(!(song.is_playing && time_s < -0.1), "silent while it counts down");
            seen.0 |= song.is_playing;
        }
        let figures = &world.resource::<Preview>().figures;
        seen.1 |= figures.len() == 3 && figures.windows(2).all(|pair| pair[0].in_s < pair[1].in_s);
        let hud = world.resource::<livedance::app::game::Hud>();
        seen.2 |= hud.hint.contains("coach") || hud.hint.contains("Watch");
        seen.3 = seen.3.max(f64::from(hud.progress.unwrap_or(0.0)));
        inner.perform(world, time_s)
    });
    dance_all(&mut app, "sunrise", d, vec![watcher]);
    let seen = seen.lock().expect("nobody panics");
    assert!(seen.0 && seen.1 && seen.2 && seen.3 > 0.97, "{seen:?}");
    assert!(app.world().get_resource::<Song>().is_none(), "nothing plays after the end");
    assert!(app.world().resource::<Scoreboard>().players[0].points < 1e-9);
}

#[test]
fn what_was_danced_can_be_seen_again_and_saved() {
    let dance = Arc::new(loaded("rush"));
    let d = Difficulty::Normal;
    let mut app = headless_app();
    let mut performers = vec![copies(d, &dance, 0.0, false)];
    // Somebody has had enough after twelve seconds.
    let result = play(&mut app, start("rush", d, 1), &mut performers, 15.0).expect("a result");
    assert!(percent(&result.players[0]) >= 90.0 && result.players[0].stars < 3, "stars are for the whole: {result:?}");
    let performance = app.world().resource::<Performance>().clone();
    let poses = &performance.players[0].poses;
    let length_s = performance.duration_s();
    assert!((11.0..13.0).contains(&length_s), "{length_s}");
    assert!((poses.len() as f64 / length_s - 30.0).abs() < 2.0, "{} in {length_s} s", poses.len());
    let shown = performance.pose(0, 6.0).expect("a pose");
    let coach = performance.coach_pose(6.0, &dance.clip.skeleton).expect("a pose");
    let off = shown.rotations[B::LeftUpperArm as usize].angle_between(coach.rotations[B::LeftUpperArm as usize]);
    assert!(off < 0.2, "player and coach are at the same time: {off}");
    let judged = &performance.players[0].judgements;
    assert!(judged.len() > 10);
    assert_eq!(
        performance.judgement(0, judged[5].time_s + 0.01).map(|(_, found)| found.moment),
        Some(judged[5].moment)
    );

    app.world_mut().write_message(ShowReplay { player: 0 });
    app.update();
    let control = *app.world().resource::<ReplayControl>();
    assert!(control.is_playing && (control.duration_s - length_s).abs() < 1e-9);
    app.world_mut().resource_mut::<ReplayControl>().speed = 0.5;
    let from_s = app.world().resource::<ReplayControl>().time_s;
    for _ in 0..60 {
        app.update();
    }
    let moved_s = app.world().resource::<ReplayControl>().time_s - from_s;
    assert!((moved_s - 0.5).abs() < 0.02, "{moved_s}");

    let folder = tempfile::tempdir().expect("a folder");
    let path = performance.save_in(folder.path(), 0, "now").expect("saved");
    let again = dance_library::read_motion(&path, 0, &rest()).expect("reads").clip;
    assert!((again.duration_s() - length_s).abs() < 0.1);
}

#[test]
fn a_dance_that_is_broken_is_refused_in_words() {
    let refusal = |app: &mut App, choice: &str| {
        let mut performers = vec![still(Difficulty::Normal, &Arc::new(loaded("rush")), &AvatarPose::rest(&rest()))];
        match play(app, start(choice, Difficulty::Normal, 1), &mut performers, 5.0) {
            Err(HeadlessError::Refused { message }) => message,
            other => panic!("{choice}: {other:?}"),
        }
    };
    let mut app = headless_app();
    let message = refusal(&mut app, "flight");
    assert!(message.contains("no dance called flight"), "{message}");
    let folder = tempfile::tempdir().expect("a folder");
    let head = "title = \"A\"\nbpm = 120\nduration_s = 5\nmotion = \"a.bvh\"\n";
    std::fs::write(folder.path().join("odd.dance.toml"), head).expect("writes");
    std::fs::write(folder.path().join("a.bvh"), "HIERARCHY\nnonsense").expect("writes");
    app.insert_resource(Dances(list_in(&assets("dances"), folder.path())));
    let message = refusal(&mut app, "odd");
    assert!(message.contains("a.bvh"), "{message}");
}

#[test]
fn what_was_announced_is_read_aside_and_in_hand_when_the_match_begins() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["groove.dance.toml", "groove.bvh"] {
        std::fs::copy(assets("dances").join(name), folder.path().join(name.replace("groove", "mine"))).expect("copied");
    }
    let file = folder.path().join("mine.dance.toml");
    let text = std::fs::read_to_string(&file).expect("reads").replace("groove.bvh", "mine.bvh");
    std::fs::write(&file, text).expect("writes");
    let list = list_in(Path::new("none"), folder.path());
    assert_eq!(list.problems, [] as [String; 0]);
    let mut app = headless_app();
    app.insert_resource(Dances(list));
    app.world_mut().write_message(PrepareMatch { game: ID, choice: "mine".to_owned() });
    app.world_mut().write_message(start("mine", Difficulty::Normal, 1));
    app.update();
    assert!(app.world().get_resource::<Match>().is_none(), "nothing waits for the disk but the match itself");
    let began = Instant::now();
    while app.world().get_resource::<Match>().is_none() {
        assert!(began.elapsed() < Duration::from_mins(1), "it never began");
        std::thread::sleep(Duration::from_millis(2));
        app.update();
    }
    assert!(app.world().get_resource::<Song>().is_some());

    // Once it was read, a match needs the files no more.
    std::fs::remove_file(folder.path().join("mine.bvh")).expect("removed");
    app.world_mut().write_message(start("mine", Difficulty::Easy, 1));
    app.update();
    assert_eq!(app.world().get_resource::<Match>().map(|current| current.difficulty), Some(Difficulty::Easy));
    assert!(app.world().get_resource::<Performance>().is_some_and(|danced| danced.dance.id == "mine"));
}

#[test]
fn whoever_goes_back_before_it_is_read_does_not_play() {
    let mut app = headless_app();
    app.world_mut().write_message(PrepareMatch { game: ID, choice: "groove".to_owned() });
    app.world_mut().write_message(start("groove", Difficulty::Normal, 1));
    app.update();
    assert!(app.world().get_resource::<Match>().is_none());
    app.world_mut().resource_mut::<NextState<GamePhase>>().set(GamePhase::Setup);
    app.world_mut().run_schedule(StateTransition);
    let began = Instant::now();
    while app.world().resource::<Preparing>().0.is_some() {
        assert!(began.elapsed() < Duration::from_mins(1), "it was never read");
        std::thread::sleep(Duration::from_millis(2));
        app.update();
    }
    for _ in 0..5 {
        app.update();
    }
    assert!(app.world().get_resource::<Match>().is_none(), "they are choosing again");
}

/// What a camera sees of a pose of this skeleton.
pub(crate) fn seen(rest: &RestSkeleton, pose: &AvatarPose, time_s: f64, index: u64) -> TrackedFrame {
    const POINTS: [(L, L, B, Vec3); 12] = [
        (L::LeftEar, L::RightEar, B::Head, Vec3::new(0.078, 0.021, 0.027)),
        (L::LeftEyeOuter, L::RightEyeOuter, B::Head, Vec3::new(0.047, 0.056, 0.115)),
        (L::MouthLeft, L::MouthRight, B::Head, Vec3::new(0.025, -0.029, 0.12)),
        (L::LeftShoulder, L::RightShoulder, B::LeftUpperArm, Vec3::ZERO),
        (L::LeftElbow, L::RightElbow, B::LeftLowerArm, Vec3::ZERO),
        (L::LeftWrist, L::RightWrist, B::LeftHand, Vec3::ZERO),
        (L::LeftIndex, L::RightIndex, B::LeftHand, Vec3::new(0.08, 0.0, 0.035)),
        (L::LeftHip, L::RightHip, B::LeftUpperLeg, Vec3::ZERO),
        (L::LeftKnee, L::RightKnee, B::LeftLowerLeg, Vec3::ZERO),
        (L::LeftAnkle, L::RightAnkle, B::LeftFoot, Vec3::ZERO),
        (L::LeftHeel, L::RightHeel, B::LeftFoot, Vec3::new(0.0, -0.055, -0.05)),
        (L::LeftFootIndex, L::RightFootIndex, B::LeftFoot, Vec3::new(0.0, -0.055, 0.15)),
    ];
    let joints = joint_positions(rest, pose);
    let mut turns = [Quat::IDENTITY; livedance::motion::skeleton::BONE_COUNT];
    for bone in B::ALL {
        let parent = bone.parent().map_or(Quat::IDENTITY, |parent| turns[parent as usize]);
        turns[bone as usize] = parent * pose.rotation(bone);
    }
    let joint = |bone: B| joints[bone as usize].expect("the bundled avatar has it");
    let middle = joint(B::LeftUpperLeg).midpoint(joint(B::RightUpperLeg));
    let mut world = [Landmark { visibility: 1.0, presence: 1.0, position: Vec3::ZERO }; 33];
    let mut put = |landmark: L, bone: B, offset: Vec3| {
        let place = joint(bone) + turns[bone as usize] * offset - middle;
        world[landmark as usize].position = scene_from_world(place);
    };
    put(L::Nose, B::Head, Vec3::new(0.0, 0.001, 0.15));
    for (left, right, bone, offset) in POINTS {
        put(left, bone, offset);
        put(right, bone.opposite(), Vec3::new(-offset.x, offset.y, offset.z));
    }
    for (copy, from) in [
        (L::LeftEye, L::LeftEyeOuter),
        (L::LeftEyeInner, L::LeftEyeOuter),
        (L::RightEye, L::RightEyeOuter),
        (L::RightEyeInner, L::RightEyeOuter),
        (L::LeftPinky, L::LeftIndex),
        (L::LeftThumb, L::LeftIndex),
        (L::RightPinky, L::RightIndex),
        (L::RightThumb, L::RightIndex),
    ] {
        world[copy as usize] = world[from as usize];
    }
    let focal_px = 320.0 / 20.0_f32.to_radians().tan();
    let image = world.map(|landmark| {
        let at = landmark.position + Vec3::Z * 4.0;
        Landmark {
            position: Vec3::new(at.x / at.z * focal_px + 320.0, at.y / at.z * focal_px + 240.0, 0.0),
            ..landmark
        }
    });
    let body =
        BodyPose { id: 7, is_new: index == 0, score: 1.0, image, world, size_px: 400.0, hands: Hands::default() };
    TrackedFrame {
        frame_id: index,
        captured_at: Instant::now(),
        time_s,
        width: 640,
        height: 480,
        people: vec![body],
        loose_hands: Hands::default(),
        timings: Timings::default(),
        picture: Arc::default(),
        continuity: Continuity::Follows,
        measured_hands: None,
    }
}

/// Twenty seconds of somebody who raises one arm and the other on beats of 100 a minute.
fn record(path: &Path) {
    let rest = rest();
    let mut writer =
        TakeWriter::create(path, &TakeHeader { width: 640, height: 480, ..TakeHeader::default() }).expect("begins");
    for index in 0..600_u64 {
        let time_s = index as f64 / 30.0;
        let beat = time_s / 0.6;
        let mut pose = AvatarPose::rest(&rest);
        let raised = |shift: f64| ((beat + shift) * std::f64::consts::PI / 2.0).sin().max(0.0) as f32 * 2.2;
        for (bone, sign, up) in [(B::LeftUpperArm, 1.0, raised(0.0)), (B::RightUpperArm, -1.0, raised(2.0))] {
            pose.rotations[bone as usize] = Quat::from_rotation_z(sign * (up - 0.87 * FRAC_PI_2));
        }
        // Two steps to each side, unevenly, so that no beat is like the one before.
        let sway = ((beat * 0.37).sin() * 0.35) as f32;
        pose.rotations[B::Spine as usize] = Quat::from_rotation_z(sway);
        writer.push_tracked(&seen(&rest, &pose, 3.0 + time_s, index)).expect("writes");
    }
    writer.finish().expect("ends");
}

#[test]
fn any_take_becomes_a_dance() {
    let folder = tempfile::tempdir().expect("a folder");
    let take = folder.path().join("evening.ldt");
    record(&take);
    let own = folder.path().join("dances");
    let beats = DraftBeats::Even(BeatGrid { bpm: 100.0, first_beat_s: 0.6 });
    create_in(&own, &DanceDraft::new("Evening", &take, beats)).expect("made");
    let list = list_in(&assets("dances"), &own);
    assert_eq!(list.problems, [] as [String; 0]);
    let entry = list.get("evening").expect("listed").clone();
    let dance = Arc::new(dance_library::load(&entry, &rest()).expect("loads"));
    assert!((dance.clip.duration_s() - 19.97).abs() < 0.1, "{}", dance.clip.duration_s());

    let d = Difficulty::Normal;
    let mut app = headless_app();
    app.insert_resource(Dances(list));
    let result = dance_all(
        &mut app,
        "evening",
        d,
        vec![copies(d, &dance, 0.0, false), copies(d, &dance, 0.0, true), still(d, &dance, &AvatarPose::rest(&rest()))],
    );
    let percents: Vec<f32> = result.players.iter().map(percent).collect();
    println!("a take: copied {:.1}, mirrored {:.1}, at ease {:.1}", percents[0], percents[1], percents[2]);
    assert!(percents[0] >= 95.0 && (percents[0] - percents[1]).abs() <= 0.5 && percents[2] <= 10.0, "{percents:?}");

    // The one who was filmed can dance it, too: the whole way from landmarks to the score.
    let settings = livedance::settings::Settings::default();
    let player =
        livedance::app::game::headless::RecordedPlayer::open(&take, &settings, (*rest()).clone(), None).expect("opens");
    let own = dance_all(&mut app, "evening", d, vec![Box::new(player)]);
    println!("a take: by the one who was filmed {:.1}", percent(&own.players[0]));
    assert!(percent(&own.players[0]) >= 85.0, "{own:?}");

    let error = dance_library::create_in(
        &folder.path().join("others"),
        &DanceDraft {
            person: 3,
            ..DanceDraft::new("Nobody", &take, DraftBeats::Taps((0..9).map(f64::from).collect()))
        },
    );
    assert!(error.expect_err("nobody").to_string().contains("no person 3"));
}

#[test]
fn a_bundled_motion_and_bundled_music_make_a_dance() {
    let folder = tempfile::tempdir().expect("a folder");
    for (id, bpm) in [("sunrise", 96.0), ("groove", 112.0), ("rush", 128.0)] {
        let music = assets("music").join(format!("{id}.ogg"));
        let samples = decode_audio(&music, || false).expect("ffmpeg decodes");
        let found = find_beats(&samples, AUDIO_RATE_HZ).expect("beats");
        assert!((found.bpm / bpm - 1.0).abs() < 0.01, "{id}: {} of {bpm}", found.bpm);
        let draft = DanceDraft {
            music: Some(music),
            music_length_s: Some(samples.len() as f64 / f64::from(AUDIO_RATE_HZ)),
            ..DanceDraft::new(format!("My {id}"), assets("dances").join(format!("{id}.bvh")), DraftBeats::Found(found))
        };
        create_in(folder.path(), &draft).expect("made");
        let list = list_in(&assets("dances"), folder.path());
        let name = format!("my-{id}");
        let dance = Arc::new(dance_library::load(list.get(&name).expect("listed"), &rest()).expect("loads"));
        let mut app = headless_app();
        app.insert_resource(Dances(list));
        let d = Difficulty::Normal;
        let result = dance_all(&mut app, &name, d, vec![copies(d, &dance, 0.0, false)]);
        println!(
            "{name}: {:.1} beats a minute, copied {:.1}",
            dance.file.bpm.unwrap_or(0.0),
            percent(&result.players[0])
        );
        assert!(percent(&result.players[0]) >= 95.0, "{name}: {result:?}");
    }
}
