//! Whether somebody jumps, and how high.

use crate::motion::ease;

/// Pull of the earth, metres per second squared.
const GRAVITY: f32 = 9.81;
/// Both feet this far above the floor and still rising this fast are a jump, metres and metres a second.
const TAKE_OFF_M: f32 = 0.05;
const TAKE_OFF_M_S: f32 = 0.5;
/// One foot this near the floor, falling, has landed, metres.
const LANDED_M: f32 = 0.025;
/// Nobody is in the air for longer: it was a step up, or the camera moved. Seconds.
const LONGEST_S: f32 = 1.0;
/// Share of what is measured in the height in the air; the rest is the path of a thrown body.
const MEASURED: f32 = 0.5;
/// The floor follows the lower foot down at once, up with this time constant, seconds.
const FLOOR_UP_S: f32 = 1.5;
/// Time constant of coming down to the floor after landing, seconds.
const LANDING_S: f32 = 0.04;

/// Height above a floor that is learnt from the feet.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Jump {
    floor: Option<f32>,
    lower: f32,
    flight: Option<Flight>,
    height: f32,
}

#[derive(Debug, Clone, Copy)]
struct Flight {
    height: f32,
    speed: f32,
    since_s: f32,
}

impl Jump {
    pub(super) const fn is_airborne(&self) -> bool {
        self.flight.is_some()
    }

    /// Takes in the heights of the lowest points of both feet, metres in any level frame, and how well each is seen;
    /// returns how far both are off the floor. `dt` in seconds.
    pub(super) fn update(&mut self, dt: f32, feet: [f32; 2], seen: [f32; 2]) -> f32 {
        let lower = feet[0].min(feet[1]);
        if seen[0].min(seen[1]) < 0.5 || !lower.is_finite() {
            self.flight = None;
            self.height *= ease::decay(dt, LANDING_S);
            return self.height;
        }
        let (Some(floor), true) = (self.floor, dt > 0.0) else {
            self.floor = Some(self.floor.unwrap_or(lower));
            self.lower = lower;
            return self.height;
        };
        let (above, speed) = (lower - floor, (lower - self.lower) / dt);
        self.lower = lower;
        match &mut self.flight {
            None if above > TAKE_OFF_M && speed > TAKE_OFF_M_S => {
                self.flight = Some(Flight { height: above, speed, since_s: 0.0 });
                self.height = above;
            }
            None => self.height *= ease::decay(dt, LANDING_S),
            Some(flight) => {
                flight.since_s += dt;
                let thrown = flight.height + flight.speed * dt - 0.5 * GRAVITY * dt * dt;
                let off = above - thrown;
                flight.height = (thrown + MEASURED * off).max(0.0);
                flight.speed += MEASURED * off / dt - GRAVITY * dt;
                self.height = flight.height;
                let landed = above < LANDED_M && speed < 0.0;
                if landed || flight.since_s > LONGEST_S {
                    self.flight = None;
                }
            }
        }
        if self.flight.is_none() {
            let gain = if above < 0.0 { 0.5 } else { ease::gain_f32(dt, FLOOR_UP_S) };
            self.floor = Some(floor + gain * above);
        }
        self.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DT: f32 = 1.0 / 30.0;

    /// Heights shown for a jump of this height after a second of standing, `noise` metres of tremor on the feet.
    fn jump(height: f32, noise: f32) -> (Vec<f32>, Vec<bool>) {
        let mut state = Jump::default();
        let speed = (2.0 * GRAVITY * height).sqrt();
        (0..75)
            .map(|frame| {
                let since = frame as f32 * DT - 1.0;
                let true_height = (speed * since - 0.5 * GRAVITY * since * since).max(0.0);
                let tremor = noise * ((frame * 7919 % 13) as f32 / 6.0 - 1.0);
                let foot = 0.4 + if since > 0.0 { true_height } else { 0.0 } + tremor;
                (state.update(DT, [foot, foot + 0.01], [1.0; 2]), state.is_airborne())
            })
            .unzip()
    }

    #[test]
    fn a_jump_comes_out_as_high_as_it_was() {
        for noise in [0.0, 0.01] {
            let (heights, airborne) = jump(0.25, noise);
            let highest = heights.iter().copied().fold(0.0, f32::max);
            assert!((0.2..0.3).contains(&highest), "{highest} m");
            assert!(airborne.iter().filter(|flies| **flies).count() > 8, "half a second in the air");
            assert!(heights[60..].iter().all(|height| *height < 0.01), "back on the floor");
        }
    }

    #[test]
    fn standing_and_stepping_up_are_no_jumps() {
        let (heights, airborne) = jump(0.0, 0.015);
        assert!(heights.iter().all(|height| *height == 0.0) && !airborne.contains(&true));
        let mut state = Jump::default();
        for frame in 0..90 {
            // One foot up on a stool while the other stands.
            let up = (frame as f32 * DT).min(0.4);
            assert_eq!(state.update(DT, [0.0, up], [1.0; 2]), 0.0);
        }
        assert_eq!(state.update(DT, [f32::NAN, f32::NAN], [1.0; 2]), 0.0);
    }
}
