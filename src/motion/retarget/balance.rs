//! Which way is up for a body that stands.

use glam::{Quat, Vec3};

use super::body::SceneBody;
use super::rotation::{part, smoothstep};
use crate::motion::landmark::PoseLandmark as L;

/// Leans up to this angle are left alone: people do lean a little while they move. Radians.
const FREE_LEAN: f32 = 0.07;
/// Leans from here on are less and less taken for an error, and from there on not at all: somebody sits, or lies.
const STANDING_LEAN: (f32, f32) = (0.26, 0.42);
/// Time constant of following, seconds.
const FOLLOW_S: f32 = 0.4;

/// Turns a standing body upright.
///
/// Who stands still has the centre of mass above the feet. Estimated depth, and a camera that looks up or down, tilt the
/// whole body by several degrees; this measures the lean of the body's centre off the feet and takes it away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Balance {
    correction: Option<Quat>,
}

impl Balance {
    /// The turn that sets the body upright; the identity while it is unclear whether it stands. `dt` in seconds.
    pub(super) fn update(&mut self, body: &SceneBody, dt: f32) -> Quat {
        let seen = correction(body);
        let gain = if dt > 0.0 { 1.0 - (-dt / FOLLOW_S).exp() } else { 1.0 };
        let correction = self.correction.map_or(seen, |before| before.slerp(seen, gain).normalize());
        self.correction = Some(correction);
        correction
    }
}

fn correction(body: &SceneBody) -> Quat {
    let trust = body.trust(&[
        L::LeftShoulder,
        L::RightShoulder,
        L::LeftHip,
        L::RightHip,
        L::LeftAnkle,
        L::RightAnkle,
        L::LeftFootIndex,
        L::RightFootIndex,
    ]);
    // The trunk, head and arms weigh as much as the shoulders and the hips would, nearly halved between them.
    let centre = body.middle(L::LeftShoulder, L::RightShoulder) * 0.55 + body.middle(L::LeftHip, L::RightHip) * 0.45;
    // Plumb of the centre: in front of the ankles by a third of the foot.
    let support =
        body.middle(L::LeftAnkle, L::RightAnkle) * 0.7 + body.middle(L::LeftFootIndex, L::RightFootIndex) * 0.3;
    let Some(up) = (centre - support).try_normalize() else { return Quat::IDENTITY };
    let lean = up.angle_between(Vec3::Y);
    if !(lean > FREE_LEAN && lean < STANDING_LEAN.1) {
        return Quat::IDENTITY;
    }
    let standing = 1.0 - smoothstep(STANDING_LEAN.0, STANDING_LEAN.1, lean);
    part(Quat::from_rotation_arc(up, Vec3::Y), trust * standing * (1.0 - FREE_LEAN / lean))
}
