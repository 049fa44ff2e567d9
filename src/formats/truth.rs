//! The ground truth of a rendered clip.

use std::path::{Path, PathBuf};

use glam::{Mat3, Vec3};
use serde::Deserialize;

use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT};

/// Why a ground truth cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: the ground truth cannot be read: {reason}")]
pub struct TruthError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Deserialize)]
struct Document {
    camera: Camera,
    frames: Vec<TrueFrame>,
}

#[derive(Deserialize)]
struct Camera {
    /// Rows of the rotation from the scene into the camera.
    #[serde(rename = "R")]
    rotation: [[f32; 3]; 3],
}

#[derive(Deserialize)]
struct TrueFrame {
    /// Metres in the scene, z up.
    landmarks3d: Vec<[f32; 3]>,
}

/// Reads the true world landmarks of every frame: metres, origin between the hips, axes of the camera (x right, y down,
/// z away), fully visible. The format is that of `assets/demo/demo.groundtruth.json`.
///
/// # Errors
/// [`TruthError`] when the file is not there, is something else, or a frame lacks a landmark.
pub fn read_truth(path: &Path) -> Result<Vec<[Landmark; POSE_LANDMARK_COUNT]>, TruthError> {
    let failed = |reason: String| TruthError { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))?;
    // Rows there, columns here.
    let camera_from_scene = Mat3::from_cols_array_2d(&document.camera.rotation).transpose();
    let frame = |(index, frame): (usize, TrueFrame)| {
        let points: [[f32; 3]; POSE_LANDMARK_COUNT] =
            frame.landmarks3d.try_into().map_err(|points: Vec<[f32; 3]>| {
                failed(format!("frame {index} has {} landmarks, not {POSE_LANDMARK_COUNT}", points.len()))
            })?;
        let points = points.map(Vec3::from_array);
        let hips = (points[23] + points[24]) * 0.5;
        // The camera's place falls away with the hips' middle.
        let landmark =
            |point| Landmark { position: camera_from_scene * (point - hips), visibility: 1.0, presence: 1.0 };
        Ok(points.map(landmark))
    };
    document.frames.into_iter().enumerate().map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<[Landmark; POSE_LANDMARK_COUNT]>, TruthError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("truth.json");
        std::fs::write(&path, text).expect("writes");
        read_truth(&path)
    }

    #[test]
    fn up_in_the_scene_is_up_in_the_camera_and_the_hips_are_the_origin() {
        let mut points = vec![[0.0, 0.0, 1.0]; POSE_LANDMARK_COUNT];
        points[0] = [0.1, -0.2, 1.7];
        let camera = r#"{"R":[[1,0,0],[0,0,-1],[0,1,0]],"t":[0,1,4]}"#;
        let text = format!(r#"{{"camera":{camera},"frames":[{{"landmarks3d":{points:?}}}]}}"#);
        let frames = read(&text).expect("reads");
        let nose = frames[0][0].position;
        assert!(nose.distance(Vec3::new(0.1, -0.7, -0.2)) < 1e-6, "{nose}");
        assert_eq!(frames[0][23].position, Vec3::ZERO);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let missing = read_truth(Path::new("/nowhere/truth.json")).expect_err("refused").to_string();
        assert!(missing.contains("/nowhere/truth.json"), "{missing}");
        assert!(read("[]").is_err());
        let text = r#"{"camera":{"R":[[1,0,0],[0,1,0],[0,0,1]]},"frames":[{"landmarks3d":[[0,0,0]]}]}"#;
        let short = read(text).expect_err("refused").to_string();
        assert!(short.contains("frame 0 has 1 landmarks, not 33"), "{short}");
    }
}
