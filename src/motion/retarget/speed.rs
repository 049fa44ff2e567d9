//! The fastest that a bone turns.

use std::f32::consts::PI;

use glam::Quat;

use super::avatar_pose::AvatarPose;
use super::kinematics::turns;
use crate::motion::skeleton::HumanoidBone;

/// Radians a second: 18 degrees from one picture to the next at 60 a second. Golfers' arms are a little slower; what is
/// faster is an error of the tracker.
const FASTEST: f32 = 18.9;

/// Holds each bone back that would turn faster in the scene. `dt` is the time since `before`, seconds.
pub(super) fn limit_speed(pose: &mut AvatarPose, before: &AvatarPose, dt: f32) {
    let most = FASTEST * dt;
    if !(dt > 0.0 && most < PI) {
        return;
    }
    let (wanted, then) = (turns(pose), turns(before));
    if wanted.iter().zip(&then).all(|(wanted, then)| then.angle_between(*wanted) <= most) {
        return;
    }
    let mut limited = wanted;
    for bone in HumanoidBone::ALL {
        let index = bone as usize;
        let angle = then[index].angle_between(wanted[index]);
        if angle > most {
            limited[index] = then[index].slerp(wanted[index], most / angle).normalize();
        }
        let parent = bone.parent().map_or(Quat::IDENTITY, |parent| limited[parent as usize]);
        pose.rotations[index] = (parent.inverse() * limited[index]).normalize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::skeleton::RestSkeleton;

    use HumanoidBone as B;

    #[test]
    fn a_bone_that_flips_takes_its_time_and_the_others_follow() {
        let before = AvatarPose::t_pose(&RestSkeleton::default());
        let mut wanted = before;
        wanted.rotations[B::LeftUpperArm as usize] = Quat::from_rotation_y(2.0);
        wanted.rotations[B::RightUpperArm as usize] = Quat::from_rotation_y(0.3);
        let mut pose = wanted;
        limit_speed(&mut pose, &before, 1.0 / 30.0);
        let turned = turns(&pose);
        assert!((turned[B::LeftUpperArm as usize].angle_between(Quat::IDENTITY) - 0.63).abs() < 1e-3);
        assert!((turned[B::LeftLowerArm as usize].angle_between(Quat::IDENTITY) - 0.63).abs() < 1e-3);
        assert!(turned[B::RightHand as usize].angle_between(Quat::from_rotation_y(0.3)) < 1e-3);
        let mut slow = wanted;
        limit_speed(&mut slow, &before, 0.5);
        assert_eq!(slow, wanted, "half a second is time enough");
    }
}
