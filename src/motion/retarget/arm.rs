//! One arm: collar bone, upper arm, forearm and hand. Everything here is the left arm; the right one is solved as its
//! reflection, so that both behave alike to the last bit.

use glam::{Quat, Vec3};

use super::limb::{LimbRest, bend_clarity, limit_hinge, lower_turn};
use super::rotation::{direction, limit_along, limit_cone, part, reject, signed_angle, smoothstep};
use super::twist::TwistTracker;
use crate::motion::ease;

/// Most the elbow bends.
const MAX_FLEXION: f32 = 2.7;
/// Most the upper arm turns inwards and outwards from its natural twist.
const UPPER_TWIST_LIMIT: (f32, f32) = (2.6, 2.6);
/// Most the palm turns against the forearm's middle position.
const PALM_TWIST_LIMIT: (f32, f32) = (1.6, 1.6);
/// Most the wrist bends.
const MAX_WRIST_BEND: f32 = 1.0;
/// Share of the palm's twist that the forearm takes, so that the skin at the wrist does not wring.
const FOREARM_TWIST_SHARE: f32 = 0.5;
/// Time constants of relaxing towards the natural twist, seconds.
const UPPER_RELAX_S: f32 = 0.6;
const PALM_RELAX_S: f32 = 0.4;
/// Time constant of following a clearly seen palm, seconds: its landmarks jitter.
const PALM_FOLLOW_S: f32 = 0.05;

/// An arm's landmarks in the chest's frame, as a left arm, with how far they are to be trusted.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArmInput {
    pub(super) shoulder: Vec3,
    pub(super) elbow: Vec3,
    pub(super) wrist: Vec3,
    pub(super) index: Vec3,
    pub(super) pinky: Vec3,
    pub(super) upper_trust: f32,
    pub(super) lower_trust: f32,
    pub(super) hand_trust: f32,
}

/// Turns of an arm's bones away from the T-pose, in the chest's frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arm {
    pub(super) collar: Quat,
    pub(super) upper: Quat,
    pub(super) lower: Quat,
    pub(super) hand: Quat,
}

/// What is remembered of an arm from one moment to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ArmState {
    twist: TwistTracker,
    palm: TwistTracker,
    /// Where the hand points, against the untwisted forearm.
    pointing: Option<Vec3>,
}

/// Solves one arm; `None` when shoulder, elbow or wrist coincide. `dt` in seconds.
pub(super) fn solve(rest: &LimbRest, state: &mut ArmState, input: &ArmInput, dt: f32) -> Option<Arm> {
    let upper = reachable(direction(input.shoulder, input.elbow)?);
    let lower = direction(input.elbow, input.wrist)?;

    let natural = natural_turn(rest, upper);
    let plane = upper.cross(lower);
    let measured = signed_angle(natural * rest.hinge, plane, upper);
    let weight = bend_clarity(upper, lower, 0.28, 0.6) * input.upper_trust * input.lower_trust;
    let twist = state.twist.update(dt, measured, weight, UPPER_RELAX_S, UPPER_TWIST_LIMIT);
    let upper_turn = Quat::from_axis_angle(upper, twist) * natural;

    let lower = limit_hinge(upper, lower, upper_turn * rest.hinge, MAX_FLEXION);
    let untwisted = lower_turn(rest, upper_turn, lower);
    let (palm, bend) = hand(rest, state, input, untwisted, lower, dt);
    let twisted = |share: f32| Quat::from_axis_angle(lower, palm * share) * untwisted;
    Some(Arm {
        collar: collar(upper),
        upper: upper_turn,
        lower: twisted(FOREARM_TWIST_SHARE),
        hand: bend * twisted(1.0),
    })
}

/// The direction of the upper arm, moved to where a shoulder can go: depth noise puts elbows behind the back.
fn reachable(upper: Vec3) -> Vec3 {
    // An arm at the side reaches far back; one across the chest must lie in front of it.
    let across = smoothstep(0.25, -0.35, upper.x);
    let furthest_back = -0.75 + 0.95 * across;
    limit_along(upper, Vec3::Z, furthest_back, Vec3::NEG_Y)
}

/// The turn of a relaxed upper arm that points along `upper`: the shortest way from the T-pose, then a twist that lets
/// the elbow point back when the arm hangs, down and out when it reaches forward, out when it is raised.
fn natural_turn(rest: &LimbRest, upper: Vec3) -> Quat {
    let twist = -0.49 - 0.84 * upper.y - 0.52 * upper.z;
    Quat::from_axis_angle(upper, twist) * Quat::from_rotation_arc(rest.upper, upper)
}

/// The collar bone rises with a raised arm and comes forward with one that reaches forward.
fn collar(upper: Vec3) -> Quat {
    let elevation = upper.y.clamp(-1.0, 1.0).asin();
    let lift = if elevation > 0.0 { 0.17 * elevation } else { 0.12 * elevation };
    let reach = 0.3 * upper.z.max(0.0) * elevation.cos() + 0.2 * (-upper.x).max(0.0);
    Quat::from_rotation_z(lift) * Quat::from_rotation_y(-reach.min(0.35))
}

/// The palm's twist against the forearm and the wrist's bend (a turn in the chest's frame).
fn hand(rest: &LimbRest, state: &mut ArmState, input: &ArmInput, untwisted: Quat, lower: Vec3, dt: f32) -> (f32, Quat) {
    let knuckles = (input.index + input.pinky) * 0.5;
    let gain = if dt > 0.0 { ease::gain_f32(dt, PALM_FOLLOW_S) } else { 1.0 };
    let pointing = limit_cone(direction(input.wrist, knuckles).unwrap_or(lower), lower, MAX_WRIST_BEND);
    let seen = untwisted.inverse() * pointing;
    let pointing = state.pointing.map_or(seen, |before| before.lerp(seen, gain)).try_normalize().unwrap_or(seen);
    state.pointing = Some(pointing);
    let bend = Quat::from_rotation_arc(lower, untwisted * pointing);

    let width = bend.inverse() * (input.index - input.pinky);
    let across = reject(width, lower);
    let clarity = smoothstep(0.2, 0.5, across.length() / input.wrist.distance(knuckles).max(1e-3));
    // In the T-pose the palm faces down and the index finger lies forward.
    let measured = signed_angle(untwisted * reject(Vec3::Z, rest.lower), across, lower);
    let weight = gain * clarity * input.hand_trust;
    let palm = state.palm.update(dt, measured, weight, PALM_RELAX_S, PALM_TWIST_LIMIT);
    (palm, part(bend, input.hand_trust))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elbow_points(upper: Vec3) -> Vec3 {
        let rest = LimbRest::new([Vec3::ZERO, Vec3::X, Vec3::X * 2.0], Vec3::X, Vec3::Z);
        let upper = upper.try_normalize().unwrap();
        -(natural_turn(&rest, upper) * rest.hinge).cross(upper)
    }

    #[test]
    fn a_relaxed_elbow_points_where_elbows_point() {
        assert!(elbow_points(Vec3::NEG_Y).dot(Vec3::NEG_Z) > 0.8, "back, when the arm hangs");
        assert!(elbow_points(Vec3::X).dot(Vec3::new(0.0, -0.5, -0.87)) > 0.9, "back and down, when held out");
        assert!(elbow_points(Vec3::Z).dot(Vec3::NEG_Y) > 0.7, "down, when reaching forward");
        assert!(elbow_points(Vec3::Y).dot(Vec3::X) > 0.7, "out, when raised");
    }

    #[test]
    fn an_elbow_behind_the_back_is_brought_within_reach() {
        let impossible = Vec3::new(-0.6, -0.3, -0.74).try_normalize().unwrap();
        let reached = reachable(impossible);
        assert!(reached.z > 0.1 && (reached.length() - 1.0).abs() < 1e-5);
        let possible = Vec3::new(0.3, -0.8, -0.5).try_normalize().unwrap();
        assert_eq!(reachable(possible), possible);
    }
}
