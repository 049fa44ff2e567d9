//! From the slot to the pose of this frame: collect, smooth, retarget, interpolate.

use std::time::Instant;

use bevy::prelude::*;

use super::avatar::animator::PoseAnimator;
use super::avatar::{Animator, Avatar, AvatarCount, ShownPose, Standing, cast};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use crate::frame::TrackedFrame;
use crate::motion::BodyPose;
use crate::motion::filter::{PeopleSmoother, SmoothingParams};
use crate::motion::interpolation::PlayoutClock;
use crate::settings::Calibration;
use crate::slot::LatestSlot;

/// Without a result for so many seconds the person counts as gone.
const STALE_AFTER_S: f64 = 1.0;

/// Collects, smooths, retargets and interpolates.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<LatestTracked>()
        .init_resource::<Playout>()
        .init_resource::<TrackedSlot>()
        .init_resource::<Smoother>()
        .init_resource::<MirrorView>()
        .init_resource::<HoldLost>()
        .init_resource::<PeopleWanted>()
        .add_systems(
            RunFixedMainLoop,
            (
                count_avatars.in_set(PoseSystems::Poll),
                collect_tracked.in_set(PoseSystems::Collect),
                smooth_people.in_set(PoseSystems::Smooth),
                (solve_pose, keep_calibration).chain().in_set(PoseSystems::Retarget),
                interpolate_pose.in_set(PoseSystems::Interpolate),
            ),
        );
}

/// Where tracked frames arrive.
#[derive(Resource, Debug, Clone, Default)]
pub struct TrackedSlot(pub LatestSlot<TrackedFrame>);

/// The newest tracked frame.
#[derive(Resource, Debug, Default)]
pub struct LatestTracked {
    /// As it came from the tracker; its timings are completed here with the cost of smoothing.
    pub frame: Option<TrackedFrame>,
    /// Its people, smoothed.
    pub people: Vec<BodyPose>,
    /// Whether it came in this very frame.
    pub is_fresh: bool,
    /// Whether it does not follow the one before: it is the first of a new source, whose clock started anew, or lies
    /// elsewhere in the same recording.
    pub is_restart: bool,
    /// Whether it is of the same recording, so that whoever was seen is known.
    pub is_jump: bool,
    /// What the next frame is to the one before, where its source says so.
    pub announced: Announced,
}

/// What a frame that is to come is to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Announced {
    /// Nothing was said: it follows, unless its time lies before.
    #[default]
    Nothing,
    /// It comes from another source.
    NewSource,
    /// It lies elsewhere in the same recording.
    Jump,
}

/// The moment on the capture clock that this frame shows.
#[derive(Resource, Debug, Default)]
pub struct Playout {
    clock: PlayoutClock,
    /// Seconds on the capture clock; `None` before the first result.
    pub display_time_s: Option<f64>,
    /// Results have stopped on purpose: the last pose stays.
    pub is_held: bool,
    /// The moment that a recording shows, in whose own hands time is: slower, faster, or standing still.
    pub steered_s: Option<f64>,
    arrived_s: f64,
}

/// Whether people are shown as in a mirror, where something else than the settings says so: a game that is seen from behind.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MirrorView(pub Option<bool>);

/// Whether who is lost from view keeps their last pose instead of easing to rest: while a game waits for them.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HoldLost(pub bool);

/// How many people are followed, and avatars shown, where something else than the settings says so: a game knows how many
/// play it.
#[derive(Resource, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeopleWanted(pub Option<usize>);

/// Filters of everybody in view.
#[derive(Resource)]
struct Smoother(PeopleSmoother);

impl FromWorld for Smoother {
    fn from_world(world: &mut World) -> Self {
        let params = world.get_resource::<Preferences>().map_or(SmoothingParams::None, |p| (&p.settings).into());
        Self(PeopleSmoother::new(params))
    }
}

fn count_avatars(preferences: Res<Preferences>, wanted: Res<PeopleWanted>, mut count: ResMut<AvatarCount>) {
    count.set_if_neq(AvatarCount(wanted.0.unwrap_or(preferences.settings.people as usize)));
}

fn collect_tracked(
    slot: Res<TrackedSlot>,
    time: Res<Time<Real>>,
    mut latest: ResMut<LatestTracked>,
    mut playout: ResMut<Playout>,
) {
    let Some(frame) = slot.0.try_take() else {
        latest.is_fresh = false;
        return;
    };
    let announced = std::mem::take(&mut latest.announced);
    latest.is_jump = announced == Announced::Jump;
    latest.is_restart =
        announced != Announced::Nothing || latest.frame.as_ref().is_some_and(|before| frame.time_s <= before.time_s);
    if latest.is_restart {
        playout.clock.reset();
    }
    playout.arrived_s = time.elapsed_secs_f64();
    playout.clock.arrived(frame.time_s, time.elapsed_secs_f64());
    latest.frame = Some(frame);
    latest.is_fresh = true;
}

fn smooth_people(mut latest: ResMut<LatestTracked>, mut smoother: ResMut<Smoother>, preferences: Res<Preferences>) {
    if preferences.is_changed() {
        smoother.0.set_params((&preferences.settings).into());
    }
    if !latest.is_fresh {
        return;
    }
    if latest.is_restart {
        smoother.0.reset();
    }
    let LatestTracked { frame: Some(frame), people, .. } = &mut *latest else { return };
    let began = Instant::now();
    *people = smoother.0.smooth(frame.time_s, &frame.people);
    frame.loose_hands = smoother.0.smooth_loose_hands(frame.time_s, &frame.loose_hands);
    frame.timings.smoothing = began.elapsed().as_secs_f32() * 1e3;
    frame.timings.total += frame.timings.smoothing;
}

fn solve_pose(
    latest: Res<LatestTracked>,
    preferences: Res<Preferences>,
    count: Res<AvatarCount>,
    mirror: Res<MirrorView>,
    mut avatars: Query<(&Avatar, &mut Animator)>,
) {
    let (true, Some(frame)) = (latest.is_fresh, &latest.frame) else { return };
    let mut avatars: Vec<_> = avatars.iter_mut().collect();
    avatars.sort_unstable_by_key(|(avatar, _)| **avatar);
    let mut animators: Vec<&mut PoseAnimator> = avatars.iter_mut().map(|(_, animator)| &mut animator.0).collect();
    if latest.is_restart {
        for animator in &mut animators {
            if latest.is_jump {
                animator.jump();
            } else {
                animator.forget();
            }
        }
    }
    let mut options = preferences.settings.solver_options(frame.width, frame.height);
    options.mirror = mirror.0.unwrap_or(options.mirror);
    let wanted = count.0.min(animators.len());
    let (wanted, spare) = animators.split_at_mut(wanted);
    cast::ingest(wanted, frame.time_s, &latest.people, &options);
    cast::ingest(spare, frame.time_s, &[], &options);
}

/// A calibration that is done goes into the settings, from where it is used from now on.
fn keep_calibration(mut preferences: ResMut<Preferences>, mut avatars: Query<(&Avatar, &mut Animator)>) {
    for (_, mut animator) in avatars.iter_mut().filter(|(avatar, _)| avatar.number == 0) {
        if let Some(bones) = animator.0.take_calibrated() {
            preferences.settings.calibration = Some(Calibration::from(&bones));
        }
    }
}

fn interpolate_pose(
    time: Res<Time<Real>>,
    mut playout: ResMut<Playout>,
    hold: Res<HoldLost>,
    mut avatars: Query<(&Avatar, &mut Animator, &mut ShownPose, &mut Standing)>,
) {
    let now_s = time.elapsed_secs_f64();
    playout.display_time_s = playout.steered_s.or_else(|| playout.clock.display_time(now_s));
    let Some(display_time_s) = playout.display_time_s else { return };
    let has_results = playout.steered_s.is_some() || playout.is_held || now_s - playout.arrived_s <= STALE_AFTER_S;
    for (avatar, mut animator, mut shown, mut standing) in &mut avatars {
        animator.0.set_held(hold.0);
        shown.0 = animator.0.sample(display_time_s, now_s, has_results);
        *standing = Standing::of(avatar.number, &animator.0, display_time_s);
    }
}
