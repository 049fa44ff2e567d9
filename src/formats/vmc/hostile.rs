//! Ten thousand datagrams that nobody should send, the same ones on every run.

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, encoder};

use super::frame::tests::{skeleton, turned};
use super::{FrameAssembler, VmcFrame, decode, encode};
use crate::motion::random::Random;

/// Makes up what nobody should send.
struct Sender(Random);

impl Sender {
    fn number(&mut self) -> f32 {
        let odd = [f32::NAN, f32::INFINITY, -f32::INFINITY, 0.0, f32::MAX, f32::MIN_POSITIVE, 1e-30, -1e20];
        match self.0.below(3) {
            0 => odd[self.0.below(odd.len())],
            1 => f32::from_bits(self.0.next_u64() as u32),
            _ => self.0.below(2000) as f32 / 1000.0 - 1.0,
        }
    }

    fn message(&mut self) -> OscPacket {
        let addresses =
            ["/VMC/Ext/Bone/Pos", "/VMC/Ext/Root/Pos", "/VMC/Ext/Blend/Val", "/VMC/Ext/T", "/VMC/Ext/OK", "/x"];
        let names = ["Hips", "LeftUpperArm", "head", "Nobody", "", "Blink", "root"];
        let mut args = Vec::new();
        if self.0.below(8) > 0 {
            let name = names[self.0.below(names.len())];
            args.push(OscType::String(if self.0.below(20) == 0 { name.repeat(8000) } else { name.to_owned() }));
        }
        for _ in 0..self.0.below(12) {
            let number = self.number();
            args.push(match self.0.below(6) {
                0 => OscType::Int(self.0.next_u64() as i32),
                1 => OscType::Double(f64::from_bits(self.0.next_u64())),
                2 => OscType::Nil,
                _ => OscType::Float(number),
            });
        }
        OscPacket::Message(OscMessage { addr: addresses[self.0.below(addresses.len())].to_owned(), args })
    }

    fn bundle(&mut self, depth: usize) -> OscPacket {
        let content = (0..self.0.below(6))
            .map(|_| if depth > 0 && self.0.below(3) > 0 { self.bundle(depth - 1) } else { self.message() })
            .collect();
        OscPacket::Bundle(OscBundle { timetag: OscTime { seconds: 0, fractional: 1 }, content })
    }

    fn datagram(&mut self, good: &[Vec<u8>]) -> Vec<u8> {
        match self.0.below(5) {
            0 => (0..self.0.below(2000)).map(|_| self.0.next_u64() as u8).collect(),
            1 => {
                // A good one with bytes changed, and cut.
                let mut bytes = good[self.0.below(good.len())].clone();
                for _ in 0..=self.0.below(12) {
                    let at = self.0.below(bytes.len());
                    bytes[at] = self.0.next_u64() as u8;
                }
                bytes.truncate(self.0.below(bytes.len() + 1));
                bytes
            }
            2 => b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\xff\x00".repeat(self.0.below(3000)),
            3 => encoder::encode(&self.message()).expect("encodes"),
            _ => {
                let depth = self.0.below(7);
                encoder::encode(&self.bundle(depth)).expect("encodes")
            }
        }
    }
}

#[test]
fn ten_thousand_datagrams_leave_a_sound_pose() {
    let rest = skeleton(1.0, &[]);
    let good = encode(&VmcFrame::new(&rest, &turned(&rest, 0.7)), 1.0);
    let mut sender = Sender(Random::new(0x5EED_CAFE));
    let mut assembler = FrameAssembler::new();
    let (mut understood, mut refused) = (0_usize, 0_usize);
    for _ in 0..10_000 {
        let datagram = sender.datagram(&good);
        let Ok(messages) = decode(&datagram) else {
            refused += 1;
            continue;
        };
        understood += messages.len();
        for message in messages {
            let frame = assembler.take(message).or_else(|| assembler.flush());
            let Some(frame) = frame else { continue };
            let pose = frame.pose(&rest);
            assert!(pose.hips_position.is_finite() && pose.hips_position.length() < 20.0, "{:?}", pose.hips_position);
            assert!(pose.rotations.iter().all(|turn| turn.is_normalized()), "{:?}", pose.rotations);
            assert!(frame.expressions.iter().all(|(name, weight)| name.len() <= 64 && (0.0..=1.0).contains(weight)));
        }
    }
    assert!(understood > 10_000 && refused > 1000, "{understood} messages understood, {refused} datagrams refused");
}
