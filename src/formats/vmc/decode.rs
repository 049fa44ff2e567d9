//! Datagrams to messages. Whoever can reach the port can send anything, so nothing here trusts a byte.

use glam::{Quat, Vec3};
use rosc::{OscMessage, OscPacket, OscType, decoder};

use super::frame::Placement;
use super::names::{bone_of, expression_name};
use super::{mirrored_point, mirrored_rotation};
use crate::motion::skeleton::HumanoidBone;

/// Bundles in one datagram. The decoder calls itself for each one that lies within another.
const MAX_BUNDLES: usize = 64;
/// Opening brackets in one datagram, that is arrays within arrays at most, which are taken apart one within the other.
/// Numbers may hold the same byte, though hardly so often.
const MAX_BRACKETS: usize = 1024;
/// Farthest place that is believed, metres.
const FARTHEST_M: f32 = 1000.0;
/// Longest name of an expression that is believed, in bytes.
const LONGEST_NAME: usize = 64;

/// Why a datagram is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VmcError {
    /// More bundles within bundles, or arrays within arrays, than any sender makes.
    #[error("nested too deeply")]
    TooDeep,
    /// Not OSC.
    #[error("not an OSC packet: {reason}")]
    NotOsc {
        /// What the decoder said.
        reason: String,
    },
}

/// What we understand of VMC.
#[derive(Debug, Clone, PartialEq)]
pub enum VmcMessage {
    /// Whether the sender has an avatar to send.
    Available(bool),
    /// Seconds on the sender's clock.
    Time(f32),
    /// Where the avatar stands.
    Root(Placement),
    /// A bone against its parent.
    Bone(HumanoidBone, Placement),
    /// The weight of an expression by its VRM 1 name, 0 to 1.
    Expression(String, f32),
    /// The expressions since the last such message are to be shown.
    ApplyExpressions,
}

/// The messages of one datagram, in order. Those that are unknown or hold something that cannot be (no numbers, a
/// rotation of zero length) are left out.
///
/// # Errors
/// [`VmcError`] when the datagram as a whole is not readable.
pub fn decode(datagram: &[u8]) -> Result<Vec<VmcMessage>, VmcError> {
    let bundles = datagram.windows(8).filter(|window| *window == b"#bundle\0").count();
    let brackets = datagram.split(|byte| *byte == b'[').count() - 1;
    if bundles > MAX_BUNDLES || brackets > MAX_BRACKETS {
        return Err(VmcError::TooDeep);
    }
    let (_, packet) = decoder::decode_udp(datagram).map_err(|error| VmcError::NotOsc { reason: error.to_string() })?;
    let mut messages = Vec::new();
    let mut open = vec![packet];
    while let Some(packet) = open.pop() {
        match packet {
            OscPacket::Message(message) => messages.extend(understand(&message)),
            OscPacket::Bundle(bundle) => open.extend(bundle.content.into_iter().rev()),
        }
    }
    Ok(messages)
}

fn understand(message: &OscMessage) -> Option<VmcMessage> {
    let args = message.args.as_slice();
    match message.addr.as_str() {
        "/VMC/Ext/OK" => Some(VmcMessage::Available(number(args.first()?)? >= 0.5)),
        "/VMC/Ext/T" => Some(VmcMessage::Time(number(args.first()?)?)),
        // Root/Pos may bear six numbers more (scale and offset of the room), which concern no avatar.
        "/VMC/Ext/Root/Pos" => Some(VmcMessage::Root(placement(args.get(1..8)?)?)),
        "/VMC/Ext/Bone/Pos" => Some(VmcMessage::Bone(bone_of(text(args.first()?)?)?, placement(args.get(1..8)?)?)),
        "/VMC/Ext/Blend/Val" => {
            let name = text(args.first()?).filter(|name| name.len() <= LONGEST_NAME)?;
            Some(VmcMessage::Expression(expression_name(name).to_owned(), number(args.get(1)?)?.clamp(0.0, 1.0)))
        }
        "/VMC/Ext/Blend/Apply" => Some(VmcMessage::ApplyExpressions),
        _ => None,
    }
}

fn text(arg: &OscType) -> Option<&str> {
    if let OscType::String(text) = arg { Some(text) } else { None }
}

fn number(arg: &OscType) -> Option<f32> {
    let number = match arg {
        OscType::Float(number) => *number,
        OscType::Double(number) => *number as f32,
        OscType::Int(number) => *number as f32,
        OscType::Bool(truth) => f32::from(u8::from(*truth)),
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Seven numbers: x, y, z and a quaternion, which need not be of unit length.
fn placement(args: &[OscType]) -> Option<Placement> {
    let numbers: Vec<f32> = args.iter().map_while(number).collect();
    let [x, y, z, i, j, k, w] = numbers.as_slice().try_into().ok()?;
    let position = Vec3::new(x, y, z);
    let rotation = Quat::from_xyzw(i, j, k, w);
    let length = rotation.length();
    let is_usable = position.abs().max_element() <= FARTHEST_M && length.is_finite() && length > 1e-3;
    is_usable.then(|| Placement {
        position: mirrored_point(position),
        rotation: mirrored_rotation(rotation / length).normalize(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rosc::{OscBundle, OscTime, encoder};

    fn bone(name: &str, numbers: [f32; 7]) -> Vec<u8> {
        let args = std::iter::once(OscType::String(name.to_owned())).chain(numbers.map(OscType::Float)).collect();
        let message = OscMessage { addr: "/VMC/Ext/Bone/Pos".to_owned(), args };
        encoder::encode(&OscPacket::Message(message)).expect("encodes")
    }

    #[test]
    fn a_message_without_a_bundle_is_read_too() {
        let messages = decode(&bone("Head", [1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 2.0])).expect("reads");
        let expected = Placement { position: Vec3::new(-1.0, 2.0, 3.0), rotation: Quat::IDENTITY };
        assert_eq!(messages, [VmcMessage::Bone(HumanoidBone::Head, expected)]);
    }

    #[test]
    fn what_cannot_be_is_left_out() {
        let unit = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        for (name, numbers) in [
            ("Tail", unit),
            ("Head", [0.0; 7]),
            ("Head", [f32::NAN, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
            ("Head", [0.0, 0.0, 0.0, f32::INFINITY, 0.0, 0.0, 1.0]),
            ("Head", [0.0, 0.0, 0.0, 1e30, 1e30, 0.0, 1.0]),
            ("Head", [1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
        ] {
            assert_eq!(decode(&bone(name, numbers)), Ok(Vec::new()), "{name} {numbers:?}");
        }
    }

    #[test]
    fn bundles_in_bundles_are_read_in_order_up_to_a_depth() {
        let nested = |depth: usize| {
            let message =
                |addr: &str| OscPacket::Message(OscMessage { addr: addr.to_owned(), args: vec![OscType::Int(1)] });
            let mut packet = message("/VMC/Ext/OK");
            for _ in 0..depth {
                let content = vec![packet, message("/VMC/Ext/T")];
                packet = OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content });
            }
            encoder::encode(&packet).expect("encodes")
        };
        let messages = decode(&nested(2)).expect("reads");
        assert_eq!(messages, [VmcMessage::Available(true), VmcMessage::Time(1.0), VmcMessage::Time(1.0)]);
        assert_eq!(decode(&nested(MAX_BUNDLES + 1)), Err(VmcError::TooDeep));
        assert_eq!(decode(&b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x10".repeat(3000)), Err(VmcError::TooDeep));
    }

    #[test]
    fn arrays_in_arrays_are_refused() {
        let mut datagram = b"/a\0\0,".to_vec();
        datagram.extend(b"[".repeat(30_000));
        datagram.extend(b"]".repeat(30_000));
        datagram.extend([0; 4]);
        assert_eq!(decode(&datagram), Err(VmcError::TooDeep));
    }

    #[test]
    fn other_bytes_are_no_osc() {
        for bytes in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 64], &[255; 64]] {
            assert!(matches!(decode(bytes), Err(VmcError::NotOsc { .. })), "{bytes:?}");
        }
    }
}
