//! Bones that turn farther from one picture to the next than anything should.

use glam::Vec3;

use super::part::{BodyPart, SEGMENTS, point};
use super::shown::Shown;
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};
use crate::motion::skeleton::HumanoidBone;

use HumanoidBone as B;

/// A turn of this many degrees from one picture to the next, at 60 a second, is a jump.
pub const POP_DEG: f64 = 20.0;

/// What moves a bone in the landmarks: its own segment, and the line between both sides.
struct Watched {
    bone: B,
    parts: &'static [BodyPart],
    /// Which of the two sides of `parts`, both for `None`.
    side: Option<usize>,
    line: Option<[L; 2]>,
}

const fn limb(bone: B, parts: &'static [BodyPart], side: usize) -> Watched {
    Watched { bone, parts, side: Some(side), line: None }
}

const WATCHED: [Watched; 15] = [
    Watched { bone: B::Hips, parts: &[BodyPart::Trunk], side: None, line: Some([L::RightHip, L::LeftHip]) },
    Watched { bone: B::Chest, parts: &[BodyPart::Trunk], side: None, line: Some([L::RightShoulder, L::LeftShoulder]) },
    Watched { bone: B::Head, parts: &[BodyPart::Face], side: None, line: Some([L::RightEar, L::LeftEar]) },
    limb(B::LeftUpperArm, &[BodyPart::UpperArms], 0),
    limb(B::RightUpperArm, &[BodyPart::UpperArms], 1),
    limb(B::LeftLowerArm, &[BodyPart::Forearms], 0),
    limb(B::RightLowerArm, &[BodyPart::Forearms], 1),
    limb(B::LeftHand, &[BodyPart::Hands, BodyPart::Forearms], 0),
    limb(B::RightHand, &[BodyPart::Hands, BodyPart::Forearms], 1),
    limb(B::LeftUpperLeg, &[BodyPart::Thighs], 0),
    limb(B::RightUpperLeg, &[BodyPart::Thighs], 1),
    limb(B::LeftLowerLeg, &[BodyPart::Shins], 0),
    limb(B::RightLowerLeg, &[BodyPart::Shins], 1),
    limb(B::LeftFoot, &[BodyPart::Feet], 0),
    limb(B::RightFoot, &[BodyPart::Feet], 1),
];

/// Jumps over all pictures; hips, chest, head, arms, hands, legs and feet are watched, turning in the scene.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pops {
    /// Bones that turned more than [`POP_DEG`] from one picture to the next.
    pub count: usize,
    /// How many of them the landmarks show too: the bone's own segment, or the line across the body, turns as far. What
    /// is left was made by the solver; a turn of a limb about itself is never seen in the landmarks.
    pub in_source: usize,
    /// The farthest turn from one picture to the next, degrees.
    pub farthest_deg: f64,
    /// Pairs of pictures that were compared.
    pub steps: usize,
    /// The bones that jumped and how often.
    pub bones: Vec<(HumanoidBone, usize)>,
}

/// Counts the jumps.
pub(super) fn pops(stretches: &[Vec<Shown>]) -> Pops {
    let mut pops = Pops::default();
    for pair in stretches.iter().flat_map(|pictures| pictures.windows(2)) {
        pops.steps += 1;
        for watched in &WATCHED {
            let [before, after] = [&pair[0], &pair[1]];
            let turned = before.posed.turn(watched.bone).angle_between(after.posed.turn(watched.bone));
            let turned = f64::from(turned).to_degrees();
            pops.farthest_deg = pops.farthest_deg.max(turned);
            if turned <= POP_DEG {
                continue;
            }
            pops.count += 1;
            pops.in_source += usize::from(watched.turned_in_source(&before.body.world, &after.body.world) > POP_DEG);
            match pops.bones.iter_mut().find(|(bone, _)| *bone == watched.bone) {
                Some((_, count)) => *count += 1,
                None => pops.bones.push((watched.bone, 1)),
            }
        }
    }
    pops
}

impl Watched {
    /// The farthest turn of what moves this bone, degrees.
    fn turned_in_source(
        &self,
        before: &[Landmark; POSE_LANDMARK_COUNT],
        after: &[Landmark; POSE_LANDMARK_COUNT],
    ) -> f64 {
        let degrees = |before: Vec3, after: Vec3| f64::from(before.angle_between(after)).to_degrees();
        let of_part = |part: &BodyPart| {
            let sides = SEGMENTS.iter().filter(move |segment| segment.part == *part);
            let wanted = sides.enumerate().filter(|(side, _)| self.side.is_none_or(|wanted| wanted == *side));
            wanted.map(|(_, segment)| degrees(segment.source(before), segment.source(after))).fold(0.0, f64::max)
        };
        let line = self.line.map_or(0.0, |[from, to]| {
            let across = |world| point(world, to) - point(world, from);
            degrees(across(before), across(after))
        });
        self.parts.iter().map(of_part).fold(line, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use glam::Quat;

    use super::super::fixture;
    use super::super::shown::shown;
    use super::*;

    #[test]
    fn a_jump_counts_once_for_each_bone_that_turns() {
        let mut stretch = fixture::standing(30);
        assert_eq!(pops(&[shown(&fixture::skeleton(), &stretch)]), Pops { steps: 58, ..Pops::default() });
        // Half of it is shown in each of the two pictures between two frames.
        for pose in &mut stretch.poses[15..] {
            pose.rotations[B::LeftLowerArm as usize] = Quat::from_rotation_y(1.0);
        }
        let found = pops(&[shown(&fixture::skeleton(), &stretch)]);
        assert_eq!((found.count, found.in_source), (4, 0), "forearm and hand, twice: {found:?}");
        assert_eq!(found.bones, [(B::LeftLowerArm, 2), (B::LeftHand, 2)]);
        assert!((found.farthest_deg - 0.5_f64.to_degrees()).abs() < 0.5, "{found:?}");
    }

    #[test]
    fn what_the_source_does_is_no_fault() {
        let jump = |t: f64| if t < 0.5 { 0.0 } else { 1.0 };
        let found = pops(&[shown(&fixture::skeleton(), &fixture::waving(30, jump, jump))]);
        assert_eq!((found.count, found.in_source), (4, 4), "{found:?}");
    }
}
