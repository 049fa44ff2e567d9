//! Holding a foot where it stands.

use glam::Vec3;

use crate::motion::ease;
use crate::motion::retarget::{Sole, wrap};

/// A foot that is slower than this stands, one faster than that goes, metres a second; in depth the camera sees so badly
/// that only a share of the speed counts.
const STANDS_M_S: f32 = 0.18;
const GOES_M_S: f32 = 0.4;
const DEPTH_SHARE: f32 = 0.25;
/// Soles lower than this stand, those higher than that do not, metres.
const STANDS_M: f32 = 0.03;
const GOES_M: f32 = 0.07;
/// A foot that should be further away than this is let go, metres.
const FURTHEST_M: f32 = 0.15;
/// The same for one that should point elsewhere, radians.
const FURTHEST_RAD: f32 = 0.2;
/// Time constant with which a foot that stands turns to where it should point, seconds: slower than anybody sees.
const TURN_S: f32 = 3.0;
/// Time constants: of a foot's speed, and of letting it go, seconds.
const SPEED_S: f32 = 0.06;
const RELEASE_S: f32 = 0.1;

/// One foot: free, or held at a place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FootLock {
    source: Option<Vec3>,
    speed: Vec3,
    held_at: Option<Vec3>,
    held_yaw: f32,
    /// From where the pose has the foot to where it is shown.
    offset: Vec3,
    yaw_offset: f32,
    held: f32,
}

impl FootLock {
    /// From where the pose has the foot to where it is to be.
    pub(super) const fn offset(&self) -> Vec3 {
        self.offset
    }

    /// The same for where it points, radians.
    pub(super) const fn yaw_offset(&self) -> f32 {
        self.yaw_offset
    }

    /// How far it is held, 0 to 1, eased.
    pub(super) const fn held(&self) -> f32 {
        self.held
    }

    /// Takes in where the person's foot is (for its speed), and where the pose has the avatar's; without `may_stand` it is let go. `dt` in seconds.
    pub(super) fn update(&mut self, dt: f32, source: Vec3, foot: Sole, may_stand: bool) {
        let Sole { ankle, height: sole, yaw } = foot;
        if !(source.is_finite() && ankle.is_finite() && yaw.is_finite()) {
            *self = Self::default();
            return;
        }
        if let (Some(before), true) = (self.source, dt > 0.0) {
            let gain = ease::gain_f32(dt, SPEED_S);
            self.speed += gain * ((source - before) / dt - self.speed);
        }
        self.source = Some(source);
        let speed = Vec3::new(self.speed.x, self.speed.y, DEPTH_SHARE * self.speed.z).length();

        let keeps = |at: &Vec3| {
            let away = *at - ankle;
            let turned = wrap(self.held_yaw - yaw).abs() < FURTHEST_RAD;
            speed < GOES_M_S && sole < GOES_M && away.with_y(0.0).length() < FURTHEST_M && turned
        };
        let shown = ankle + self.offset;
        self.held_at = match self.held_at.filter(|at| may_stand && keeps(at)) {
            Some(at) => Some(at),
            None if may_stand && speed < STANDS_M_S && sole < STANDS_M => {
                self.held_yaw = yaw + self.yaw_offset;
                Some(shown)
            }
            None => None,
        };
        let release = ease::decay(dt, RELEASE_S);
        self.offset = match self.held_at {
            // The floor says how high it is.
            Some(at) => (at - ankle).with_y(0.0),
            None => self.offset * release,
        };
        self.held_yaw += ease::gain_f32(dt, TURN_S) * wrap(yaw - self.held_yaw);
        self.yaw_offset = if self.held_at.is_some() { wrap(self.held_yaw - yaw) } else { self.yaw_offset * release };
        let towards = if self.held_at.is_some() { 1.0 } else { 0.0 };
        self.held += (1.0 - release) * (towards - self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foot(ankle: Vec3, height: f32) -> Sole {
        Sole { ankle, height, yaw: ankle.x }
    }

    const DT: f32 = 1.0 / 30.0;

    #[test]
    fn a_foot_that_stands_stays_while_the_pose_drifts() {
        let mut lock = FootLock::default();
        for frame in 0..60 {
            let drift = 0.001 * frame as f32;
            let ankle = Vec3::new(drift, 0.1, 0.0);
            lock.update(DT, Vec3::new(drift, 0.0, 3.0), foot(ankle, 0.0), true);
            let shown = ankle + lock.offset();
            assert!(shown.x.abs() < 1e-3 && (drift + lock.yaw_offset()).abs() < 0.02, "{shown}");
        }
        assert!(lock.held() > 0.9);
    }

    #[test]
    fn a_foot_that_goes_is_let_go_without_a_jump() {
        let mut lock = FootLock::default();
        let mut last = None;
        for frame in 0..60 {
            let time = frame as f32 * DT;
            let way = 0.03 * time.min(1.0) + 1.0 * (time - 1.0).max(0.0);
            let ankle = Vec3::new(way, 0.1, 0.0);
            let height = if time > 1.0 { 0.08 } else { 0.0 };
            lock.update(DT, Vec3::new(way, 0.0, 3.0), foot(ankle, height), true);
            let shown = (ankle + lock.offset()).x;
            if let Some(last) = last {
                assert!(f32::abs(shown - last) < 0.06, "{last} to {shown}");
            }
            last = Some(shown);
        }
        assert!(lock.offset().length() < 1e-3, "caught up");
        lock.update(DT, Vec3::NAN, foot(Vec3::ZERO, 0.0), true);
        assert_eq!(lock.offset(), Vec3::ZERO);
    }
}
