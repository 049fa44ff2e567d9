//! What was danced, kept for afterwards: beside the coach at any speed, or as a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;

use super::words;
use crate::app::game::{GamePhase, PlayerBody};
use crate::dance_library::LoadedDance;
use crate::formats::bvh;
use crate::motion::clip::MotionClip;
use crate::motion::dance::{DanceTrack, Grade, Judgement};
use crate::motion::retarget::AvatarPose;
use crate::motion::skeleton::RestSkeleton;

/// Poses that are kept a second.
pub const KEPT_HZ: f64 = 30.0;
/// Most poses of one player: twenty minutes.
const MAX_KEPT: usize = 36_000;
/// How long a judgement is shown in a replay, seconds of song time.
const JUDGEMENT_S: f64 = 0.7;

pub(super) fn plugin(app: &mut App) {
    app.add_message::<ShowReplay>()
        .add_message::<HideReplay>()
        .add_systems(Update, (show_and_hide, advance.run_if(resource_exists::<ReplayControl>)).chain())
        .add_systems(OnExit(GamePhase::Results), |mut commands: Commands| commands.remove_resource::<ReplayControl>());
}

/// What was danced in the newest match. It stays until the next one begins.
#[derive(Resource, Debug, Clone)]
pub struct Performance {
    /// The dance.
    pub dance: Arc<LoadedDance>,
    /// What players were scored against; it knows the speed.
    pub track: DanceTrack,
    /// By player.
    pub players: Vec<Performed>,
}

/// What one player danced.
#[derive(Debug, Clone, Default)]
pub struct Performed {
    /// The T-pose of the avatar that showed it; `None` before anything was danced.
    pub rest: Option<Arc<RestSkeleton>>,
    /// Poses with rising song times, seconds; about [`KEPT_HZ`] a second.
    pub poses: Vec<(f64, AvatarPose)>,
    /// How the moments went, in their order.
    pub judgements: Vec<Judgement>,
}

impl Performance {
    pub(super) fn new(dance: Arc<LoadedDance>, track: DanceTrack, players: usize) -> Self {
        Self { dance, track, players: vec![Performed::default(); players] }
    }

    /// Keeps a pose, unless it comes too soon after the last one.
    pub(super) fn keep(&mut self, player: usize, time_s: f64, body: &PlayerBody) {
        let Some(own) = self.players.get_mut(player) else { return };
        // Half a step early is still its turn, or thirty a second out of sixty would become twenty.
        let is_due = own.poses.last().is_none_or(|(last_s, _)| time_s - last_s >= 0.75 / KEPT_HZ);
        if is_due && own.poses.len() < MAX_KEPT {
            own.rest = Some(body.rest.clone());
            own.poses.push((time_s, body.pose));
        }
    }

    pub(super) fn judge(&mut self, player: usize, judgement: Judgement) {
        if let Some(own) = self.players.get_mut(player) {
            own.judgements.push(judgement);
        }
    }

    /// How long it is, seconds of song time: to the end of the dance, or of what was danced where that ended early.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        let danced_s = self.players.iter().filter_map(|own| own.poses.last()).map(|(time_s, _)| *time_s);
        danced_s.fold(0.0, f64::max).min(self.track.song_time_s(self.dance.file.duration_s))
    }

    /// What a player showed at a song time; the first or last pose outside; `None` for who danced nothing.
    #[must_use]
    pub fn pose(&self, player: usize, time_s: f64) -> Option<AvatarPose> {
        let poses = &self.players.get(player)?.poses;
        let next = poses.partition_point(|(at_s, _)| *at_s <= time_s);
        let Some((before_s, before)) = next.checked_sub(1).map(|index| poses[index]) else {
            return poses.first().map(|(_, pose)| *pose);
        };
        let Some((after_s, after)) = poses.get(next) else { return Some(before) };
        Some(before.interpolate(after, ((time_s - before_s) / (after_s - before_s)) as f32))
    }

    /// What the coach showed at a song time.
    #[must_use]
    pub fn coach_pose(&self, time_s: f64, rest: &RestSkeleton) -> Option<AvatarPose> {
        self.dance.clip.sample_onto(self.track.motion_time_s(time_s), rest)
    }

    /// The judgement that is shown at a song time, with its words; `None` between two.
    #[must_use]
    pub fn judgement(&self, player: usize, time_s: f64) -> Option<(&'static str, &Judgement)> {
        let judgements = &self.players.get(player)?.judgements;
        let next = judgements.partition_point(|judgement| judgement.time_s <= time_s);
        let newest = &judgements[next.checked_sub(1)?];
        (time_s - newest.time_s <= JUDGEMENT_S).then(|| (words::verdict(newest.grade).0, newest))
    }

    /// The moments that were missed, seconds of song time: marks for a time line.
    #[must_use]
    pub fn misses_s(&self, player: usize) -> Vec<f64> {
        let judgements = self.players.get(player).map_or(&[][..], |own| &own.judgements);
        judgements.iter().filter(|judgement| judgement.grade == Grade::Miss).map(|judgement| judgement.time_s).collect()
    }

    /// What a player danced as a clip at [`KEPT_HZ`], from the beginning of the song; `None` for who danced nothing.
    #[must_use]
    pub fn clip(&self, player: usize) -> Option<MotionClip> {
        let rest = self.players.get(player)?.rest.as_deref()?;
        let frames = (self.duration_s() * KEPT_HZ).floor() as usize + 1;
        let poses: Option<Vec<AvatarPose>> =
            (0..frames).map(|frame| self.pose(player, frame as f64 / KEPT_HZ)).collect();
        let name = format!("{}-player{}", self.dance.id, player + 1);
        Some(MotionClip { name, fps: KEPT_HZ, skeleton: rest.clone(), poses: poses? })
    }

    /// Writes what a player danced as a BVH file into this folder, with `stamp` in its name, and returns where it lies.
    ///
    /// # Errors
    /// Why not, as one sentence.
    pub fn save_in(&self, folder: &Path, player: usize, stamp: &str) -> Result<PathBuf, String> {
        let clip = self.clip(player).ok_or("nothing was danced that could be saved")?;
        let path = folder.join(format!("{}-{stamp}.bvh", clip.name));
        let failed = |error: &dyn std::fmt::Display| format!("{} cannot be written: {error}", path.display());
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let mut bytes = Vec::new();
        bvh::write(&clip, &bvh::WriteOptions::default(), &mut bytes).map_err(|error| failed(&error))?;
        std::fs::write(&path, bytes).map_err(|error| failed(&error))?;
        Ok(path)
    }
}

/// Shows what a player danced beside the coach, from the beginning. Heard while the results are shown.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShowReplay {
    /// Whose.
    pub player: usize,
}

/// Shows the players themselves again.
#[derive(Message, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HideReplay;

/// The replay that is shown; none while none is. Whoever shows it writes to it, as by buttons and a slider.
#[derive(Resource, Debug, Clone, Copy, PartialEq)]
pub struct ReplayControl {
    /// Whose.
    pub player: usize,
    /// Whether it runs.
    pub is_playing: bool,
    /// Where it is, seconds of song time, 0 to `duration_s`.
    pub time_s: f64,
    /// How fast it runs: 1 as it was danced, 0.5 half of that.
    pub speed: f64,
    /// How long it is, seconds of song time.
    pub duration_s: f64,
}

fn show_and_hide(
    mut commands: Commands,
    mut shown: MessageReader<ShowReplay>,
    mut hidden: MessageReader<HideReplay>,
    phase: Option<Res<State<GamePhase>>>,
    performance: Option<Res<Performance>>,
) {
    if hidden.read().last().is_some() {
        commands.remove_resource::<ReplayControl>();
    }
    let Some(ShowReplay { player }) = shown.read().last().copied() else { return };
    let is_after = phase.is_some_and(|phase| *phase.get() == GamePhase::Results);
    let Some(performance) = performance.filter(|_| is_after) else { return };
    if performance.players.get(player).is_some_and(|own| !own.poses.is_empty()) {
        let duration_s = performance.duration_s();
        commands.insert_resource(ReplayControl { player, is_playing: true, time_s: 0.0, speed: 1.0, duration_s });
    }
}

/// Moves a replay on; at its end it stands.
fn advance(time: Res<Time>, mut control: ResMut<ReplayControl>) {
    if !control.is_playing {
        return;
    }
    let speed = if control.speed.is_finite() { control.speed.clamp(0.0, 4.0) } else { 1.0 };
    let time_s = control.time_s + time.delta_secs_f64() * speed;
    control.time_s = time_s.clamp(0.0, control.duration_s);
    if time_s >= control.duration_s {
        control.is_playing = false;
    }
}
