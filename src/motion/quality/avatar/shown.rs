//! The poses that a screen shows between two results.

use super::AvatarStretch;
use super::posed::Posed;
use crate::motion::interpolation::Timeline;
use crate::motion::locomotion::keep_above_floor;
use crate::motion::pose::BodyPose;
use crate::motion::skeleton::RestSkeleton;

/// Pictures a second that a viewer is taken to see.
pub const SHOWN_HZ: f64 = 60.0;

/// One picture: the avatar, and its landmarks interpolated in the same way.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) posed: Posed,
    pub(super) body: BodyPose,
    /// The source frames that it lies between; the same one twice on a frame.
    pub(super) between: [usize; 2],
}

/// A stretch at [`SHOWN_HZ`], interpolated as the app does it.
pub(super) fn shown(skeleton: &RestSkeleton, stretch: &AvatarStretch) -> Vec<Shown> {
    let Some(&start) = stretch.times.first() else { return Vec::new() };
    let (mut poses, mut bodies) = (Timeline::new(), Timeline::new());
    let (mut pictures, mut next) = (Vec::new(), start);
    for (frame, ((&time_s, pose), body)) in stretch.times.iter().zip(&stretch.poses).zip(&stretch.fed).enumerate() {
        poses.push(time_s, *pose);
        bodies.push(time_s, body.clone());
        while next <= time_s {
            let Some((mut pose, body)) = poses.sample(next).zip(bodies.sample(next)) else { break };
            keep_above_floor(skeleton, &mut pose);
            let before = if next < time_s { frame.saturating_sub(1) } else { frame };
            pictures.push(Shown { posed: Posed::new(skeleton, &pose), body, between: [before, frame] });
            next = start + pictures.len() as f64 / SHOWN_HZ;
        }
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn pictures_lie_between_the_frames_around_them() {
        let pictures = shown(&fixture::skeleton(), &fixture::standing(31));
        assert_eq!(pictures.len(), 61, "one second and both ends");
        assert_eq!(pictures[0].between, [0, 0]);
        assert!(pictures[1].between == [0, 1] && pictures[59].between == [29, 30]);
        assert!(shown(&fixture::skeleton(), &AvatarStretch::default()).is_empty());
    }
}
