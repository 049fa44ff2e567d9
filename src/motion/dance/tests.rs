//! Synthetic dancers: what the scoring promises, on dances made in code.

use std::f32::consts::{FRAC_PI_2, TAU};

use glam::{Quat, Vec3};

use super::*;
use crate::motion::Difficulty;
use crate::motion::clip::MotionClip;
use crate::motion::random::Random;
use crate::motion::retarget::{AvatarPose, smoothstep};
use crate::motion::skeleton::{HumanoidBone as B, RestSkeleton};

fn direction(random: &mut Random) -> Vec3 {
    Vec3::new(random.normal(), random.normal(), random.normal()).try_normalize().unwrap_or(Vec3::X)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Arms,
    Legs,
    Whole,
}

const KINDS: [Kind; 3] = [Kind::Arms, Kind::Legs, Kind::Whole];
const TEMPI: [f64; 4] = [90.0, 105.0, 122.0, 140.0];
const BEATS: usize = 48;
const FPS: f64 = 60.0;

fn ease() -> AvatarPose {
    AvatarPose::rest(&RestSkeleton::default())
}

/// A pose of a choreography: each of eight by its own numbers, none like its mirror image.
fn figure(kind: Kind, index: usize) -> AvatarPose {
    let mut pose = ease();
    let mut random = Random::new(index as u64 + 1);
    let mut turn = |bone: B, rotation: Quat| pose.rotations[bone as usize] = rotation;
    if kind != Kind::Legs {
        for (side, upper, lower) in
            [(1.0, B::LeftUpperArm, B::LeftLowerArm), (-1.0, B::RightUpperArm, B::RightLowerArm)]
        {
            let lift = Quat::from_rotation_z(side * (0.1 + 1.2 * random.signed()));
            turn(upper, Quat::from_rotation_y(-side * (0.4 + 0.5 * random.signed())) * lift);
            turn(lower, Quat::from_rotation_y(-side * (1.0 + 0.9 * random.signed())));
        }
    }
    if kind != Kind::Arms {
        let raises = [[1.2, 0.2, 1.1, 0.8, 0.1, 0.9, 0.9, 1.3], [0.0, 0.9, 1.0, 0.1, 0.9, 0.9, 0.2, 0.0]];
        for (side, raises, upper, lower) in
            [(1.0, raises[0], B::LeftUpperLeg, B::LeftLowerLeg), (-1.0, raises[1], B::RightUpperLeg, B::RightLowerLeg)]
        {
            let raise: f32 = raises[index % 8];
            turn(upper, Quat::from_rotation_z(side * 0.3 * random.signed()) * Quat::from_rotation_x(-raise));
            turn(lower, Quat::from_rotation_x(raise * (1.3 + 0.5 * random.signed())));
        }
    }
    if kind == Kind::Whole {
        turn(B::Hips, Quat::from_rotation_y([0.0, 0.7, 0.0, -0.9, -FRAC_PI_2, 0.0, 1.2, 0.0][index % 8]));
        turn(B::Spine, Quat::from_rotation_x(0.25 * random.signed()) * Quat::from_rotation_z(0.25 * random.signed()));
        turn(B::Head, Quat::from_rotation_y(0.5 * random.signed()));
    }
    pose
}

/// Eight figures, one a beat, the last part of each beat held.
fn dance(kind: Kind, bpm: f64) -> (MotionClip, Vec<f64>) {
    let beat_s = 60.0 / bpm;
    let frames = ((BEATS as f64 + 2.0) * beat_s * FPS) as usize;
    let poses = (0..frames).map(|frame| {
        let beats = frame as f64 / FPS / beat_s;
        let index = beats.floor() as usize;
        // Arrives at the figure on the beat.
        let t = smoothstep(0.15, 1.0, (beats - beats.floor()) as f32);
        figure(kind, index % 8).interpolate(&figure(kind, (index + 1) % 8), t)
    });
    let clip = MotionClip { name: "dance".into(), fps: FPS, skeleton: RestSkeleton::default(), poses: poses.collect() };
    let beats = BeatGrid { bpm, first_beat_s: 0.0 }.beats_s(BEATS as f64 * beat_s);
    (clip, beats)
}

fn track(kind: Kind, bpm: f64) -> (MotionClip, DanceTrack) {
    let (clip, beats) = dance(kind, bpm);
    let track = DanceTrack::new(&clip, &beats, TrackOptions::default()).expect("a dance");
    (clip, track)
}

/// Feeds a player at `fps`; `player` gives pose and confidence at a song time, `None` for a lost frame.
fn score_with(
    track: &DanceTrack,
    options: ScorerOptions,
    fps: f64,
    mut player: impl FnMut(f64) -> Option<(AvatarPose, LimbConfidence)>,
) -> DanceResult {
    let mut scorer = DanceScorer::new(track.clone(), options);
    let mut judged = 0;
    for frame in 0..((track.end_s() + 1.5) * fps) as usize {
        let time_s = frame as f64 / fps + 0.0037;
        if let Some((pose, confidence)) = player(time_s) {
            judged += scorer.push(time_s, &pose, &confidence).len();
        }
    }
    judged += scorer.finish().len();
    let result = scorer.result();
    assert!(judged <= track.moments().len() && scorer.is_finished());
    assert!((0.0..=100.0).contains(&result.percent) && result.stars <= 5);
    assert_eq!(result.perfect + result.good + result.miss + result.unseen, track.moments().len());
    result
}

fn score(track: &DanceTrack, mut player: impl FnMut(f64) -> AvatarPose) -> DanceResult {
    score_with(track, ScorerOptions::default(), 30.0, |time_s| Some((player(time_s), LimbConfidence::default())))
}

fn at(clip: &MotionClip, time_s: f64) -> AvatarPose {
    clip.sample(time_s).expect("has frames")
}

/// Every joint shaken by itself, as a tracker without any filter would.
fn shaken(mut pose: AvatarPose, degrees: f32, random: &mut Random) -> AvatarPose {
    for rotation in &mut pose.rotations {
        *rotation *= Quat::from_axis_angle(direction(random), random.normal() * degrees.to_radians());
    }
    pose
}

fn each(mut test: impl FnMut(Kind, f64, &MotionClip, &DanceTrack)) {
    for kind in KINDS {
        for bpm in TEMPI {
            let (clip, track) = track(kind, bpm);
            assert!(track.moments().len() >= BEATS - 8, "{kind:?} {bpm}: {}", track.moments().len());
            test(kind, bpm, &clip, &track);
        }
    }
}

#[test]
fn a_perfect_player_is_perfect_and_so_is_its_mirror_image() {
    each(|kind, bpm, clip, track| {
        let straight = score(track, |time_s| at(clip, time_s));
        println!(
            "perfect {kind:?} {bpm}: {:.1} of {} moments, {:?}",
            straight.percent, straight.moments, straight.mean_offset_s
        );
        assert!(straight.percent >= 95.0 && straight.stars == 5 && !straight.mirrored);
        assert_eq!((straight.miss, straight.longest_streak), (0, straight.moments));
        assert_eq!(straight.advice, [Advice::WellDone]);
        assert!(straight.mean_offset_s.is_some_and(|offset| offset.abs() < 0.01));
        let mirrored = score(track, |time_s| at(clip, time_s).mirrored());
        assert!(mirrored.mirrored && (mirrored.percent - straight.percent).abs() < 0.5, "{}", mirrored.percent);
    });
}

#[test]
fn a_mirrored_player_scores_as_the_player_it_mirrors() {
    each(|kind, bpm, clip, track| {
        let player = |time_s: f64| {
            let mut random = Random::new(77 + (time_s * 1000.0) as u64);
            let mut pose = shaken(at(clip, time_s - 0.11), 8.0, &mut random);
            pose.rotations[B::LeftLowerArm as usize] = Quat::IDENTITY;
            pose.rotations[B::RightUpperLeg as usize] = Quat::IDENTITY;
            pose
        };
        let (own, mirrored) = (score(track, player), score(track, |time_s| player(time_s).mirrored()));
        assert!(own.mirrored != mirrored.mirrored && (own.percent - mirrored.percent).abs() < 0.5);
        assert_eq!(
            (own.perfect, own.good, own.longest_streak),
            (mirrored.perfect, mirrored.good, mirrored.longest_streak)
        );
        // Limbs are the player's own: what the left one does wrong, the mirror image does with the right one.
        let of = |result: &DanceResult, limb: DanceLimb| {
            result.limbs.iter().find(|score| score.limb == limb).map_or(0.0, |score| score.percent)
        };
        for limb in DanceLimb::ALL {
            assert!((of(&own, limb) - of(&mirrored, limb.opposite())).abs() < 0.5, "{kind:?} {bpm} {}", limb.name());
        }
    });
}

#[test]
fn standing_still_is_no_dance_in_whatever_pose() {
    each(|kind, bpm, clip, track| {
        let mut worst = [0.0_f32; 2];
        let poses = [ease(), AvatarPose::t_pose(&RestSkeleton::default())];
        let own = (0..12).map(|n| at(clip, clip.duration_s() * f64::from(n) / 12.0));
        for (index, pose) in poses.into_iter().chain(own).chain((0..8).map(|n| figure(kind, n))).enumerate() {
            let still = score(track, |_| pose).percent;
            let mut random = Random::new(index as u64 + 5);
            let trembling = score(track, |_| shaken(pose, 5.0, &mut random)).percent;
            worst = [worst[0].max(still), worst[1].max(trembling)];
        }
        println!("still {kind:?} {bpm}: {worst:.1?}");
        assert!(worst[0] <= 10.0 && worst[1] <= 10.0);
    });
}

#[test]
fn flailing_is_no_dance() {
    each(|kind, bpm, _, track| {
        for seed in 1..4 {
            // Smooth: from one random pose to the next, one every 0.3 to 0.7 seconds.
            let mut random = Random::new(seed);
            let (mut from, mut to, mut start, mut length) = (ease(), ease(), 0.0, 0.3);
            let percent = score(track, |time_s| {
                while time_s > start + length {
                    (from, start) = (to, start + length);
                    to = shaken(ease(), 60.0, &mut random);
                    length = 0.5 + 0.2 * f64::from(random.signed());
                }
                from.interpolate(&to, smoothstep(0.0, 1.0, ((time_s - start) / length) as f32))
            })
            .percent;
            println!("flailing {kind:?} {bpm}: {percent:.1}");
            assert!(percent <= 15.0);
        }
    });
}

#[test]
fn late_loses_little_and_very_late_much() {
    each(|kind, bpm, clip, track| {
        let late = |by_s: f64| score(track, |time_s| at(clip, time_s - by_s));
        let [little, early, much] = [0.15, -0.12, 0.6].map(late);
        println!(
            "late {kind:?} {bpm}: {:.1} {:.1} {:.1} {:?}",
            little.percent, early.percent, much.percent, little.mean_offset_s
        );
        assert!((80.0..97.0).contains(&little.percent) && much.percent <= 50.0);
        assert!(little.mean_offset_s.is_some_and(|offset| (offset - 0.15).abs() < 0.02));
        assert!(matches!(little.advice[..], [Advice::Late { .. }]), "{:?}", little.advice);
        assert!(matches!(early.advice[..], [Advice::Early { .. }]), "{:?}", early.advice);
        // A latency that is known costs nothing.
        let options = ScorerOptions { latency_s: 0.15, ..ScorerOptions::default() };
        let known =
            score_with(track, options, 30.0, |time_s| Some((at(clip, time_s - 0.15), LimbConfidence::default())));
        assert!(known.percent >= 98.0 && known.mean_offset_s.is_some_and(|offset| offset.abs() < 0.01));
    });
}

#[test]
fn difficulty_forgives_more_and_less() {
    let (clip, track) = track(Kind::Whole, 105.0);
    let percent = |difficulty| {
        let mut random = Random::new(3);
        let options = ScorerOptions { difficulty, ..ScorerOptions::default() };
        score_with(&track, options, 30.0, |time_s| {
            Some((shaken(at(&clip, time_s - 0.12), 12.0, &mut random), LimbConfidence::default()))
        })
        .percent
    };
    let [easy, normal, hard] = Difficulty::ALL.map(percent);
    assert!(easy > normal + 3.0 && normal > hard + 3.0, "{easy} {normal} {hard}");
}

#[test]
fn noise_slow_cameras_and_lost_frames_cost_little() {
    each(|kind, bpm, clip, track| {
        let all = LimbConfidence::default();
        let mut random = Random::new(11);
        let noisy = score(track, |time_s| shaken(at(clip, time_s), 5.0, &mut random)).percent;
        let slow = score_with(track, ScorerOptions::default(), 15.0, |time_s| Some((at(clip, time_s), all))).percent;
        let mut lost = Random::new(5);
        let holes = score_with(track, ScorerOptions::default(), 30.0, |time_s| {
            (lost.signed() > -0.4).then(|| (at(clip, time_s), all))
        });
        let mut broken = Random::new(9);
        let nan = score(track, |time_s| {
            let mut pose = at(clip, time_s);
            let dice = broken.signed();
            if dice > 0.8 {
                pose.rotations = [Quat::NAN; crate::motion::skeleton::BONE_COUNT];
            } else if dice > 0.6 {
                pose.rotations[B::LeftUpperArm as usize] = Quat::from_xyzw(0.0, f32::INFINITY, 0.0, 1.0);
            }
            pose
        });
        println!(
            "noise {kind:?} {bpm}: {noisy:.1}; 15 fps {slow:.1}; lost {:.1}; NaN {:.1}",
            holes.percent, nan.percent
        );
        assert!(noisy >= 85.0 && slow >= 92.0 && holes.percent >= 92.0 && nan.percent >= 92.0);
        assert_eq!(holes.unseen, 0);
    });
}

#[test]
fn an_arm_out_of_sight_does_not_count_and_a_body_out_of_sight_is_not_judged() {
    each(|kind, bpm, clip, track| {
        let mut confidence = LimbConfidence::default();
        confidence.0[DanceLimb::LeftUpperArm as usize] = 0.1;
        confidence.0[DanceLimb::LeftForearm as usize] = f32::NAN;
        let hidden = score_with(track, ScorerOptions::default(), 30.0, |time_s| {
            let mut pose = at(clip, time_s);
            pose.rotations[B::LeftUpperArm as usize] = Quat::IDENTITY;
            Some((pose, confidence))
        });
        assert!(hidden.percent >= 95.0 && hidden.unseen * 4 <= hidden.moments, "{kind:?} {bpm}: {hidden:?}");
        assert!(hidden.limbs.iter().all(|score| score.limb.name() != "left forearm"));
        let none = LimbConfidence([0.2; DANCE_LIMB_COUNT]);
        let half_s = track.end_s() / 2.0;
        let away = score_with(track, ScorerOptions::default(), 30.0, |time_s| {
            Some((at(clip, time_s), if time_s > half_s { none } else { LimbConfidence::default() }))
        });
        assert!(away.percent >= 95.0 && away.unseen * 3 > away.moments, "{kind:?} {bpm}: {away:?}");
        assert!(matches!(away.advice[0], Advice::Unseen { .. }));
        let never = score_with(track, ScorerOptions::default(), 30.0, |time_s| Some((at(clip, time_s), none)));
        assert_eq!((never.percent, never.unseen, never.limbs.len()), (0.0, never.moments, 0));
    });
}

#[test]
fn who_dances_with_the_arms_alone_hears_about_the_legs() {
    for bpm in TEMPI {
        let (clip, track) = track(Kind::Whole, bpm);
        let arms = score(&track, |time_s| {
            let mut pose = at(&clip, time_s);
            for bone in [B::LeftUpperLeg, B::LeftLowerLeg, B::RightUpperLeg, B::RightLowerLeg] {
                pose.rotations[bone as usize] = Quat::IDENTITY;
            }
            pose
        });
        println!("arms alone {bpm}: {:.1} {:?} {:?}", arms.percent, arms.advice, arms.limbs);
        assert!(arms.percent > 30.0 && arms.percent < 85.0);
        assert!(matches!(arms.advice[0], Advice::Group { group: LimbGroup::Legs, .. }), "{:?}", arms.advice);
        assert!(arms.advice[0].words().contains("legs"));
        assert!(matches!(arms.advice[1], Advice::Limb { limb, .. } if limb.group() == LimbGroup::Legs));
    }
}

#[test]
fn live_judgements_come_in_order_soon_and_in_the_way_that_counts() {
    let (clip, track) = track(Kind::Whole, 122.0);
    let mut scorer = DanceScorer::new(track, ScorerOptions::default());
    assert!(scorer.delay_s() < 0.6 && scorer.percent() == 0.0 && scorer.result().percent == 0.0);
    let mut seen = Vec::new();
    for frame in 0..((scorer.track().end_s() + 1.0) * 30.0) as usize {
        let time_s = frame as f64 / 30.0;
        for judgement in scorer.push(time_s, &at(&clip, time_s).mirrored(), &LimbConfidence::default()) {
            assert!(time_s - judgement.time_s <= scorer.delay_s() + 0.04);
            assert!(judgement.mirrored && judgement.grade == Grade::Perfect, "{judgement:?}");
            seen.push(judgement.moment);
        }
        // Time that stands still, runs back or is none changes nothing.
        for wrong in [time_s, time_s - 1.0, f64::NAN, f64::NEG_INFINITY] {
            assert!(scorer.push(wrong, &ease(), &LimbConfidence::default()).is_empty());
        }
    }
    assert_eq!(seen, (0..scorer.track().moments().len()).collect::<Vec<_>>());
    assert_eq!((scorer.streak(), scorer.percent()), (seen.len(), scorer.result().percent));
}

#[test]
fn the_same_input_gives_the_same_score_bit_for_bit() {
    let run = || {
        let (clip, track) = track(Kind::Whole, 122.0);
        let mut random = Random::new(4);
        score(&track, |time_s| shaken(at(&clip, time_s), 9.0, &mut random))
    };
    let (first, second) = (run(), run());
    assert_eq!(first.percent.to_bits(), second.percent.to_bits());
    assert_eq!(first, second);
}

#[test]
fn speed_start_and_front_move_the_dance_and_not_the_score() {
    let (clip, beats) = dance(Kind::Whole, 122.0);
    let normal = DanceTrack::new(&clip, &beats, TrackOptions::default()).expect("a dance");
    // The whole clip turned and begun late in the file.
    let mut turned = clip.clone();
    turned.poses.splice(0..0, vec![ease(); 90]);
    for pose in &mut turned.poses {
        let hips = &mut pose.rotations[B::Hips as usize];
        *hips = Quat::from_rotation_y(2.0) * *hips;
    }
    for speed in [0.5, 0.75, 1.0, 1.2] {
        let options = TrackOptions { speed, motion_start_s: 1.5, ..TrackOptions::default() };
        let track = DanceTrack::new(&turned, &beats, options).expect("a dance");
        assert!((track.front_rad() - 2.0 - normal.front_rad()).abs() < 1e-3, "{}", track.front_rad());
        assert!((track.end_s() - normal.end_s() / speed).abs() < 0.4 / speed);
        assert!((track.motion_time_s(track.song_time_s(4.0)) - 5.5).abs() < 1e-9);
        let player = score(&track, |time_s| {
            let mut pose = at(&turned, track.motion_time_s(time_s));
            let hips = &mut pose.rotations[B::Hips as usize];
            *hips = Quat::from_rotation_y(-track.front_rad()) * *hips;
            pose
        });
        assert!(player.percent >= 95.0, "{speed}: {}", player.percent);
    }
}

#[test]
fn half_beats_and_quiet_ones() {
    // An arm that goes up and down again within each beat, then nothing for as long.
    let beat_s = 0.6;
    let poses = (0..1200).map(|frame| {
        let time_s = f64::from(frame) / FPS;
        let mut pose = ease();
        let phase = (time_s / beat_s * f64::from(TAU)) as f32;
        let lift = if time_s < 10.0 { 1.2 - 1.2 * phase.cos() } else { 0.0 };
        pose.rotations[B::LeftUpperArm as usize] = Quat::from_rotation_z(lift - 1.28);
        pose
    });
    let clip = MotionClip { name: String::new(), fps: FPS, skeleton: RestSkeleton::default(), poses: poses.collect() };
    let beats = BeatGrid { bpm: 100.0, first_beat_s: 0.0 }.beats_s(19.0);
    let track = DanceTrack::new(&clip, &beats, TrackOptions::default()).expect("a dance");
    assert!(track.moments().iter().any(|moment| moment.half_beat));
    assert!(track.moments().iter().all(|moment| moment.time_s < 10.5), "nothing moves later");
    let arm = |moment: &Moment| moment.limb_weights[DanceLimb::LeftUpperArm as usize];
    let leg = |moment: &Moment| moment.limb_weights[DanceLimb::LeftShin as usize];
    assert!(track.moments().iter().filter(|moment| moment.weight > 0.9).all(|moment| arm(moment) > 5.0 * leg(moment)));
    let plain = DanceTrack::new(&clip, &beats, TrackOptions { half_beats: false, ..TrackOptions::default() });
    assert!(plain.expect("a dance").moments().iter().all(|moment| !moment.half_beat));
    assert!(score(&track, |time_s| at(&clip, time_s)).percent >= 95.0);
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let (clip, beats) = dance(Kind::Arms, 120.0);
    let default = TrackOptions::default();
    let refused =
        |clip: &MotionClip, beats: &[f64], options| DanceTrack::new(clip, beats, options).expect_err("refused");
    let empty = MotionClip { poses: Vec::new(), ..clip.clone() };
    assert_eq!(refused(&empty, &beats, default), TrackError::NoMotion);
    assert_eq!(refused(&MotionClip { fps: f64::NAN, ..clip.clone() }, &beats, default), TrackError::NoMotion);
    assert_eq!(refused(&clip, &[], default), TrackError::NoBeats);
    assert_eq!(refused(&clip, &[1e9], default), TrackError::NoBeats);
    assert_eq!(refused(&clip, &[0.0, 1.0, 1.0], default), TrackError::Beats { index: 2 });
    assert_eq!(refused(&clip, &[f64::NAN], default), TrackError::Beats { index: 0 });
    assert_eq!(refused(&clip, &vec![0.0; 30_000], default), TrackError::TooManyBeats { count: 30_000 });
    assert_eq!(refused(&clip, &beats, TrackOptions { speed: 0.0, ..default }), TrackError::Speed { speed: 0.0 });
    assert_eq!(refused(&clip, &beats, TrackOptions { motion_start_s: f64::NAN, ..default }), TrackError::Start);
    let still = MotionClip { poses: vec![ease(); 600], ..clip.clone() };
    assert_eq!(refused(&still, &beats, default), TrackError::Still);
    let mut broken = still;
    broken.poses.iter_mut().for_each(|pose| pose.rotations = [Quat::NAN; crate::motion::skeleton::BONE_COUNT]);
    assert_eq!(refused(&broken, &beats, default), TrackError::Still);
}
