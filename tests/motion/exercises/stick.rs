//! A stick figure that exercises: its joints from a depth, 0 at rest to 1 at the bottom.

use std::f32::consts::PI;

use glam::{Quat, Vec3};
use livedance::motion::Side;
use livedance::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};
use livedance::motion::random::Random;

const THIGH: f32 = 0.42;
const SHIN: f32 = 0.42;
const UPPER_ARM: f32 = 0.29;
const FOREARM: f32 = 0.26;
const TRUNK: f32 = 0.5;
const HIP: f32 = 0.11;
const SHOULDER: f32 = 0.18;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Squat,
    PushUp,
    JumpingJack,
    Lunge,
}

/// What is wrong with the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    KneesIn,
    Lean,
    Sag,
    Pike,
    FeetTogether,
    BentArms,
}

type World = [Landmark; POSE_LANDMARK_COUNT];

/// The joint between two ends, bent towards `pole`.
fn joint(from: Vec3, to: Vec3, upper: f32, lower: f32, pole: Vec3) -> Vec3 {
    let along = (to - from).normalize_or(Vec3::Y);
    let distance = from.distance(to).clamp(0.05, upper + lower);
    let along_m = (distance * distance + upper * upper - lower * lower) / (2.0 * distance);
    let off = (upper * upper - along_m * along_m).max(0.0).sqrt();
    from + along * along_m + pole.reject_from_normalized(along).normalize_or_zero() * off
}

/// Distance of the ends of two segments that include an angle.
fn reach(upper: f32, lower: f32, angle_deg: f32) -> f32 {
    (upper * upper + lower * lower - 2.0 * upper * lower * angle_deg.to_radians().cos()).sqrt()
}

fn mix(rest: f32, bottom: f32, depth: f32) -> f32 {
    rest + (bottom - rest) * depth
}

struct Points(World);

impl Points {
    fn put(&mut self, pair: [L; 2], side: f32, at: Vec3) {
        self.0[pair[usize::from(side < 0.0)] as usize].position = at;
    }

    /// Leg and foot of one side; the foot points forwards, and its heel lies behind.
    fn leg(&mut self, side: f32, hip: Vec3, ankle: Vec3, pole: Vec3, forwards: Vec3) {
        let knee = joint(hip, ankle, THIGH, SHIN, pole);
        let ankle = knee + (ankle - knee).normalize_or_zero() * SHIN;
        self.put([L::LeftHip, L::RightHip], side, hip);
        self.put([L::LeftKnee, L::RightKnee], side, knee);
        self.put([L::LeftAnkle, L::RightAnkle], side, ankle);
        self.put([L::LeftHeel, L::RightHeel], side, ankle - forwards * 0.05);
        self.put([L::LeftFootIndex, L::RightFootIndex], side, ankle + forwards * 0.17);
    }

    fn arm(&mut self, side: f32, shoulder: Vec3, elbow: Vec3, wrist: Vec3) {
        self.put([L::LeftShoulder, L::RightShoulder], side, shoulder);
        self.put([L::LeftElbow, L::RightElbow], side, elbow);
        self.put([L::LeftWrist, L::RightWrist], side, wrist);
        let tip = wrist + (wrist - elbow).normalize_or_zero() * 0.1;
        for pair in [[L::LeftPinky, L::RightPinky], [L::LeftIndex, L::RightIndex], [L::LeftThumb, L::RightThumb]] {
            self.put(pair, side, tip);
        }
    }
}

/// The figure as a camera in front of it sees it, all visible: left is x, forwards −z; in a push-up it lies along x.
pub(crate) fn figure(kind: Kind, depth: f32, front: Side, fault: Fault) -> World {
    let visible = Landmark { visibility: 1.0, presence: 1.0, ..Landmark::default() };
    let mut points = Points([visible; POSE_LANDMARK_COUNT]);
    let neck = match kind {
        Kind::PushUp => push_up(&mut points, depth, fault),
        _ => standing(&mut points, kind, depth, front, fault),
    };
    for point in &mut points.0[..=L::MouthRight as usize] {
        point.position = neck;
    }
    let hips = (points.0[L::LeftHip as usize].position + points.0[L::RightHip as usize].position) * 0.5;
    points.0.map(|point| Landmark { position: point.position - hips, ..point })
}

fn standing(points: &mut Points, kind: Kind, depth: f32, front: Side, fault: Fault) -> Vec3 {
    let forwards = Vec3::NEG_Z;
    let (knee_deg, lean_deg, back) = match kind {
        Kind::Squat => (mix(172.0, 90.0, depth), mix(0.0, 30.0, depth), 0.12 * depth),
        Kind::Lunge => (172.0, mix(0.0, 8.0, depth), 0.0),
        _ => (172.0, 0.0, 0.0),
    };
    let lean_deg = if fault == Fault::Lean { mix(0.0, 65.0, depth) } else { lean_deg };
    let apart = match kind {
        Kind::Squat => 0.2,
        Kind::JumpingJack if fault != Fault::FeetTogether => mix(0.08, 0.4, depth),
        _ => 0.1,
    };
    let straight = reach(THIGH, SHIN, knee_deg);
    let level = match kind {
        Kind::Lunge => mix(straight, 0.47, depth),
        _ => (straight * straight - (apart - HIP).powi(2) - back * back).max(0.0).sqrt(),
    };
    let hips = Vec3::new(0.0, -level, 0.0) - forwards * back;
    let up = Quat::from_rotation_x(lean_deg.to_radians()) * Vec3::NEG_Y;
    let neck = hips + up * TRUNK;
    for side in [1.0_f32, -1.0] {
        let across = Vec3::X * side;
        let outwards = if fault == Fault::KneesIn { -30.0_f32 * depth } else { 12.0 }.to_radians();
        let step = match (kind, (front == Side::Left) == (side > 0.0)) {
            (Kind::Lunge, true) => 0.45 * depth,
            (Kind::Lunge, false) => -0.4 * depth,
            _ => 0.0,
        };
        let ankle = across * apart + forwards * step;
        let pole = forwards * outwards.cos() + across * outwards.sin();
        points.leg(side, hips + across * HIP, ankle, pole, forwards);

        let raised = if kind == Kind::JumpingJack { mix(12.0, 165.0, depth) } else { 12.0 }.to_radians();
        let shoulder = neck + across * SHOULDER;
        let direction = |angle: f32| -up * angle.cos() + across * angle.sin();
        let elbow = shoulder + direction(raised) * UPPER_ARM;
        let bend = if fault == Fault::BentArms { 80.0_f32 * depth } else { 8.0 }.to_radians();
        points.arm(side, shoulder, elbow, elbow + direction(raised + bend) * FOREARM);
    }
    neck + up * 0.2
}

fn push_up(points: &mut Points, depth: f32, fault: Fault) -> Vec3 {
    let (up, head) = (Vec3::NEG_Y, Vec3::X);
    let arm = reach(UPPER_ARM, FOREARM, mix(170.0, 80.0, depth));
    let ankles = up * 0.1;
    let length = TRUNK + THIGH + SHIN - 0.01;
    let shoulders = up * arm + head * (length * length - (arm - 0.1) * (arm - 0.1)).sqrt();
    let sag = match fault {
        Fault::Sag => 0.2,
        Fault::Pike => -0.2,
        _ => 0.0,
    };
    let line = shoulders - ankles;
    let hips = ankles + line * (1.0 - TRUNK / length) - up * sag;
    for side in [1.0_f32, -1.0] {
        // Lying on the front with the head to the right, the left is away from the camera.
        let across = Vec3::Z * side;
        points.leg(side, hips + across * HIP, ankles + across * 0.1, -up, -up);
        let shoulder = shoulders + across * SHOULDER;
        let wrist = shoulder - up * arm;
        points.arm(side, shoulder, joint(shoulder, wrist, UPPER_ARM, FOREARM, across - head), wrist);
    }
    shoulders + line.normalize_or_zero() * 0.2
}

/// The same with noise of a normal distribution on every coordinate.
pub(crate) fn noisy(world: &World, deviation_m: f32, seed: u64) -> World {
    let mut random = Random::new(seed);
    world.map(|point| {
        let noise = Vec3::new(random.normal(), random.normal(), random.normal()) * deviation_m;
        Landmark { position: point.position + noise, ..point }
    })
}

/// The figure in a mirror.
pub(crate) fn mirrored(world: &World) -> World {
    let mut out = *world;
    let flipped = |point: &Landmark| Landmark { position: point.position * Vec3::new(-1.0, 1.0, 1.0), ..*point };
    out[L::Nose as usize] = flipped(&world[L::Nose as usize]);
    // Eyes lie in threes, everything from the ears on in pairs.
    for (a, b) in [(1, 4), (2, 5), (3, 6)].into_iter().chain((7..32).step_by(2).map(|left| (left, left + 1))) {
        out[a] = flipped(&world[b]);
        out[b] = flipped(&world[a]);
    }
    out
}

/// The figure turned about the vertical.
pub(crate) fn turned(world: &World, yaw: f32) -> World {
    debug_assert!(yaw.abs() <= PI + 1e-3);
    let turn = Quat::from_rotation_y(yaw);
    world.map(|point| Landmark { position: turn * point.position, ..point })
}
