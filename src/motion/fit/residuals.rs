//! What is known of the joints in one frame, and how sure it is.
//!
//! The standard deviations were chosen on the bundled demo against its ground truth, and are of the size that the
//! tracker's errors have there; the result changes little when any of them is halved or doubled.

use glam::{DVec2, DVec3};

use super::joints::{BONES, JOINT_COUNT, Joint, Kind};
use super::lengths::BoneLengths;
use super::normal::NormalEquations;
use crate::motion::landmark::{Landmark, MAIN_JOINTS, POSE_LANDMARK_COUNT, PoseLandmark as L};
use crate::motion::pose::BodyPose;

/// Image landmarks: share of the body's height in the picture.
const IMAGE: f64 = 0.011;
/// Image landmarks further off than so many deviations are believed less and less.
const IMAGE_OUTLIER: f64 = 3.0;
/// Least visibility that counts.
const LEAST_VISIBILITY: f64 = 0.1;
/// Length of a limb's bone and of the trunk's lines, metres: muscles move the trunk's landmarks.
const LIMB_LENGTH_M: f64 = 0.008;
const TRUNK_LENGTH_M: f64 = 0.02;
/// World landmarks: direction of a bone across the picture and in depth, metres at its end.
const ACROSS_M: f64 = 0.15;
const ARM_DEPTH_M: f64 = 0.05;
const LEG_DEPTH_M: f64 = 0.08;
const TRUNK_DEPTH_M: f64 = 0.2;
/// Arms reach less far towards the camera than the world landmarks have it.
const ARM_DEPTH_SHARE: f64 = 0.85;
/// Change of a joint's depth against the hips', metres in a thirtieth of a second; less where it is not seen.
const DEPTH_CHANGE_M: f64 = 0.1;
const UNSEEN_DEPTH_CHANGE_M: f64 = 0.02;
/// Change of place across the picture, metres in a thirtieth of a second: only for what is not seen.
const PLACE_CHANGE_M: f64 = 1.0;
const UNSEEN_PLACE_CHANGE_M: f64 = 0.05;
/// How far the centre of somebody's mass lies from above their feet, metres.
const BALANCE_M: f64 = 0.03;
/// Who stands has it this far in front of the ankles, metres.
const BEFORE_ANKLES_M: f64 = 0.055;
/// Leans of the whole body, radians: up to the first somebody stands, from the second on they sit, lie or fall.
const STANDING_LEAN: (f64, f64) = (0.26, 0.5);
/// Shares of the joints' middle in the centre of mass.
const SHOULDERS_SHARE: f64 = 0.55;

/// One frame's landmarks as the fit wants them.
pub(super) struct Observation {
    pub(super) focal_length: f64,
    middle: DVec2,
    /// Pixels.
    pub(super) image: [DVec2; JOINT_COUNT],
    pub(super) world: [DVec3; JOINT_COUNT],
    pub(super) visibility: [f64; JOINT_COUNT],
    /// From the ankles to the eyes along the body, pixels and metres of the world landmarks, where they are seen.
    pub(super) eyes_above_ankles: Option<f64>,
    /// Pixels of a metre of the world landmarks.
    pub(super) scale: f64,
    /// Level direction of the feet, of length 1 or less.
    feet: DVec3,
}

impl Observation {
    /// `None` when a landmark is no number or the body has no size.
    pub(super) fn new(body: &BodyPose, focal_length: f64, middle: DVec2) -> Option<Self> {
        let finite = |landmarks: &[Landmark; POSE_LANDMARK_COUNT]| landmarks.iter().all(|l| l.position.is_finite());
        if !(finite(&body.world) && finite(&body.image) && focal_length.is_finite()) {
            return None;
        }
        let world_at = |landmark: L| body.world[landmark as usize].position.as_dvec3();
        let seen = |landmark: L| {
            let visibility = f64::from(body.world[landmark as usize].visibility);
            if visibility.is_finite() { visibility.clamp(0.0, 1.0) } else { 0.0 }
        };
        let image = MAIN_JOINTS.map(|landmark| body.image[landmark as usize].position.truncate().as_dvec2());
        let (world, visibility) = (MAIN_JOINTS.map(world_at), MAIN_JOINTS.map(seen));
        let scale = scale_of(&image, &world, &visibility)?;
        let eyes_seen = [L::LeftEye, L::RightEye, L::LeftAnkle, L::RightAnkle].into_iter().all(|l| seen(l) > 0.6);
        let between = |a: L, b: L| (world_at(a) + world_at(b)) * 0.5;
        let eyes_above_ankles =
            eyes_seen.then(|| between(L::LeftEye, L::RightEye).distance(between(L::LeftAnkle, L::RightAnkle)));
        let feet = between(L::LeftFootIndex, L::RightFootIndex) - between(L::LeftHeel, L::RightHeel);
        let feet = DVec3::new(feet.x, 0.0, feet.z).try_normalize().unwrap_or(DVec3::ZERO);
        Some(Self { focal_length, middle, image, world, visibility, eyes_above_ankles, scale, feet })
    }

    /// The world landmarks at the distance that their size in the picture tells.
    pub(super) fn first_guess(&self, lengths: &BoneLengths) -> [DVec3; JOINT_COUNT] {
        let grown = lengths.over(&self.world);
        let depth = self.focal_length * grown / self.scale;
        let count = JOINT_COUNT as f64;
        let centre = self.world.iter().sum::<DVec3>() / count;
        let seen_at = (self.image.iter().sum::<DVec2>() / count - self.middle) * (depth / self.focal_length);
        self.world.map(|point| (point - centre) * grown + seen_at.extend(depth))
    }

    /// Whether somebody stands upright with straight arms held out to the sides, every joint seen at least so well.
    pub(super) fn stands_with_arms_out(&self, least_visibility: f64) -> bool {
        let at = |joint: Joint| self.image[joint as usize];
        // Along the wanted axis, hardly across it, and on with the same slope.
        let runs = |from: Joint, to: Joint, across: bool| {
            let way = at(to) - at(from);
            let (along, aside) = if across { (way.x.abs(), way.y.abs()) } else { (way.y, way.x.abs()) };
            along > 0.1 * self.scale && aside < 0.35 * along
        };
        let arms = [
            (Joint::LeftShoulder, Joint::LeftElbow),
            (Joint::LeftElbow, Joint::LeftWrist),
            (Joint::RightShoulder, Joint::RightElbow),
            (Joint::RightElbow, Joint::RightWrist),
        ];
        let legs = [
            (Joint::LeftHip, Joint::LeftKnee),
            (Joint::LeftKnee, Joint::LeftAnkle),
            (Joint::RightHip, Joint::RightKnee),
            (Joint::RightKnee, Joint::RightAnkle),
        ];
        self.visibility.iter().all(|visibility| *visibility >= least_visibility)
            && arms.into_iter().all(|(from, to)| runs(from, to, true))
            && legs.into_iter().all(|(from, to)| runs(from, to, false))
    }

    /// The body's height in the picture, about, in pixels.
    fn height_px(&self) -> f64 {
        1.6 * self.scale
    }
}

/// Pixels of a metre, by the joints that are seen; `None` for a body of no size.
fn scale_of(
    image: &[DVec2; JOINT_COUNT],
    world: &[DVec3; JOINT_COUNT],
    visibility: &[f64; JOINT_COUNT],
) -> Option<f64> {
    let weights = visibility.map(|visibility| visibility.max(1e-3));
    let total: f64 = weights.iter().sum();
    let image_middle = image.iter().zip(weights).map(|(p, w)| *p * w).sum::<DVec2>() / total;
    let world_middle = world.iter().zip(weights).map(|(p, w)| p.truncate() * w).sum::<DVec2>() / total;
    let (mut both, mut own) = (0.0, 0.0);
    for ((image, world), weight) in image.iter().zip(world).zip(weights) {
        let (i, w) = (*image - image_middle, world.truncate() - world_middle);
        both += weight * i.dot(w);
        own += weight * w.dot(w);
    }
    let scale = both / own;
    (scale.is_finite() && scale > 1e-3).then_some(scale)
}

/// Where the joints were in the frame before.
pub(super) struct Prediction {
    pub(super) points: [DVec3; JOINT_COUNT],
    /// Seconds ago.
    pub(super) dt: f64,
}

/// Adds everything that is known to the equations of a step away from `points`.
pub(super) fn collect(
    seen: &Observation,
    lengths: &BoneLengths,
    points: &[DVec3; JOINT_COUNT],
    before: Option<&Prediction>,
    equations: &mut NormalEquations,
) {
    for joint in Joint::ALL {
        add_image(seen, points, joint, equations);
    }
    for (kind, from, to) in BONES {
        add_bone(seen, lengths.of(kind), points, (kind, from, to), equations);
    }
    add_balance(seen, points, equations);
    if let Some(before) = before {
        add_change(seen, points, before, equations);
    }
}

/// The joint projects to where it was seen.
fn add_image(seen: &Observation, points: &[DVec3; JOINT_COUNT], joint: Joint, equations: &mut NormalEquations) {
    let index = joint as usize;
    let (point, focal_length) = (points[index], seen.focal_length);
    let off = point.truncate() * (focal_length / point.z) + seen.middle - seen.image[index];
    let sigma = IMAGE * seen.height_px() / seen.visibility[index].max(LEAST_VISIBILITY);
    let sigma = sigma * (1.0 + off.length_squared() / (sigma * IMAGE_OUTLIER).powi(2)).sqrt();
    let along = focal_length / point.z;
    equations.add(&[(joint, 1.0)], DVec3::new(along, 0.0, -along * point.x / point.z), off.x, sigma);
    equations.add(&[(joint, 1.0)], DVec3::new(0.0, along, -along * point.y / point.z), off.y, sigma);
}

/// The bone has its length, and points about where the world landmarks say.
fn add_bone(
    seen: &Observation,
    length: f64,
    points: &[DVec3; JOINT_COUNT],
    (kind, from, to): (Kind, Joint, Joint),
    equations: &mut NormalEquations,
) {
    let (a, b) = (from as usize, to as usize);
    let along = points[b] - points[a];
    let shares = [(to, 1.0), (from, -1.0)];
    if let Some(direction) = along.try_normalize() {
        let sigma = if kind.is_limb() { LIMB_LENGTH_M } else { TRUNK_LENGTH_M };
        equations.add(&shares, direction, along.length() - length, sigma);
    }
    let mut measured = seen.world[b] - seen.world[a];
    if kind.is_arm() {
        measured.z *= ARM_DEPTH_SHARE;
    }
    let Some(measured) = measured.try_normalize() else { return };
    let depth = match (kind.is_arm(), kind.is_limb()) {
        (true, _) => ARM_DEPTH_M,
        (_, true) => LEG_DEPTH_M,
        _ => TRUNK_DEPTH_M,
    };
    let doubt = seen.visibility[a].min(seen.visibility[b]).max(LEAST_VISIBILITY).recip();
    let off = along - measured * length;
    for (axis, sigma) in [(DVec3::X, ACROSS_M), (DVec3::Y, ACROSS_M), (DVec3::Z, depth)] {
        equations.add(&shares, axis, off.dot(axis), sigma * doubt);
    }
}

/// Who stands has their weight above their feet. In the picture that is seen; in depth it is what sets a body upright
/// that the world landmarks lean towards the camera.
fn add_balance(seen: &Observation, points: &[DVec3; JOINT_COUNT], equations: &mut NormalEquations) {
    let (shoulder, hip) = (0.5 * SHOULDERS_SHARE, 0.5 * (1.0 - SHOULDERS_SHARE));
    let shares = [
        (Joint::LeftShoulder, shoulder),
        (Joint::RightShoulder, shoulder),
        (Joint::LeftHip, hip),
        (Joint::RightHip, hip),
        (Joint::LeftAnkle, -0.5),
        (Joint::RightAnkle, -0.5),
    ];
    let above = |points: &[DVec3; JOINT_COUNT]| -> DVec3 {
        shares.iter().map(|(joint, share)| points[*joint as usize] * *share).sum()
    };
    let measured = above(&seen.world);
    let lean = measured.z.hypot(measured.x).atan2(-measured.y);
    let standing = 1.0 - smoothstep(STANDING_LEAN.0, STANDING_LEAN.1, lean);
    let visible = shares.iter().map(|(joint, _)| seen.visibility[*joint as usize]).fold(1.0, f64::min);
    let trust = standing * smoothstep(0.2, 0.6, visible);
    if trust < 1e-3 {
        return;
    }
    let off = above(points).z - seen.feet.z * BEFORE_ANKLES_M;
    equations.add(&shares, DVec3::Z, off, BALANCE_M / trust);
}

/// Nothing jumps in depth, and what is not seen hardly moves against the hips.
fn add_change(seen: &Observation, points: &[DVec3; JOINT_COUNT], before: &Prediction, equations: &mut NormalEquations) {
    let (left, right) = (Joint::LeftHip as usize, Joint::RightHip as usize);
    let hips = |points: &[DVec3; JOINT_COUNT]| (points[left] + points[right]) * 0.5;
    let (hips_now, hips_before) = (hips(points), hips(&before.points));
    // Noise does not grow with time, movement does.
    let frames = (before.dt * 30.0).clamp(0.5, 15.0);
    for joint in Joint::ALL {
        let index = joint as usize;
        let visibility = seen.visibility[index];
        let between = |unseen: f64, clear: f64| (unseen + (clear - unseen) * smoothstep(0.1, 0.6, visibility)) * frames;
        let shares = [(joint, 1.0), (Joint::LeftHip, -0.5), (Joint::RightHip, -0.5)];
        let off = (points[index] - hips_now) - (before.points[index] - hips_before);
        equations.add(&shares, DVec3::Z, off.z, between(UNSEEN_DEPTH_CHANGE_M, DEPTH_CHANGE_M));
        let place = between(UNSEEN_PLACE_CHANGE_M, PLACE_CHANGE_M);
        equations.add(&shares, DVec3::X, off.x, place);
        equations.add(&shares, DVec3::Y, off.y, place);
    }
    let both = [(Joint::LeftHip, 0.5), (Joint::RightHip, 0.5)];
    equations.add(&both, DVec3::Z, hips_now.z - hips_before.z, 0.3 * DEPTH_CHANGE_M * frames);
}

fn smoothstep(low: f64, high: f64, value: f64) -> f64 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
