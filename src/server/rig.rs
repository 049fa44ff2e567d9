//! Poses of a humanoid's bones, for clients that move an avatar and have no solver of their own.

use crate::motion::retarget::rotation_from_parent;
use crate::motion::session::ActorFrame;
use crate::motion::skeleton::HumanoidBone;
use crate::wire::answer::RigPose;

/// The pose of one person as it goes to a client.
pub(super) fn rig_pose(actor: &ActorFrame) -> RigPose {
    RigPose {
        hips: actor.pose.hips_position,
        rotations: HumanoidBone::ALL.map(|bone| rotation_from_parent(&actor.skeleton, bone, &actor.pose)).to_vec(),
    }
}
