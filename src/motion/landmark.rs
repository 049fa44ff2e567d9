//! The 33 body landmarks of BlazePose and their names.

use glam::Vec3;

/// Number of body landmarks.
pub const POSE_LANDMARK_COUNT: usize = 33;

/// One landmark: a position with two confidences.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Landmark {
    /// Pixels (image landmarks) or metres (world landmarks); see the frames of reference in the crate's documentation.
    pub position: Vec3,
    /// Probability, 0 to 1, that the point is not hidden by something.
    pub visibility: f32,
    /// Probability, 0 to 1, that the point lies inside the picture.
    pub presence: f32,
}

/// Index of a body landmark, in the order of the model's output. `Left` and `Right` are the person's own.
///
/// Source: BlazePose topology, `MediaPipe` `pose_landmark.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(usize)]
#[expect(missing_docs, reason = "the names are the anatomical points themselves")]
pub enum PoseLandmark {
    Nose,
    LeftEyeInner,
    LeftEye,
    LeftEyeOuter,
    RightEyeInner,
    RightEye,
    RightEyeOuter,
    LeftEar,
    RightEar,
    MouthLeft,
    MouthRight,
    LeftShoulder,
    RightShoulder,
    LeftElbow,
    RightElbow,
    LeftWrist,
    RightWrist,
    LeftPinky,
    RightPinky,
    LeftIndex,
    RightIndex,
    LeftThumb,
    RightThumb,
    LeftHip,
    RightHip,
    LeftKnee,
    RightKnee,
    LeftAnkle,
    RightAnkle,
    LeftHeel,
    RightHeel,
    LeftFootIndex,
    RightFootIndex,
}

/// Index of the landmark on the other side of the body; the nose is its own.
pub(super) const fn opposite(index: usize) -> usize {
    match index {
        0 => 0,
        1..=3 => index + 3,
        4..=6 => index - 3,
        // From the ears on, left is odd and right the even number after it.
        _ if index % 2 == 1 => index + 1,
        _ => index - 1,
    }
}

/// Names in the order of [`PoseLandmark`], as they stand in files and on screens.
pub const POSE_LANDMARK_NAMES: [&str; POSE_LANDMARK_COUNT] = [
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
];

/// The joints of trunk and limbs: what bodies are compared by, measured by and fitted by.
pub const MAIN_JOINTS: [PoseLandmark; 12] = [
    PoseLandmark::LeftShoulder,
    PoseLandmark::RightShoulder,
    PoseLandmark::LeftElbow,
    PoseLandmark::RightElbow,
    PoseLandmark::LeftWrist,
    PoseLandmark::RightWrist,
    PoseLandmark::LeftHip,
    PoseLandmark::RightHip,
    PoseLandmark::LeftKnee,
    PoseLandmark::RightKnee,
    PoseLandmark::LeftAnkle,
    PoseLandmark::RightAnkle,
];

/// Pairs of landmarks that are joined by a line when a skeleton is drawn over the picture.
pub const POSE_CONNECTIONS: [(usize, usize); 35] = [
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 7),
    (0, 4),
    (4, 5),
    (5, 6),
    (6, 8),
    (9, 10),
    (11, 12),
    (11, 13),
    (13, 15),
    (15, 17),
    (15, 19),
    (15, 21),
    (17, 19),
    (12, 14),
    (14, 16),
    (16, 18),
    (16, 20),
    (16, 22),
    (18, 20),
    (11, 23),
    (12, 24),
    (23, 24),
    (23, 25),
    (24, 26),
    (25, 27),
    (26, 28),
    (27, 29),
    (28, 30),
    (29, 31),
    (30, 32),
    (27, 31),
    (28, 32),
];
