//! One leg: thigh, shin, foot and toes. Everything here is the left leg; the right one is solved as its reflection.

use glam::{Quat, Vec3};

use super::limb::{LimbRest, bend_clarity, limit_hinge, lower_turn};
use super::rotation::{align, direction, limit_along, limit_rotation, reject, signed_angle, smoothstep};
use super::twist::TwistTracker;
use crate::motion::ease;

/// Most the knee bends.
const MAX_FLEXION: f32 = 2.6;
/// Most the thigh turns inwards and outwards from its natural twist.
const TWIST_LIMIT: (f32, f32) = (1.2, 1.5);
/// Most that the foot's direction says about the twist of a straight leg.
const FOOT_TWIST_LIMIT: f32 = 0.9;
/// Time constant of relaxing towards the natural twist, seconds.
const RELAX_S: f32 = 0.5;
/// Sines of how far the thigh swings back and across the other.
const FURTHEST_BACK: f32 = -0.6;
const FURTHEST_ACROSS: f32 = -0.6;
/// Time constant of setting a foot down and of lifting it, seconds.
const PLANT_S: f32 = 0.08;
/// Limits of the foot against the shin: rotation vector, radians (toes up / down, turn, tilt).
const FOOT_MIN: Vec3 = Vec3::new(-0.75, -0.7, -0.45);
const FOOT_MAX: Vec3 = Vec3::new(1.0, 0.7, 0.45);
/// How much steeper the foot is on tiptoe than the line from heel to toe tip.
const TIPTOE_STEEPER: f32 = 0.5;
/// Most the toes bend up against the foot.
const MAX_TOE_BEND: f32 = 0.8;

/// A leg's landmarks in the scene, as a left leg, with how far they are to be trusted.
#[derive(Debug, Clone, Copy)]
pub(super) struct LegInput {
    pub(super) hip: Vec3,
    pub(super) knee: Vec3,
    pub(super) ankle: Vec3,
    pub(super) heel: Vec3,
    pub(super) toe: Vec3,
    /// Height of the lowest point of both feet.
    pub(super) floor: f32,
    pub(super) upper_trust: f32,
    pub(super) lower_trust: f32,
    pub(super) foot_trust: f32,
}

/// The T-pose of a leg.
#[derive(Debug, Clone, Copy)]
pub(super) struct LegRest {
    pub(super) limb: LimbRest,
    /// Level direction from the ankle to the toes.
    pub(super) foot: Vec3,
}

/// Turns of a leg's bones away from the T-pose, in the scene.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg {
    pub(super) upper: Quat,
    pub(super) lower: Quat,
    pub(super) foot: Quat,
    pub(super) toes: Quat,
}

/// What is remembered of a leg from one moment to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LegState {
    twist: TwistTracker,
    /// How far the foot stands on the floor, 0 to 1, followed over time.
    planted: Option<f32>,
}

impl LegState {
    /// How far the foot stood on the floor when it was last seen, 0 to 1.
    pub(super) fn planted(&self) -> f32 {
        self.planted.unwrap_or(0.0)
    }
}

/// Solves one leg below a pelvis; `None` when hip, knee or ankle coincide. `dt` in seconds.
pub(super) fn solve(rest: &LegRest, state: &mut LegState, pelvis: Quat, input: &LegInput, dt: f32) -> Option<Leg> {
    let limb = &rest.limb;
    let upper = reachable(pelvis, direction(input.hip, input.knee)?);
    let lower = direction(input.knee, input.ankle)?;
    let foot = direction(input.heel, input.toe);

    let natural = Quat::from_rotation_arc(pelvis * limb.upper, upper) * pelvis;
    let hinge = natural * limb.hinge;
    // A straight leg shows its twist by the foot alone.
    let straight = foot.map_or(0.0, |foot| {
        let across = foot.cross(upper);
        let clarity = smoothstep(0.3, 0.7, across.length()) * input.foot_trust;
        let feet_turn_out = signed_angle(natural * reject(rest.foot, limb.upper), reject(foot, upper), upper);
        clarity * feet_turn_out.clamp(-FOOT_TWIST_LIMIT, FOOT_TWIST_LIMIT)
    });
    let bent = signed_angle(hinge, upper.cross(lower), upper);
    let clarity = bend_clarity(upper, lower, 0.12, 0.4) * input.upper_trust * input.lower_trust;
    let measured = straight + clarity * super::rotation::wrap(bent - straight);
    let weight = clarity.max(0.5 * input.foot_trust);
    let twist = state.twist.update(dt, measured, weight, RELAX_S, TWIST_LIMIT);
    let upper_turn = Quat::from_axis_angle(upper, twist) * natural;

    let lower = limit_hinge(upper, lower, upper_turn * limb.hinge, MAX_FLEXION);
    let lower_turn = lower_turn(limb, upper_turn, lower);
    let planted = follow_planted(state, input, dt);
    let (foot, toes) = solve_foot(rest, input, lower_turn, foot, planted);
    Some(Leg { upper: upper_turn, lower: lower_turn, foot, toes })
}

/// The thigh's direction, moved to where a hip can go.
fn reachable(pelvis: Quat, upper: Vec3) -> Vec3 {
    let local = limit_along(pelvis.inverse() * upper, Vec3::Z, FURTHEST_BACK, Vec3::NEG_Y);
    pelvis * limit_along(local, Vec3::X, FURTHEST_ACROSS, Vec3::NEG_Y)
}

/// A foot whose heel and toe are both near the floor stands on it; the landmarks' few centimetres are noise.
fn follow_planted(state: &mut LegState, input: &LegInput, dt: f32) -> f32 {
    let height = (input.heel.y.max(input.toe.y) - input.floor).max(0.0);
    let seen = 1.0 - smoothstep(0.07, 0.15, height);
    let before = state.planted.unwrap_or(seen);
    let planted = seen + (before - seen) * ease::decay(dt, PLANT_S);
    state.planted = Some(planted);
    planted
}

/// Turns of the foot and of its toes.
fn solve_foot(rest: &LegRest, input: &LegInput, shin: Quat, foot: Option<Vec3>, planted: f32) -> (Quat, Quat) {
    let Some(pointing) = foot else { return (shin, shin) };
    let level = reject(pointing, Vec3::Y).try_normalize().unwrap_or(pointing);
    let pointing = pointing.lerp(level, planted).try_normalize().unwrap_or(level);

    let sideways = (shin * Vec3::X).lerp(Vec3::Y.cross(level), planted);
    let turn = align((rest.foot, Vec3::X), (pointing, sideways)).unwrap_or(shin);
    let relative = limit_rotation(shin.inverse() * turn, FOOT_MIN, FOOT_MAX);
    let turn = shin * Quat::IDENTITY.slerp(relative, input.foot_trust);

    // On tiptoe the toes stay flat, so the rest of the foot is steeper than the line from heel to toe.
    let on_toes = (1.0 - smoothstep(0.04, 0.12, input.toe.y - input.floor)) * input.foot_trust;
    let down = (-(turn * rest.foot).y).clamp(-1.0, 1.0).asin().max(0.0) * on_toes;
    let turn = turn * Quat::from_rotation_x(TIPTOE_STEEPER * down);
    let bend = ((1.0 + TIPTOE_STEEPER) * down).min(MAX_TOE_BEND);
    (turn, turn * Quat::from_rotation_x(-bend))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thighs_stay_within_reach() {
        for direction in [Vec3::NEG_Z, Vec3::new(-0.9, -0.3, 0.3), Vec3::Z] {
            let reached = reachable(Quat::IDENTITY, direction);
            assert!((reached.length() - 1.0).abs() < 1e-5 && reached.x > -0.61 && reached.z > -0.61);
        }
        assert_eq!(reachable(Quat::IDENTITY, Vec3::NEG_Y), Vec3::NEG_Y);
    }
}
