//! Fingers from the 21 points of a hand. Everything here is the left hand; the right one is solved as its reflection.
//!
//! A finger is a joint that spreads and bends and two hinges; the thumb's joints swing within cones. Angles are measured
//! against the palm, so neither the hand's place nor its turn matters.

use glam::{Quat, Vec3};

use super::rotation::{align, direction, part, reflect_point, reject, signed_angle};
use crate::motion::Side;
use crate::motion::ease;
use crate::motion::hand::HAND_LANDMARK_COUNT;
use crate::motion::skeleton::{HumanoidBone, RestSkeleton};

/// Limits of a finger's first joint: bending (backwards, towards the palm) and spreading to either side. Radians.
const BEND: (f32, f32) = (-0.35, 1.6);
const SPREAD: f32 = 0.4;
/// Most that the second and the third joint bend.
const HINGE: [f32; 2] = [1.95, 1.3];
/// Most that the thumb's joints swing away from rest.
const THUMB: [f32; 3] = [0.8, 0.9, 1.2];
/// Time constant of following, seconds: the depth of the points jitters.
const FOLLOW_S: f32 = 0.05;
/// Seconds from rest to the hand that is seen, and back.
const COMING_S: f32 = 0.25;
const LEAVING_S: f32 = 0.5;
/// Fingers of a hand, and bones of a finger.
const FINGERS: usize = 5;
const BONES: usize = 3;

/// Rotations of a hand's finger bones relative to their parents.
pub(super) type FingerTurns = [[Quat; BONES]; FINGERS];

/// The fingers of an avatar's hand in the T-pose, as a left hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct FingerRest {
    /// From the palm's frame (x to the knuckles, y out of its back) into the avatar's.
    palm: Quat,
    /// Directions of the bones in the palm's frame.
    along: [[Vec3; BONES]; FINGERS],
}

impl FingerRest {
    /// `None` for an avatar whose hand has no fingers.
    pub(super) fn new(skeleton: &RestSkeleton, side: Side) -> Option<Self> {
        let at = |bone: HumanoidBone| {
            let position = skeleton.get(bone)?.position;
            Some(if side == Side::Left { position } else { reflect_point(position) })
        };
        let fingers = HumanoidBone::fingers(side);
        let wrist = at(if side == Side::Left { HumanoidBone::LeftHand } else { HumanoidBone::RightHand })?;
        let [index, middle, little] = [at(fingers[1][0])?, at(fingers[2][0])?, at(fingers[4][0])?];
        let palm = align((Vec3::X, Vec3::Z), (direction(wrist, middle)?, index - little))?;
        let mut along = [[Vec3::X; BONES]; FINGERS];
        for (along, bones) in along.iter_mut().zip(fingers) {
            for joint in 0..BONES {
                // The last bone goes on as the one before.
                let ends = bones.get(joint + 1).map(|next| (bones[joint], *next));
                let (from, to) = ends.unwrap_or((bones[BONES - 2], bones[BONES - 1]));
                if let Some(seen) = at(from).zip(at(to)).and_then(|(from, to)| direction(from, to)) {
                    along[joint] = palm.inverse() * seen;
                }
            }
        }
        Some(Self { palm, along })
    }
}

/// What is remembered of a hand from one moment to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FingerState {
    turns: Option<FingerTurns>,
    /// Share of the hand that is seen, 0 (at rest) to 1.
    weight: f32,
}

impl FingerState {
    /// The rotations to show: those of the hand that is seen now, as a left hand in the scene's frame, eased from and to
    /// `resting`. `dt` in seconds.
    pub(super) fn update(
        &mut self,
        rest: &FingerRest,
        seen: Option<&[Vec3; HAND_LANDMARK_COUNT]>,
        resting: &FingerTurns,
        dt: f32,
    ) -> FingerTurns {
        let solved = seen.and_then(|points| solve(rest, points));
        let step = if solved.is_some() { dt / COMING_S } else { -dt / LEAVING_S };
        self.weight = (self.weight + step).clamp(0.0, 1.0);
        if let Some(solved) = solved {
            let gain = if dt > 0.0 { ease::gain_f32(dt, FOLLOW_S) } else { 1.0 };
            self.turns = Some(match self.turns.filter(|_| self.weight > 0.0) {
                Some(before) => blend(&before, &solved, gain),
                None => solved,
            });
        }
        let eased = self.weight * self.weight * (3.0 - 2.0 * self.weight);
        self.turns.map_or(*resting, |turns| blend(resting, &turns, eased))
    }
}

fn blend(from: &FingerTurns, to: &FingerTurns, share: f32) -> FingerTurns {
    std::array::from_fn(|finger| {
        std::array::from_fn(|bone| from[finger][bone].slerp(to[finger][bone], share).normalize())
    })
}

/// `None` for a hand of no size.
fn solve(rest: &FingerRest, points: &[Vec3; HAND_LANDMARK_COUNT]) -> Option<FingerTurns> {
    if !points.iter().all(|point| point.is_finite()) {
        return None;
    }
    let palm = align((Vec3::X, Vec3::Z), (direction(points[0], points[9])?, points[5] - points[17]))?;
    let to_palm = palm.inverse();
    let mut turns = [[Quat::IDENTITY; BONES]; FINGERS];
    for (finger, turns) in turns.iter_mut().enumerate() {
        let first = 1 + 4 * finger;
        let mut along = [Vec3::X; BONES];
        for (bone, along) in along.iter_mut().enumerate() {
            *along = to_palm * direction(points[first + bone], points[first + bone + 1])?;
        }
        let in_palm = if finger == 0 { thumb(&rest.along[0], &along) } else { straight(&rest.along[finger], &along) };
        *turns = in_palm.map(|turn| (rest.palm * turn * rest.palm.inverse()).normalize());
    }
    Some(turns)
}

/// Bending and spreading of a direction in the palm's frame.
fn bend_and_spread(along: Vec3) -> (f32, f32) {
    ((-along.y).atan2(along.x), along.z.clamp(-1.0, 1.0).asin())
}

fn straight(rest: &[Vec3; BONES], along: &[Vec3; BONES]) -> [Quat; BONES] {
    let ((rest_bend, rest_spread), (bend, spread)) = (bend_and_spread(rest[0]), bend_and_spread(along[0]));
    let bend = (bend - rest_bend).clamp(BEND.0, BEND.1);
    // A bent finger cannot be spread.
    let spread = (spread - rest_spread).clamp(-SPREAD, SPREAD) * bend.cos().max(0.0);
    let first = Quat::from_rotation_y(-spread) * Quat::from_rotation_z(-bend);
    let hinge = |joint: usize| {
        // Towards the palm is a turn about -z.
        let flexion = |bones: &[Vec3; BONES]| {
            let aside = reject(Vec3::NEG_Z, bones[joint - 1]).try_normalize().unwrap_or(Vec3::NEG_Z);
            signed_angle(bones[joint - 1], bones[joint], aside)
        };
        let flexion = (flexion(along) - flexion(rest)).clamp(0.0, HINGE[joint - 1]);
        Quat::from_rotation_z(-flexion)
    };
    [first, hinge(1), hinge(2)]
}

fn thumb(rest: &[Vec3; BONES], along: &[Vec3; BONES]) -> [Quat; BONES] {
    let mut parent = Quat::IDENTITY;
    let mut turns = [Quat::IDENTITY; BONES];
    for (bone, turn) in turns.iter_mut().enumerate() {
        let swing = Quat::from_rotation_arc(rest[bone], parent.inverse() * along[bone]);
        let angle = swing.angle_between(Quat::IDENTITY);
        *turn = part(swing, (THUMB[bone] / angle.max(1e-3)).min(1.0));
        parent *= *turn;
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A left hand in the T-pose whose fingers bend by these angles at their three joints.
    fn hand(bends: [f32; BONES]) -> [Vec3; HAND_LANDMARK_COUNT] {
        let mut points = [Vec3::ZERO; HAND_LANDMARK_COUNT];
        for finger in 0..FINGERS {
            let across = 0.04 - 0.02 * finger as f32;
            let (mut at, mut turn) = (Vec3::new(0.09, 0.0, across), 0.0);
            points[1 + 4 * finger] = at;
            for (bone, bend) in bends.into_iter().enumerate() {
                turn += bend;
                at += Quat::from_rotation_z(-turn) * Vec3::X * 0.03;
                points[2 + 4 * finger + bone] = at;
            }
        }
        points
    }

    fn rest() -> FingerRest {
        FingerRest { palm: Quat::IDENTITY, along: [[Vec3::X; BONES]; FINGERS] }
    }

    #[test]
    fn bent_fingers_are_bent_whatever_the_hand_does() {
        let place = Quat::from_rotation_x(1.1) * Quat::from_rotation_y(-2.0);
        let points = hand([0.8, 1.2, 0.6]).map(|point| place * point + Vec3::new(1.0, 2.0, 3.0));
        let turns = solve(&rest(), &points).expect("a hand");
        for finger in &turns[1..] {
            for (turn, bend) in finger.iter().zip([0.8, 1.2, 0.6]) {
                assert!(turn.angle_between(Quat::from_rotation_z(-bend)) < 0.12, "{turn} instead of {bend}");
            }
        }
    }

    #[test]
    fn fingers_stay_within_what_fingers_do() {
        let backwards = solve(&rest(), &hand([-1.5, -1.0, -1.0])).expect("a hand");
        for finger in &backwards[1..] {
            assert!(finger[0].angle_between(Quat::IDENTITY) < 0.55 && finger[1].angle_between(Quat::IDENTITY) < 1e-3);
        }
        assert_eq!(solve(&rest(), &[Vec3::ZERO; HAND_LANDMARK_COUNT]), None);
        assert_eq!(solve(&rest(), &[Vec3::NAN; HAND_LANDMARK_COUNT]), None);
    }

    #[test]
    fn a_lost_hand_eases_to_rest() {
        let (points, resting) = (hand([1.0, 1.0, 1.0]), [[Quat::IDENTITY; BONES]; FINGERS]);
        let mut state = FingerState::default();
        for _ in 0..20 {
            state.update(&rest(), Some(&points), &resting, 1.0 / 30.0);
        }
        let bent = |turns: &FingerTurns| turns[2][1].angle_between(Quat::IDENTITY);
        let mut last = bent(&state.update(&rest(), Some(&points), &resting, 1.0 / 30.0));
        assert!(last > 0.9, "{last}");
        for _ in 0..20 {
            let now = bent(&state.update(&rest(), None, &resting, 1.0 / 30.0));
            assert!(now <= last && last - now < 0.15, "{last} {now}");
            last = now;
        }
        assert!(last < 1e-3);
    }
}
