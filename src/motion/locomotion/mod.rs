//! Where the avatar goes: steps, jumps, and feet that stay where they stand.
//!
//! A retargeted pose stands with its lowest sole on the floor, over the origin. Here it gets the way that the person went
//! in front of the camera, the height of a jump, and feet that are held while they carry weight. The way is counted from
//! where they were first seen, or from a place that several people share, so that they are as far apart as they truly are.

mod foot_lock;
mod jump;

use glam::Vec3;

use foot_lock::FootLock;
use jump::Jump;

use super::filter::OneEuro;
use super::fit::FittedBody;
use super::landmark::PoseLandmark as L;
use super::retarget::{AvatarPose, LegChain, reflect_point, scene_from_world, sole_heights};
use super::skeleton::{HumanoidBone as B, RestSkeleton};

/// A pause longer than this, seconds, starts afresh.
const MAX_GAP_S: f64 = 1.0;
/// Filter of the way across the picture, and in depth, which the camera sees ten times worse.
const ACROSS: (f64, f64) = (1.2, 6.0);
const DEPTH: (f64, f64) = (0.25, 1.5);
const DERIVATIVE_CUTOFF: f64 = 1.0;
/// Furthest from the middle of the scene, metres: where its floor ends.
const FURTHEST_M: f32 = 8.0;

/// So far a sole may sink in: on a nearly straight leg a millimetre more or less turns the knee by degrees.
const FLOOR_GIVES_M: f32 = 0.004;
const LEGS: [LegChain; 2] = [LegChain::Left, LegChain::Right];

/// What of it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocomotionOptions {
    /// The avatar goes where the person goes, and jumps.
    pub root_motion: bool,
    /// Feet stay where they stand.
    pub foot_lock: bool,
}

impl Default for LocomotionOptions {
    fn default() -> Self {
        Self { root_motion: true, foot_lock: true }
    }
}

/// Moves one avatar.
#[derive(Debug, Clone)]
pub struct Locomotion {
    skeleton: RestSkeleton,
    leg_length: f32,
    past: Option<Past>,
    shared_home: Option<Vec3>,
    /// Whose place was the middle of the scene before a jump in time.
    kept_home: Option<(u32, Vec3)>,
    across: OneEuro,
    depth: OneEuro,
    jump: Jump,
    feet: [FootLock; 2],
}

#[derive(Debug, Clone, Copy)]
struct Past {
    time_s: f64,
    id: u32,
    mirror: bool,
    /// What lies in the middle of the scene, metres from the camera.
    home: Vec3,
}

impl Locomotion {
    /// For the avatar with this T-pose.
    #[must_use]
    pub fn new(skeleton: RestSkeleton) -> Self {
        let at = |bone: B| skeleton.get(bone).map_or(Vec3::ZERO, |bone| bone.position);
        let leg_length =
            at(B::LeftUpperLeg).distance(at(B::LeftLowerLeg)) + at(B::LeftLowerLeg).distance(at(B::LeftFoot));
        let filter = |(min_cutoff, beta)| OneEuro::new(min_cutoff, beta, DERIVATIVE_CUTOFF);
        Self {
            leg_length,
            skeleton,
            past: None,
            shared_home: None,
            kept_home: None,
            across: filter(ACROSS),
            depth: filter(DEPTH),
            jump: Jump::default(),
            feet: Default::default(),
        }
    }

    /// The place before the camera that lies in the middle of the scene, metres, as [`FittedBody::hips`] has it; `None`
    /// where nobody was seen for a while before `time_s`.
    #[must_use]
    pub fn home(&self, time_s: f64) -> Option<Vec3> {
        let is_recent = |past: &&Past| (0.0..=MAX_GAP_S).contains(&(time_s - past.time_s));
        self.past.as_ref().filter(is_recent).map(|past| past.home)
    }

    /// What lies in the middle of the scene for whoever comes next; `None` for where they are first seen.
    pub const fn set_home(&mut self, home: Option<Vec3>) {
        self.shared_home = home;
    }

    /// Forgets the past: the person's next place is the middle of the scene, unless another was set.
    pub fn reset(&mut self) {
        self.kept_home = None;
        self.start();
    }

    /// The next frame is one of another moment of the same recording: whoever was seen last keeps the place from which
    /// their way is counted, so that they stand where they stood when the recording first came by.
    pub fn jump(&mut self) {
        self.kept_home = self.past.map(|past| (past.id, past.home)).or(self.kept_home);
        self.start();
    }

    fn start(&mut self) {
        self.past = None;
        self.across.reset();
        self.depth.reset();
        self.jump = Jump::default();
        self.feet = Default::default();
    }

    /// Whether both feet are off the floor.
    #[must_use]
    pub const fn is_airborne(&self) -> bool {
        self.jump.is_airborne()
    }

    /// Moves `pose`, which stands over the origin, to where the person of this id is. `time_s` is capture time.
    pub fn apply(
        &mut self,
        time_s: f64,
        id: u32,
        body: &FittedBody,
        mirror: bool,
        options: LocomotionOptions,
        pose: &mut AvatarPose,
    ) {
        let goes_on =
            |past: &Past| past.id == id && past.mirror == mirror && (0.0..=MAX_GAP_S).contains(&(time_s - past.time_s));
        if !self.past.as_ref().is_some_and(goes_on) {
            self.start();
        }
        let hips = in_scene(body.hips, mirror);
        let kept = self.kept_home.filter(|(kept, _)| *kept == id).map(|(_, home)| home);
        let home = self.shared_home.or(kept).unwrap_or(body.hips);
        let past = self.past.unwrap_or(Past { time_s, id, mirror, home });
        let dt = (time_s - past.time_s) as f32;
        self.past = Some(Past { time_s, ..past });

        let feet = Feet::of(body, mirror);
        let scale = (self.leg_length / feet.leg_length).clamp(0.2, 5.0);
        let scale = if scale.is_finite() { scale } else { 1.0 };
        let height = self.jump.update(dt, feet.floor_points, feet.seen) * scale;
        if options.root_motion {
            let way = (hips - in_scene(past.home, mirror)) * scale;
            let across = self.across.filter(time_s, way.x, 1.0);
            let depth = self.depth.filter(time_s, way.z, 1.0);
            pose.hips_position.x += across.clamp(-FURTHEST_M, FURTHEST_M);
            pose.hips_position.z += depth.clamp(-FURTHEST_M, FURTHEST_M);
            pose.hips_position.y += height;
        }
        if options.foot_lock {
            self.hold_feet(dt, &feet, height, pose);
        } else {
            self.feet = Default::default();
        }
        keep_above_floor(&self.skeleton, pose);
    }

    fn hold_feet(&mut self, dt: f32, feet: &Feet, height: f32, pose: &mut AvatarPose) {
        let soles = sole_heights(&self.skeleton, pose);
        let airborne = self.jump.is_airborne() || height > 0.02;
        let sources = feet.ankles.into_iter().zip(feet.seen);
        for ((foot, sole), (ankle, seen)) in self.feet.iter_mut().zip(soles).zip(sources) {
            let Some(sole) = sole else { return };
            foot.update(dt, ankle, sole, !airborne && seen > 0.5);
        }
        // The hips go with the feet that stand, so that no leg is overstretched; each leg makes up for the rest.
        let held = [self.feet[0].held(), self.feet[1].held()];
        let offsets = [self.feet[0].offset(), self.feet[1].offset()];
        let total = held[0] + held[1];
        let shift = if total > 1e-3 {
            (offsets[0] * held[0] + offsets[1] * held[1]) / total * held[0].max(held[1])
        } else {
            Vec3::ZERO
        };
        pose.hips_position += shift;
        for ((leg, foot), offset) in LEGS.into_iter().zip(&self.feet).zip(offsets) {
            leg.move_foot(&self.skeleton, pose, offset - shift);
            leg.turn_foot(pose, foot.yaw_offset());
        }
    }
}

/// Lifts feet that would be under the floor: after locomotion, and between two poses, where a bent leg that stretches
/// dips below both.
pub fn keep_above_floor(skeleton: &RestSkeleton, pose: &mut AvatarPose) {
    for (leg, sole) in LEGS.into_iter().zip(sole_heights(skeleton, pose)) {
        let below = sole.map_or(0.0, |sole| -sole.height - FLOOR_GIVES_M);
        if below > 0.0 {
            leg.move_foot(skeleton, pose, Vec3::Y * below);
        }
    }
}

/// A point seen by the camera, in the scene.
fn in_scene(camera: Vec3, mirror: bool) -> Vec3 {
    let point = scene_from_world(camera);
    if mirror { reflect_point(point) } else { point }
}

/// The feet as the camera saw them, in the scene's axes; those that the avatar's left and right follow.
pub(super) struct Feet {
    pub(super) ankles: [Vec3; 2],
    /// Height of each foot's lowest point.
    floor_points: [f32; 2],
    pub(super) seen: [f32; 2],
    leg_length: f32,
}

impl Feet {
    pub(super) fn of(body: &FittedBody, mirror: bool) -> Self {
        let hips = in_scene(body.hips, mirror);
        let sides = [
            [L::LeftHip, L::LeftKnee, L::LeftAnkle, L::LeftHeel, L::LeftFootIndex],
            [L::RightHip, L::RightKnee, L::RightAnkle, L::RightHeel, L::RightFootIndex],
        ];
        let sides = if mirror { [sides[1], sides[0]] } else { sides };
        let at = |landmark: L| hips + in_scene(body.world[landmark as usize].position, mirror);
        let visibility = |landmark: L| body.world[landmark as usize].visibility;
        let length = |[hip, knee, ankle, ..]: [L; 5]| at(hip).distance(at(knee)) + at(knee).distance(at(ankle));
        Self {
            ankles: sides.map(|[_, _, ankle, ..]| at(ankle)),
            floor_points: sides.map(|[_, _, _, heel, toe]| at(heel).y.min(at(toe).y)),
            seen: sides.map(|[_, _, ankle, heel, toe]| visibility(ankle).min(visibility(heel)).min(visibility(toe))),
            leg_length: 0.5 * (length(sides[0]) + length(sides[1])),
        }
    }
}
