//! Motion at a constant rate: what files of animation hold.

use glam::Vec3;

use super::retarget::AvatarPose;
use super::skeleton::{HumanoidBone, RestSkeleton};

/// The motion of one person, put onto one avatar. Frame `n` is at `n / fps` seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct MotionClip {
    /// What to call it.
    pub name: String,
    /// Frames a second; finite and above zero.
    pub fps: f64,
    /// The avatar's T-pose.
    pub skeleton: RestSkeleton,
    /// One pose a frame: metres, y up, floor at y = 0.
    pub poses: Vec<AvatarPose>,
}

impl MotionClip {
    /// From the first frame to the last, seconds; zero for one frame or none.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.poses.len().saturating_sub(1) as f64 / self.fps
    }

    /// The pose at `time_s` seconds, between two frames where it falls there, the first or the last one outside; `None`
    /// without frames.
    #[must_use]
    pub fn sample(&self, time_s: f64) -> Option<AvatarPose> {
        let last = self.poses.len().checked_sub(1)?;
        let at = if time_s.is_finite() { (time_s * self.fps).clamp(0.0, last as f64) } else { 0.0 };
        let frame = at.floor() as usize;
        let next = (frame + 1).min(last);
        Some(self.poses[frame].interpolate(&self.poses[next], (at - frame as f64) as f32))
    }
}

impl MotionClip {
    /// The same motion on another avatar: every bone turns as before, and the way of the hips grows with their height.
    ///
    /// Source: VRM 1.0 animations, retargeting.
    #[must_use]
    pub fn onto(&self, skeleton: &RestSkeleton) -> Self {
        let mut clip = Self { skeleton: skeleton.clone(), ..self.clone() };
        for pose in &mut clip.poses {
            self.carry(pose, skeleton);
        }
        clip
    }

    /// One pose of [`MotionClip::onto`], as [`MotionClip::sample`] gives it.
    #[must_use]
    pub fn sample_onto(&self, time_s: f64, skeleton: &RestSkeleton) -> Option<AvatarPose> {
        let mut pose = self.sample(time_s)?;
        self.carry(&mut pose, skeleton);
        Some(pose)
    }

    /// Turns a pose of this clip into one of another avatar.
    fn carry(&self, pose: &mut AvatarPose, skeleton: &RestSkeleton) {
        let hips = |rest: &RestSkeleton| rest.get(HumanoidBone::Hips).map_or(Vec3::ZERO, |hips| hips.position);
        let (from, to) = (hips(&self.skeleton), hips(skeleton));
        let ratio = if from.y > 1e-3 && to.y > 1e-3 { to.y / from.y } else { 1.0 };
        // Nothing may change, not even by rounding, where nothing has to.
        if from != to {
            pose.hips_position = to + (pose.hips_position - from) * ratio;
        }
    }
}

/// Named points of one person over time, as laboratories write them. Frame `n` is at `n / fps` seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerSeries {
    /// What to call it.
    pub name: String,
    /// Frames a second; finite and above zero.
    pub fps: f64,
    /// Names of the markers, each once.
    pub markers: Vec<String>,
    /// By frame, then by marker: metres, y up, x to the right of the picture, z towards the camera; `None` where a marker
    /// is not known.
    pub frames: Vec<Vec<Option<Vec3>>>,
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::*;
    use crate::motion::skeleton::RestBone;

    #[test]
    fn a_clip_is_sampled_between_its_frames_and_held_at_its_ends() {
        let mut pose = AvatarPose::t_pose(&RestSkeleton::default());
        let poses: Vec<_> = (0..3)
            .map(|frame| {
                pose.hips_position = Vec3::new(frame as f32, 0.0, 0.0);
                pose
            })
            .collect();
        let clip = MotionClip { name: String::new(), fps: 10.0, skeleton: RestSkeleton::default(), poses };
        assert!((clip.duration_s() - 0.2).abs() < 1e-12);
        for (time_s, x) in [(-1.0, 0.0), (0.0, 0.0), (0.05, 0.5), (0.17, 1.7), (5.0, 2.0), (f64::NAN, 0.0)] {
            let sampled = clip.sample(time_s).expect("has frames").hips_position.x;
            assert!((sampled - x).abs() < 1e-5, "{time_s}: {sampled}");
        }
        assert_eq!(MotionClip { poses: Vec::new(), ..clip }.sample(0.0), None);
    }

    #[test]
    fn on_another_avatar_the_way_of_the_hips_grows_with_their_height() {
        let skeleton = |hips: Vec3| {
            let bone = RestBone {
                position: hips,
                rotation: Quat::IDENTITY,
                local_rotation: Quat::IDENTITY,
                local_position: hips,
            };
            let mut skeleton = RestSkeleton::default();
            skeleton.bones[HumanoidBone::Hips as usize] = Some(bone);
            skeleton
        };
        let (adult, child) = (skeleton(Vec3::new(0.0, 1.0, 0.0)), skeleton(Vec3::new(0.0, 0.5, -0.01)));
        let mut pose = AvatarPose::t_pose(&adult);
        pose.hips_position = Vec3::new(2.0, 0.8, -1.0);
        pose.rotations[3] = Quat::from_rotation_x(0.3);
        let clip = MotionClip { name: String::new(), fps: 10.0, skeleton: adult.clone(), poses: vec![pose] };
        let fitted = clip.onto(&child);
        assert!(fitted.poses[0].hips_position.distance(Vec3::new(1.0, 0.4, -0.51)) < 1e-6);
        assert_eq!((fitted.poses[0].rotations, &fitted.skeleton), (pose.rotations, &child));
        assert_eq!(clip.onto(&adult), clip);
        // A skeleton without hips, or with hips on the floor, has no size to go by.
        let nowhere = clip.onto(&RestSkeleton::default()).poses[0].hips_position;
        assert!(nowhere.distance(Vec3::new(2.0, -0.2, -1.0)) < 1e-6);
    }
}
