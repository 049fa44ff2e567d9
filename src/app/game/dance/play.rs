//! The rules: poses to scorers, judgements to the screen.

use std::sync::Arc;

use bevy::prelude::*;

use super::replay::Performance;
use super::shelf::Shelf;
use super::song::{BeatPhase, STARTS_AT_S, Song, SongClock, phase};
use super::stick_figure::StickFigure;
use super::words;
use crate::app::game::round::Refusal;
use crate::app::game::{
    Cue, GamePhase, Hud, InMatch, Look, Match, MatchOver, PlayerBody, PlayerResult, Scoreboard, Shape, Sound, Tint,
};
use crate::dance_library::LoadedDance;
use crate::motion::Difficulty;
use crate::motion::dance::{
    DANCE_LIMB_COUNT, DanceLimb, DanceScorer, DanceTrack, Grade, Judgement, LimbConfidence, ScorerOptions,
};
use crate::motion::retarget::AvatarPose;
use crate::settings::MAX_PLAYERS;

/// Points for a moment that is danced as the coach does it.
const FULL_POINTS: f64 = 100.0;
/// Misses in a row after which a hint is given, and how long it stands, seconds.
const MISSES_TO_HINT: u32 = 3;
const HINT_S: f64 = 3.0;
/// A pose that does not change is fed again after so many seconds: whoever stands still is seen, too.
const STILL_S: f64 = 0.045;
/// A pose cannot be older than this, seconds.
const OLDEST_S: f64 = 1.5;
/// After the end the last moments are waited for at most so long, seconds.
const LAST_WAIT_S: f64 = 2.0;
/// Share of a dance's moments that has to be danced for all its stars.
const ENOUGH: f64 = 0.8;

/// The dance that is danced.
#[derive(Resource, Debug)]
pub struct Dancing {
    /// The dance.
    pub dance: Arc<LoadedDance>,
    /// What players are scored against.
    pub track: DanceTrack,
    /// What the song is at in this step, seconds of song time: the dance's own time over the speed.
    pub song_s: f64,
    /// Beats in song time, seconds.
    pub beats_s: Vec<f64>,
    /// The poses of the beats in song time.
    pub(super) figures: Vec<(f64, StickFigure)>,
    dancers: Vec<Dancer>,
    is_over: bool,
}

impl Dancing {
    /// How long the dance is, seconds of song time.
    #[must_use]
    pub fn length_s(&self) -> f64 {
        self.track.song_time_s(self.dance.file.duration_s)
    }

    /// How many dance.
    #[must_use]
    pub const fn players(&self) -> usize {
        self.dancers.len()
    }
}

#[derive(Debug)]
struct Dancer {
    scorer: DanceScorer,
    /// Song time of the newest pose that was fed, and that pose.
    fed: Option<(f64, AvatarPose)>,
    /// Whether that pose showed the player as in a mirror.
    is_mirrored: bool,
    misses: u32,
    worst: [u32; DANCE_LIMB_COUNT],
    hint: Option<(String, f64)>,
}

/// How fast a dance is played, as a share of its own speed.
const fn speed(difficulty: Difficulty) -> f64 {
    match difficulty {
        Difficulty::Easy => 0.85,
        Difficulty::Normal | Difficulty::Hard => 1.0,
    }
}

/// Makes everything ready for the dance that was chosen, which was read before.
pub(super) fn begin(
    mut commands: Commands,
    shelf: Res<Shelf>,
    current: Res<Match>,
    mut clock: ResMut<SongClock>,
    mut hud: ResMut<Hud>,
) {
    let speed = speed(current.difficulty);
    let found = shelf.get(&current.choice).cloned();
    let ready = found.unwrap_or_else(|| Err(format!("the dance {} was not read", current.choice))).and_then(|dance| {
        let track = dance.track(speed).map_err(|error| format!("{}: {error}", dance.file.title))?;
        Ok((dance, track))
    });
    let (dance, track) = match ready {
        Ok(ready) => ready,
        Err(message) => {
            commands.insert_resource(Refusal(message));
            return;
        }
    };
    let options = ScorerOptions { difficulty: current.difficulty, ..ScorerOptions::default() };
    let dancer = |_| Dancer {
        scorer: DanceScorer::new(track.clone(), options),
        fed: None,
        is_mirrored: true,
        misses: 0,
        worst: [0; DANCE_LIMB_COUNT],
        hint: None,
    };
    let players = current.players.min(MAX_PLAYERS as usize);
    let beats_s: Vec<f64> = dance.beats_s.iter().map(|beat| track.song_time_s(*beat)).collect();
    let figure = |beat_s: &f64| {
        let pose = dance.clip.sample(track.motion_time_s(*beat_s))?;
        Some((*beat_s, StickFigure::new(&dance.clip.skeleton, &pose, -track.front_rad())))
    };
    let figures = beats_s.iter().filter_map(figure).collect();
    hud.announce(0.0, dance.file.title.clone());
    clock.offset_s = 0.0;
    if let Some(path) = dance.music.clone() {
        commands.insert_resource(Song { path, rate: speed, starts_at_clock_s: STARTS_AT_S, is_playing: false });
    } else {
        commands.remove_resource::<Song>();
    }
    commands.insert_resource(Performance::new(dance.clone(), track.clone(), players));
    commands.insert_resource(Dancing {
        dancers: (0..players).map(dancer).collect(),
        dance,
        track,
        song_s: f64::NEG_INFINITY,
        beats_s,
        figures,
        is_over: false,
    });
    spawn_floor(&mut commands);
}

/// A ring on the floor that pulses on beats.
#[derive(Component, Debug, Clone, Copy)]
pub struct BeatRing;

/// Around where players stand.
const RING_M: f32 = 0.58;

fn spawn_floor(commands: &mut Commands) {
    let flat = Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2);
    commands.spawn((
        Name::new("Beat"),
        InMatch,
        BeatRing,
        Look { shape: Shape::Ring(RING_M), tint: Tint::Gold, glows: true },
        Transform::from_xyz(0.0, 0.012, 0.0).with_rotation(flat).with_scale(Vec3::new(1.0, 1.0, 0.15)),
        Visibility::default(),
    ));
}

/// What the song is at in this step.
pub(super) fn keep_time(
    current: Res<Match>,
    clock: Res<SongClock>,
    dancing: Option<ResMut<Dancing>>,
    mut beat: ResMut<BeatPhase>,
) {
    let Some(mut dancing) = dancing else { return };
    dancing.song_s = clock.song_time_s(current.clock_s);
    beat.0 = phase(&dancing.beats_s, dancing.song_s);
}

/// Says whether the music is to be heard now.
pub(super) fn keep_song(phase: Res<State<GamePhase>>, current: Option<Res<Match>>, mut song: ResMut<Song>) {
    let is_running = current.is_some_and(|current| !current.is_waiting() && !current.is_ending);
    let is_playing = is_running && *phase.get() == GamePhase::Playing;
    if song.is_playing != is_playing {
        song.is_playing = is_playing;
    }
}

/// How sure each limb of the shown avatar is: a mirror exchanges the person's sides.
fn confidence(body: &PlayerBody) -> LimbConfidence {
    let Some(person) = &body.person else { return LimbConfidence::default() };
    let own = LimbConfidence::of_landmarks(&person.world);
    LimbConfidence(DanceLimb::ALL.map(|limb| own.get(words::own_limb(limb, body.is_mirrored))))
}

/// New poses go to the scorers, each with the song time at which it was danced; what they say is shown.
pub(super) fn follow(
    current: Res<Match>,
    dancing: Option<ResMut<Dancing>>,
    mut performance: ResMut<Performance>,
    bodies: Query<&PlayerBody>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
    mut cues: MessageWriter<Cue>,
) {
    let Some(mut dancing) = dancing else { return };
    let song_s = dancing.song_s;
    for (player, dancer) in dancing.dancers.iter_mut().enumerate() {
        let Some(body) = bodies.iter().find(|body| body.player == player && body.lost_s <= 0.0) else { continue };
        // The pose was danced when the camera saw it.
        let time_s = song_s - f64::from(body.latency_s).clamp(0.0, OLDEST_S);
        let is_known = dancer
            .fed
            .is_some_and(|(fed_s, pose)| time_s <= fed_s + 1e-3 || (pose == body.pose && time_s < fed_s + STILL_S));
        if is_known {
            continue;
        }
        (dancer.fed, dancer.is_mirrored) = (Some((time_s, body.pose)), body.is_mirrored);
        performance.keep(player, time_s, body);
        for judgement in dancer.scorer.push(time_s, &body.pose, &confidence(body)) {
            performance.judge(player, judgement);
            dancer.take(judgement, current.clock_s);
            show(judgement, player, current.clock_s, &mut scores, &mut hud, &mut cues);
        }
    }
}

fn show(
    judgement: Judgement,
    player: usize,
    clock_s: f64,
    scores: &mut Scoreboard,
    hud: &mut Hud,
    cues: &mut MessageWriter<Cue>,
) {
    let (words, worth) = words::verdict(judgement.grade);
    hud.judge(clock_s, player, words, worth);
    let score = &mut scores.players[player];
    if judgement.grade == Grade::Miss {
        score.fail();
    } else {
        score.succeed((FULL_POINTS * f64::from(judgement.score)).round());
    }
    // Softly: the music says when.
    cues.write(match judgement.grade {
        Grade::Perfect => Cue { sound: Sound::Perfect, loudness: 0.35 },
        Grade::Good => Cue { sound: Sound::Good, loudness: 0.3 },
        Grade::Miss => Cue { sound: Sound::Miss, loudness: 0.2 },
    });
}

impl Dancer {
    /// Counts misses; after some in a row it is said what was missed most.
    fn take(&mut self, judgement: Judgement, clock_s: f64) {
        if judgement.grade != Grade::Miss {
            (self.misses, self.worst) = (0, [0; DANCE_LIMB_COUNT]);
            return;
        }
        self.misses += 1;
        if let Some(limb) = judgement.worst_limb {
            self.worst[limb as usize] += 1;
        }
        if self.misses < MISSES_TO_HINT {
            return;
        }
        let most = DanceLimb::ALL.into_iter().max_by_key(|limb| self.worst[*limb as usize]);
        let most = most.filter(|limb| self.worst[*limb as usize] * 2 > self.misses);
        self.hint = Some((words::hint(most.map(|limb| words::own_limb(limb, self.is_mirrored))), clock_s));
        (self.misses, self.worst) = (0, [0; DANCE_LIMB_COUNT]);
    }
}

/// What is shown: how far the song is, how well it goes, the newest hint.
pub(super) fn tell(
    current: Res<Match>,
    dancing: Option<Res<Dancing>>,
    mut scores: ResMut<Scoreboard>,
    mut hud: ResMut<Hud>,
) {
    let Some(dancing) = dancing else { return };
    let length_s = dancing.length_s();
    hud.progress = Some((dancing.song_s / length_s).clamp(0.0, 1.0) as f32);
    hud.left_s = Some((length_s - dancing.song_s).max(0.0) as f32);
    for (player, dancer) in dancing.dancers.iter().enumerate() {
        let line = if dancer.scorer.has_scored() || dancer.scorer.streak() > 0 {
            format!("{:.0} %", dancer.scorer.percent())
        } else {
            String::new()
        };
        let score = &mut scores.players[player];
        if score.line != line {
            score.line = line;
        }
    }
    let hints = dancing.dancers.iter().enumerate().filter_map(|(player, dancer)| Some((player, dancer.hint.as_ref()?)));
    let newest = hints.max_by(|a, b| a.1.1.total_cmp(&b.1.1));
    let hint =
        newest.filter(|(_, (_, at_s))| current.clock_s - at_s < HINT_S).map_or_else(String::new, |(player, hint)| {
            // With several it has to be said who is meant.
            if dancing.dancers.len() > 1 { format!("Player {}: {}", player + 1, hint.0) } else { hint.0.clone() }
        });
    if hud.hint != hint {
        hud.hint = hint;
    }
}

/// When the song is over and its last moments are judged, or somebody has had enough.
pub(super) fn finish(
    current: Res<Match>,
    dancing: Option<ResMut<Dancing>>,
    mut performance: ResMut<Performance>,
    scores: Res<Scoreboard>,
    mut over: MessageWriter<MatchOver>,
) {
    let Some(mut dancing) = dancing else { return };
    let end_s = dancing.length_s().max(dancing.track.end_s());
    let is_judged = dancing.dancers.iter().all(|dancer| dancer.scorer.is_finished());
    let is_through = dancing.song_s >= end_s && (is_judged || dancing.song_s >= end_s + LAST_WAIT_S);
    if dancing.is_over || !(is_through || current.is_ending) {
        return;
    }
    dancing.is_over = true;
    let mut players = Vec::new();
    for (player, dancer) in dancing.dancers.iter_mut().enumerate() {
        for judgement in dancer.scorer.finish() {
            performance.judge(player, judgement);
        }
        players.push(result(&dancer.scorer, scores.players[player].points, dancer.is_mirrored));
    }
    over.write(MatchOver { players });
}

fn result(scorer: &DanceScorer, points: f64, is_mirror: bool) -> PlayerResult {
    let result = scorer.result();
    let judged = result.perfect + result.good + result.miss;
    let danced = judged as f64 / (ENOUGH * result.moments.max(1) as f64);
    let count = |count: usize| count.to_string();
    let mut figures = vec![
        ("Perfect".to_owned(), count(result.perfect)),
        ("Good".to_owned(), count(result.good)),
        ("Miss".to_owned(), count(result.miss)),
        ("Longest row".to_owned(), count(result.longest_streak)),
    ];
    if judged < result.moments {
        figures.push(("Danced".to_owned(), format!("{judged} of {} moments", result.moments)));
    }
    if let Some(offset_s) = result.mean_offset_s {
        let timing = match (offset_s * 1000.0).round() {
            ms if ms >= 10.0 => format!("{ms:.0} ms late"),
            ms if ms <= -10.0 => format!("{:.0} ms early", -ms),
            _ => "on the beat".to_owned(),
        };
        figures.push(("Timing".to_owned(), timing));
    }
    PlayerResult {
        points,
        percent: Some(result.percent),
        // Stars are for the whole dance.
        stars: (f64::from(result.stars) * danced.min(1.0)).floor() as u32,
        figures,
        advice: result.advice.iter().map(|advice| words::advice(advice, is_mirror)).collect(),
    }
}

/// The match is over: nothing plays any more. What was danced is kept for the replay.
pub(super) fn end(mut commands: Commands) {
    commands.remove_resource::<Dancing>();
    commands.remove_resource::<Song>();
}
