//! From world landmarks to the pose of an avatar.
//!
//! The solver works on the *normalised* humanoid: in its T-pose every bone's rotation is the identity, whatever the file
//! says, so that one pose drives any avatar. Each bone gets an anatomical frame from the landmarks (the direction of the
//! limb and the axis of its hinge), and its rotation is what carries the same frame of the T-pose there.
//!
//! - Hinges (elbows, knees) never bend backwards, and the twist of a nearly straight limb, which no camera can see, is
//!   followed over time and relaxes to a natural one, so that nothing flips.
//! - Limbs that are not seen ease to a natural stance.
//! - Trunk and neck are aimed: the avatar's shoulders and head lie where the person's do, whatever its proportions.
//! - The feet stand on the floor: the lowest point of the soles is at y = 0.
//! - Hands that meet on the person meet on the avatar, whatever its proportions.
//!
//! Where it is weak: the depth of the landmarks is an estimate, so limbs that point at the camera are foreshortened or
//! bent; the twist of the spine is shared out evenly. Steps and jumps are for [`locomotion`](super::locomotion) to add.

mod arm;
mod avatar_pose;
mod body;
mod fingers;
mod ground;
mod kinematics;
mod leg;
mod limb;
mod reach;
mod rotation;
mod solver;
mod speed;
mod torso;
mod twist;

pub use avatar_pose::AvatarPose;
pub use body::scene_from_world;
pub use ground::{Sole, sole_heights};
pub(crate) use kinematics::turns;
pub use kinematics::{bone_local_rotation, joint_positions, rotation_from_parent};
pub use reach::LegChain;
pub(crate) use rotation::{reflect_point, smoothstep, wrap};
pub use solver::Retargeter;
pub(crate) use torso::{EARS_BEFORE_NECK, NOSE_BELOW_EARS};
