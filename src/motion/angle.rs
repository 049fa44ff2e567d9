//! Joint angles from world landmarks.

use glam::Vec3;

use super::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark};

/// Below this visibility of any landmark involved an angle is unknown.
const MIN_VISIBILITY: f32 = 0.5;
/// Below this length of either segment, in metres, an angle is unknown.
const MIN_SEGMENT_M: f32 = 0.01;
/// Number of [`JointAngle`]s.
const COUNT: usize = 14;

/// A joint whose included angle is measured. `Left` and `Right` are the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the joints themselves; `name` lists what lies between")]
pub enum JointAngle {
    LeftElbow,
    RightElbow,
    LeftShoulder,
    RightShoulder,
    LeftHip,
    RightHip,
    LeftKnee,
    RightKnee,
    LeftAnkle,
    RightAnkle,
    LeftWrist,
    RightWrist,
    Neck,
    Spine,
}

use JointAngle as J;
use PoseLandmark as L;

impl JointAngle {
    /// All joints, in the order of files and screens.
    pub const ALL: [Self; COUNT] = [
        J::LeftElbow,
        J::RightElbow,
        J::LeftShoulder,
        J::RightShoulder,
        J::LeftHip,
        J::RightHip,
        J::LeftKnee,
        J::RightKnee,
        J::LeftAnkle,
        J::RightAnkle,
        J::LeftWrist,
        J::RightWrist,
        J::Neck,
        J::Spine,
    ];

    /// The name in files, `left_elbow` to `spine`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            J::LeftElbow => "left_elbow",
            J::RightElbow => "right_elbow",
            J::LeftShoulder => "left_shoulder",
            J::RightShoulder => "right_shoulder",
            J::LeftHip => "left_hip",
            J::RightHip => "right_hip",
            J::LeftKnee => "left_knee",
            J::RightKnee => "right_knee",
            J::LeftAnkle => "left_ankle",
            J::RightAnkle => "right_ankle",
            J::LeftWrist => "left_wrist",
            J::RightWrist => "right_wrist",
            J::Neck => "neck",
            J::Spine => "spine",
        }
    }

    /// The three points the angle lies between, the joint in the middle. A point named twice is itself, two different
    /// ones stand for their midpoint.
    const fn points(self) -> [[PoseLandmark; 2]; 3] {
        const fn single(a: L, b: L, c: L) -> [[L; 2]; 3] {
            [[a, a], [b, b], [c, c]]
        }
        const SHOULDERS: [L; 2] = [L::LeftShoulder, L::RightShoulder];
        const HIPS: [L; 2] = [L::LeftHip, L::RightHip];
        match self {
            J::LeftElbow => single(L::LeftShoulder, L::LeftElbow, L::LeftWrist),
            J::RightElbow => single(L::RightShoulder, L::RightElbow, L::RightWrist),
            J::LeftShoulder => single(L::LeftElbow, L::LeftShoulder, L::LeftHip),
            J::RightShoulder => single(L::RightElbow, L::RightShoulder, L::RightHip),
            J::LeftHip => single(L::LeftShoulder, L::LeftHip, L::LeftKnee),
            J::RightHip => single(L::RightShoulder, L::RightHip, L::RightKnee),
            J::LeftKnee => single(L::LeftHip, L::LeftKnee, L::LeftAnkle),
            J::RightKnee => single(L::RightHip, L::RightKnee, L::RightAnkle),
            J::LeftAnkle => single(L::LeftKnee, L::LeftAnkle, L::LeftFootIndex),
            J::RightAnkle => single(L::RightKnee, L::RightAnkle, L::RightFootIndex),
            J::LeftWrist => single(L::LeftElbow, L::LeftWrist, L::LeftIndex),
            J::RightWrist => single(L::RightElbow, L::RightWrist, L::RightIndex),
            J::Neck => [[L::LeftEar, L::RightEar], SHOULDERS, HIPS],
            J::Spine => [SHOULDERS, HIPS, [L::LeftKnee, L::RightKnee]],
        }
    }
}

/// The joint angles of one body in radians, 0 to π, π being straight; `None` where unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct JointAngles([Option<f32>; COUNT]);

impl JointAngles {
    /// One angle in radians, `None` where it is unknown.
    #[must_use]
    pub const fn get(&self, joint: JointAngle) -> Option<f32> {
        self.0[joint as usize]
    }

    /// All angles in the order of [`JointAngle::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (JointAngle, Option<f32>)> + '_ {
        JointAngle::ALL.into_iter().zip(self.0)
    }
}

/// Measures the included angle at every joint from world landmarks (metres).
///
/// An angle is unknown when a landmark's visibility is under 0.5, a segment is shorter than 1 cm, or a coordinate is not
/// a number. It does not depend on where the body stands, how it is turned, or its size.
#[must_use]
pub fn joint_angles(world: &[Landmark; POSE_LANDMARK_COUNT]) -> JointAngles {
    JointAngles(JointAngle::ALL.map(|joint| {
        let [from, at, to] = joint.points().map(|pair| midpoint(world, pair));
        included_angle(from?, at?, to?)
    }))
}

/// The midpoint of two landmarks that are both visible.
fn midpoint(world: &[Landmark; POSE_LANDMARK_COUNT], [a, b]: [PoseLandmark; 2]) -> Option<Vec3> {
    let (a, b) = (&world[a as usize], &world[b as usize]);
    (a.visibility >= MIN_VISIBILITY && b.visibility >= MIN_VISIBILITY).then(|| (a.position + b.position) * 0.5)
}

/// The angle at `at` between the directions to `from` and `to`.
fn included_angle(from: Vec3, at: Vec3, to: Vec3) -> Option<f32> {
    let (u, v) = (from - at, to - at);
    let long_enough = u.length() >= MIN_SEGMENT_M && v.length() >= MIN_SEGMENT_M;
    // atan2 keeps its precision near straight, where acos loses it.
    let angle = u.cross(v).length().atan2(u.dot(v));
    (long_enough && angle.is_finite()).then_some(angle)
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{FRAC_PI_2, PI};

    use super::*;

    fn body() -> [Landmark; POSE_LANDMARK_COUNT] {
        let mut world = [Landmark { visibility: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
        let mut put = |point: L, x: f32, y: f32, z: f32| world[point as usize].position = Vec3::new(x, y, z);
        for (x, shoulder, elbow, wrist, index, hip, knee, ankle, foot, ear) in [
            (
                0.2,
                L::LeftShoulder,
                L::LeftElbow,
                L::LeftWrist,
                L::LeftIndex,
                L::LeftHip,
                L::LeftKnee,
                L::LeftAnkle,
                L::LeftFootIndex,
                L::LeftEar,
            ),
            (
                -0.2,
                L::RightShoulder,
                L::RightElbow,
                L::RightWrist,
                L::RightIndex,
                L::RightHip,
                L::RightKnee,
                L::RightAnkle,
                L::RightFootIndex,
                L::RightEar,
            ),
        ] {
            put(shoulder, x, -0.5, 0.0);
            put(elbow, 2.5 * x, -0.5, 0.0);
            put(wrist, 2.5 * x, -0.75, 0.0);
            put(index, 2.5 * x, -0.85, 0.0);
            put(hip, x, 0.0, 0.0);
            put(knee, x, 0.4, 0.0);
            put(ankle, x, 0.8, 0.0);
            put(foot, x, 0.8, -0.15);
            put(ear, x, -0.7, 0.0);
        }
        world
    }

    #[test]
    fn known_angles() {
        let angles = joint_angles(&body());
        for (joint, expected) in [
            (J::LeftElbow, FRAC_PI_2),
            (J::RightElbow, FRAC_PI_2),
            (J::LeftShoulder, FRAC_PI_2),
            (J::RightHip, PI),
            (J::LeftKnee, PI),
            (J::RightAnkle, FRAC_PI_2),
            (J::LeftWrist, PI),
            (J::Neck, PI),
            (J::Spine, PI),
        ] {
            let angle = angles.get(joint).expect("known");
            assert!((angle - expected).abs() < 1e-5, "{}: {angle}", joint.name());
        }
    }

    #[test]
    fn hidden_short_or_broken_means_unknown() {
        let mut world = body();
        world[L::LeftElbow as usize].visibility = 0.49;
        world[L::RightKnee as usize].position = world[L::RightHip as usize].position + Vec3::splat(0.005);
        world[L::LeftAnkle as usize].position.x = f32::NAN;
        let angles = joint_angles(&world);
        for joint in [J::LeftElbow, J::LeftShoulder, J::LeftWrist, J::RightKnee, J::RightHip, J::LeftKnee, J::LeftAnkle]
        {
            assert_eq!(angles.get(joint), None, "{}", joint.name());
        }
        assert!(angles.get(J::RightElbow).is_some());
        assert_eq!(angles.iter().count(), COUNT);
    }
}
