//! Messages to poses.

use super::decode::VmcMessage;
use super::frame::VmcFrame;
use crate::motion::skeleton::BONE_COUNT;

/// Expressions that are remembered at most.
const MOST_EXPRESSIONS: usize = 256;

/// Puts together what a sender cut into messages and datagrams. No message says that a pose is complete, and senders
/// order them differently; so a pose ends where a bone comes a second time, or where the caller knows that nothing
/// more came ([`FrameAssembler::flush`]). Bones that are not sent anew stay where they were.
#[derive(Debug, Clone)]
pub struct FrameAssembler {
    frame: VmcFrame,
    has: [bool; BONE_COUNT],
    coming: Vec<(String, f32)>,
    is_waiting: bool,
}

impl Default for FrameAssembler {
    fn default() -> Self {
        Self { frame: VmcFrame::default(), has: [false; BONE_COUNT], coming: Vec::new(), is_waiting: false }
    }
}

impl FrameAssembler {
    /// One that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether something came since the last pose was handed out.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Takes a message in; returns the pose before it when this one begins the next.
    pub fn take(&mut self, message: VmcMessage) -> Option<VmcFrame> {
        match message {
            VmcMessage::Bone(bone, placement) => {
                let finished = if self.has[bone as usize] { self.flush() } else { None };
                self.frame.bones[bone as usize] = Some(placement);
                self.has[bone as usize] = true;
                self.is_waiting = true;
                return finished;
            }
            VmcMessage::Root(placement) => {
                self.frame.root = placement;
                self.is_waiting = true;
            }
            VmcMessage::Expression(name, weight) => {
                if let Some((_, known)) = self.coming.iter_mut().find(|(known, _)| *known == name) {
                    *known = weight;
                } else if self.coming.len() < MOST_EXPRESSIONS {
                    self.coming.push((name, weight));
                }
            }
            VmcMessage::ApplyExpressions => {
                self.frame.expressions = std::mem::take(&mut self.coming);
                self.is_waiting = true;
            }
            VmcMessage::Available(_) | VmcMessage::Time(_) => {}
        }
        None
    }

    /// The pose out of all that came, if anything came since the last one.
    pub fn flush(&mut self) -> Option<VmcFrame> {
        self.has = [false; BONE_COUNT];
        std::mem::take(&mut self.is_waiting).then(|| self.frame.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::Placement;
    use super::*;
    use crate::motion::skeleton::HumanoidBone as B;
    use glam::Vec3;

    fn at(x: f32) -> Placement {
        Placement { position: Vec3::X * x, ..Placement::default() }
    }

    #[test]
    fn a_bone_that_comes_again_begins_the_next_pose() {
        let mut assembler = FrameAssembler::new();
        assert!(assembler.take(VmcMessage::Bone(B::Hips, at(1.0))).is_none());
        assert!(assembler.take(VmcMessage::Bone(B::Head, at(2.0))).is_none());
        let first = assembler.take(VmcMessage::Bone(B::Hips, at(3.0))).expect("the first pose");
        assert_eq!((first.bones[B::Hips as usize], first.bones[B::Head as usize]), (Some(at(1.0)), Some(at(2.0))));
        let second = assembler.flush().expect("the second pose");
        assert_eq!(second.bones[B::Hips as usize], Some(at(3.0)));
        assert_eq!(second.bones[B::Head as usize], Some(at(2.0)), "not sent anew, it stays");
        assert!(assembler.flush().is_none() && !assembler.is_waiting());
    }

    #[test]
    fn expressions_are_shown_when_they_are_complete() {
        let mut assembler = FrameAssembler::new();
        assembler.take(VmcMessage::Expression("blink".to_owned(), 0.5));
        assert!(assembler.flush().is_none());
        assembler.take(VmcMessage::Expression("blink".to_owned(), 1.0));
        assembler.take(VmcMessage::ApplyExpressions);
        assert_eq!(assembler.flush().expect("a change").expressions, [("blink".to_owned(), 1.0)]);
    }

    #[test]
    fn a_flood_of_names_does_not_grow_without_end() {
        let mut assembler = FrameAssembler::new();
        for index in 0..10_000 {
            assembler.take(VmcMessage::Expression(format!("x{index}"), 1.0));
        }
        assembler.take(VmcMessage::ApplyExpressions);
        assert_eq!(assembler.flush().expect("a change").expressions.len(), MOST_EXPRESSIONS);
    }
}
