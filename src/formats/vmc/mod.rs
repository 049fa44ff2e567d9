//! Virtual motion capture: poses as OSC messages, as programs that show avatars send and receive them.
//!
//! Pure: [`encode`] makes datagrams, [`decode`] reads them, [`FrameAssembler`] puts together what one pose was cut into.
//! Sockets are the business of [`crate::net`].
//!
//! A datagram is an OSC bundle. Space: Unity's (left-handed, y up, metres); this module turns it into ours and back,
//! so that nobody else sees it. Rotations are local, against a T-pose whose rotations are all the identity.
//!
//! Source: <https://protocol.vmc.info/specification>.

mod assemble;
mod decode;
mod encode;
mod frame;
#[cfg(test)]
mod hostile;
mod names;

pub use assemble::FrameAssembler;
pub use decode::{VmcError, VmcMessage, decode};
pub use encode::{MAX_DATAGRAM, encode};
pub use frame::{Placement, VmcFrame};
pub use names::{bone_of, expression_name, unity_name, vmc_expression};

use glam::{Quat, Vec3};

/// Port on which programs that show avatars listen.
pub const SEND_PORT: u16 = 39_539;
/// Port on which we listen.
pub const RECEIVE_PORT: u16 = 39_540;

/// From our space (right-handed, facing +z) to Unity's, and back: the mirror is its own inverse.
fn mirrored_point(point: Vec3) -> Vec3 {
    Vec3::new(-point.x, point.y, point.z)
}

/// The same for a rotation.
fn mirrored_rotation(rotation: Quat) -> Quat {
    Quat::from_xyzw(rotation.x, -rotation.y, -rotation.z, rotation.w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_its_own_inverse_and_keeps_turns_together_with_points() {
        let (turn, point) = (Quat::from_euler(glam::EulerRot::XYZ, 0.3, -0.8, 1.1), Vec3::new(0.2, 1.0, -0.4));
        assert_eq!(mirrored_point(mirrored_point(point)), point);
        assert_eq!(mirrored_rotation(mirrored_rotation(turn)), turn);
        let there = mirrored_rotation(turn) * mirrored_point(point);
        assert!(there.distance(mirrored_point(turn * point)) < 1e-6);
    }
}
