//! From the slot to the pose of this frame: collect, interpolate. What the motion of all sources is to be like goes the
//! other way, through [`Motion`].

use std::sync::Arc;

use bevy::prelude::*;

use super::avatar::{Animator, Avatar, AvatarCount, ShownPose, Standing};
use super::preferences::Preferences;
use super::schedule::PoseSystems;
use crate::frame::{PosedFrame, TrackedFrame};
use crate::motion::BodyPose;
use crate::motion::fit::BoneLengths;
use crate::motion::hand::Hands;
use crate::motion::interpolation::PlayoutClock;
use crate::motion::session::{ActorFrame, Cast, Continuity};
use crate::motion::skeleton::RestSkeleton;
use crate::pipeline::poser::MotionControl;
use crate::settings::Calibration;
use crate::slot::LatestSlot;

/// Without a result for so many seconds the person counts as gone.
const STALE_AFTER_S: f64 = 1.0;
/// Frames further apart than this, seconds, are not of one stretch of time.
const STRETCH_S: f64 = 1.0;

/// Directs motion, collects it, and interpolates.
pub(super) fn plugin(app: &mut App) {
    app.init_resource::<LatestTracked>()
        .init_resource::<Playout>()
        .init_resource::<TrackedSlot>()
        .init_resource::<Motion>()
        .init_resource::<MirrorView>()
        .init_resource::<HoldLost>()
        .init_resource::<PeopleWanted>()
        .add_systems(
            RunFixedMainLoop,
            (
                (count_avatars, direct_motion).chain().in_set(PoseSystems::Poll),
                (collect_tracked, keep_calibration).chain().in_set(PoseSystems::Collect),
                interpolate_pose.in_set(PoseSystems::Interpolate),
            ),
        );
}

/// Where tracked frames arrive with their motion.
#[derive(Resource, Debug, Clone, Default)]
pub struct TrackedSlot(pub LatestSlot<PosedFrame>);

/// What the motion of all sources is to be like, wherever it is made.
#[derive(Resource, Debug, Clone, Default)]
pub struct Motion(pub MotionControl);

/// The newest tracked frame.
#[derive(Resource, Debug, Default)]
pub struct LatestTracked {
    /// As it came from the tracker; its timings hold the cost of smoothing.
    pub frame: Option<TrackedFrame>,
    /// Its people, smoothed.
    pub people: Vec<BodyPose>,
    /// Hands that belong to nobody, smoothed.
    pub loose_hands: Hands,
    /// Its avatars, by their number.
    pub actors: Vec<ActorFrame>,
    /// Whether it came in this very frame.
    pub is_fresh: bool,
    /// Whether it is of another stretch of time than the one before: of a new source, or far from it in a recording.
    pub is_restart: bool,
    /// What the newest calibration has found, with its number, and the number of the last one that was kept.
    calibrated: Option<(u64, BoneLengths)>,
    kept: u64,
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

fn count_avatars(preferences: Res<Preferences>, wanted: Res<PeopleWanted>, mut count: ResMut<AvatarCount>) {
    count.set_if_neq(AvatarCount(wanted.0.unwrap_or(preferences.settings.people as usize)));
}

/// What [`direct_motion`] has asked for.
#[derive(Default)]
struct Directed {
    skeletons: Vec<Arc<RestSkeleton>>,
    followed: usize,
}

/// Says how motion is to be made, and for which avatars.
fn direct_motion(
    motion: Res<Motion>,
    preferences: Res<Preferences>,
    count: Res<AvatarCount>,
    mirror: Res<MirrorView>,
    hold: Res<HoldLost>,
    avatars: Query<(&Avatar, &Animator)>,
    mut directed: Local<Directed>,
) {
    if preferences.is_changed() || mirror.is_changed() || hold.is_changed() {
        let mut options = preferences.settings.session_options();
        options.solver.mirror = mirror.0.unwrap_or(options.solver.mirror);
        options.hold_lost = hold.0;
        motion.0.set_options(options);
    }
    let followed = count.0;
    let is_same = |(avatar, animator): (&Avatar, &Animator)| {
        directed.skeletons.get(avatar.number).is_some_and(|skeleton| Arc::ptr_eq(skeleton, animator.0.skeleton()))
    };
    let is_known = avatars.iter().len() == directed.skeletons.len() && avatars.iter().all(is_same);
    if is_known && directed.followed == followed {
        return;
    }
    let mut sorted: Vec<_> = avatars.iter().collect();
    sorted.sort_unstable_by_key(|(avatar, _)| **avatar);
    directed.skeletons = sorted.iter().map(|(_, animator)| Arc::clone(animator.0.skeleton())).collect();
    directed.followed = followed;
    motion.0.set_cast(Cast::Avatars { skeletons: directed.skeletons.clone(), followed });
}

/// Takes the newest result, and hands every avatar its own part.
fn collect_tracked(
    slot: Res<TrackedSlot>,
    time: Res<Time<Real>>,
    mut latest: ResMut<LatestTracked>,
    mut playout: ResMut<Playout>,
    mut avatars: Query<(&Avatar, &mut Animator)>,
) {
    let Some(PosedFrame { tracked, motion }) = slot.0.try_take() else {
        latest.is_fresh = false;
        return;
    };
    let before_s = latest.frame.as_ref().map(|before| before.time_s);
    let goes_on = before_s.is_none_or(|before_s| (0.0..=STRETCH_S).contains(&(tracked.time_s - before_s)));
    latest.is_restart = motion.continuity == Continuity::NewSource || !goes_on;
    if latest.is_restart {
        playout.clock.reset();
    }
    playout.arrived_s = time.elapsed_secs_f64();
    playout.clock.arrived(tracked.time_s, time.elapsed_secs_f64());
    for (avatar, mut animator) in &mut avatars {
        if let Some(actor) = motion.actors.get(avatar.number) {
            animator.0.push(motion.time_s, motion.continuity, actor);
        }
    }
    latest.frame = Some(tracked);
    (latest.people, latest.loose_hands, latest.actors) = (motion.people, motion.loose_hands, motion.actors);
    latest.calibrated = motion.calibrated;
    latest.is_fresh = true;
}

/// A calibration that is done goes into the settings, from where it is used from now on.
fn keep_calibration(mut preferences: ResMut<Preferences>, mut latest: ResMut<LatestTracked>) {
    let Some((number, bones)) = latest.calibrated.take() else { return };
    if latest.kept != number {
        latest.kept = number;
        preferences.settings.calibration = Some(Calibration::from(&bones));
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
