//! A pose to datagrams.

use rosc::{OscMessage, OscPacket, OscType, encoder};

use super::frame::{Placement, VmcFrame};
use super::names::{unity_name, vmc_expression};
use super::{mirrored_point, mirrored_rotation};
use crate::motion::skeleton::HumanoidBone;

/// Most bytes of a datagram: what an Ethernet frame carries of UDP over IPv4, so that none is cut up on its way.
pub const MAX_DATAGRAM: usize = 1472;

/// `#bundle` and the time tag that means "now".
const BUNDLE_HEAD: [u8; 16] = *b"#bundle\0\0\0\0\0\0\0\0\x01";

/// One pose as OSC bundles of at most [`MAX_DATAGRAM`] bytes, to be sent in this order. `time_s` is seconds on the
/// sender's clock.
#[must_use]
pub fn encode(frame: &VmcFrame, time_s: f32) -> Vec<Vec<u8>> {
    let mut datagrams = Datagrams::default();
    datagrams.push("/VMC/Ext/OK", vec![OscType::Int(1)]);
    datagrams.push("/VMC/Ext/T", vec![OscType::Float(time_s)]);
    datagrams.push("/VMC/Ext/Root/Pos", placed("root", &frame.root));
    for bone in HumanoidBone::ALL {
        if let Some(placement) = &frame.bones[bone as usize] {
            datagrams.push("/VMC/Ext/Bone/Pos", placed(&unity_name(bone), placement));
        }
    }
    if !frame.expressions.is_empty() {
        for (name, weight) in &frame.expressions {
            let name = vmc_expression(name).to_owned();
            datagrams.push("/VMC/Ext/Blend/Val", vec![OscType::String(name), OscType::Float(*weight)]);
        }
        datagrams.push("/VMC/Ext/Blend/Apply", Vec::new());
    }
    datagrams.0
}

fn placed(name: &str, placement: &Placement) -> Vec<OscType> {
    let (at, turn) = (mirrored_point(placement.position), mirrored_rotation(placement.rotation));
    let numbers = [at.x, at.y, at.z, turn.x, turn.y, turn.z, turn.w];
    std::iter::once(OscType::String(name.to_owned())).chain(numbers.map(OscType::Float)).collect()
}

/// Bundles, each filled before the next is begun.
#[derive(Default)]
struct Datagrams(Vec<Vec<u8>>);

impl Datagrams {
    fn push(&mut self, address: &str, args: Vec<OscType>) {
        let message = OscPacket::Message(OscMessage { addr: address.to_owned(), args });
        // A message that no datagram can hold (an expression with a name of a page) is left out.
        let Ok(bytes) = encoder::encode(&message) else { return };
        let size = 4 + bytes.len();
        if BUNDLE_HEAD.len() + size > MAX_DATAGRAM {
            return;
        }
        if self.0.last().is_none_or(|datagram| datagram.len() + size > MAX_DATAGRAM) {
            let mut datagram = Vec::with_capacity(MAX_DATAGRAM);
            datagram.extend(BUNDLE_HEAD);
            self.0.push(datagram);
        }
        if let Some(datagram) = self.0.last_mut() {
            datagram.extend((bytes.len() as u32).to_be_bytes());
            datagram.extend(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::tests::{skeleton, turned};
    use super::super::{FrameAssembler, decode};
    use super::*;
    use glam::{Quat, Vec3};

    #[test]
    fn the_first_bytes_are_those_of_the_specification() {
        let mut frame = VmcFrame::default();
        let turn = Quat::from_xyzw(0.5, 0.5, 0.5, 0.5);
        frame.bones[HumanoidBone::Hips as usize] =
            Some(Placement { position: Vec3::new(1.0, 2.0, 3.0), rotation: turn });
        let datagrams = encode(&frame, 0.5);
        assert_eq!(datagrams.len(), 1);
        let datagram = &datagrams[0];
        assert_eq!(datagram[..16], *b"#bundle\0\0\0\0\0\0\0\0\x01");
        assert_eq!(datagram[16..20], 20_u32.to_be_bytes());
        assert_eq!(datagram[20..40], *b"/VMC/Ext/OK\0,i\0\0\0\0\0\x01");
        // The last message: address, types, name, then seven numbers with x and the turns around y and z reversed.
        let hips = &datagram[datagram.len() - 28 - 8 - 12 - 20..];
        assert_eq!(hips[..40], *b"/VMC/Ext/Bone/Pos\0\0\0,sfffffff\0\0\0Hips\0\0\0\0");
        let numbers: Vec<f32> = hips[40..].as_chunks::<4>().0.iter().map(|bytes| f32::from_be_bytes(*bytes)).collect();
        assert_eq!(numbers, [-1.0, 2.0, 3.0, 0.5, -0.5, -0.5, 0.5]);
    }

    #[test]
    fn every_datagram_fits_and_the_pose_comes_back() {
        let rest = skeleton(1.0, &[]);
        let pose = turned(&rest, 1.2);
        let mut frame = VmcFrame::new(&rest, &pose);
        frame.expressions = vec![("blink".to_owned(), 0.75), ("aa".to_owned(), 0.5), ("Wink".to_owned(), 1.0)];
        let datagrams = encode(&frame, 12.5);
        assert!(datagrams.len() > 2, "55 bones do not fit into fewer");
        assert!(datagrams.iter().all(|datagram| datagram.len() <= MAX_DATAGRAM && datagram.len() % 4 == 0));
        let mut assembler = FrameAssembler::new();
        for datagram in &datagrams {
            for message in decode(datagram).expect("our own datagram") {
                assert!(assembler.take(message).is_none(), "one pose, not two");
            }
        }
        let back = assembler.flush().expect("a pose");
        assert_eq!(back.expressions, frame.expressions);
        let back = back.pose(&rest);
        for bone in HumanoidBone::ALL {
            let off = back.rotation(bone).angle_between(pose.rotation(bone)).to_degrees();
            assert!(off < 0.1, "{bone:?} is {off} degrees off");
        }
        assert!(back.hips_position.distance(pose.hips_position) < 1e-4);
    }

    #[test]
    fn what_no_datagram_holds_is_left_out() {
        let expressions = vec![("x".repeat(5000), 1.0), ("aa".to_owned(), 1.0)];
        let datagrams = encode(&VmcFrame { expressions, ..VmcFrame::default() }, 0.0);
        assert_eq!(datagrams.len(), 1);
        assert!(datagrams[0].len() < MAX_DATAGRAM);
    }
}
