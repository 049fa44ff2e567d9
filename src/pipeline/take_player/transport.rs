//! Where playing is, and where it goes next. Knows no clock: whoever plays says how much time has passed.

/// Slowest and fastest that motion is played.
pub const SPEEDS: (f64, f64) = (0.1, 2.0);
/// Longer pauses of whoever draws are not made up for, seconds: motion goes on from where it was.
const MAX_STEP_S: f64 = 0.25;
/// Times that are so near are one moment, seconds.
const SAME_S: f64 = 1e-6;

/// What a step in time led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Nowhere.
    Still,
    /// On.
    On,
    /// From the end of the range back to its beginning.
    Around,
    /// To the end, where it stays.
    ToTheEnd,
}

/// A place in a recording, in seconds from its first frame, and how it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transport {
    duration_s: f64,
    position_s: f64,
    range_s: (f64, f64),
    speed: f64,
    is_playing: bool,
    is_looping: bool,
}

impl Transport {
    /// At the beginning, playing in a loop: whoever opens a file wants to see it move.
    #[must_use]
    pub fn new(duration_s: f64) -> Self {
        let duration_s = if duration_s.is_finite() { duration_s.max(0.0) } else { 0.0 };
        Self { duration_s, position_s: 0.0, range_s: (0.0, duration_s), speed: 1.0, is_playing: true, is_looping: true }
    }

    /// From the first frame to the last, seconds.
    #[must_use]
    pub const fn duration_s(&self) -> f64 {
        self.duration_s
    }

    /// Seconds from the first frame, 0 to the duration.
    #[must_use]
    pub const fn position_s(&self) -> f64 {
        self.position_s
    }

    /// First and last moment of what is played, seconds from the first frame.
    #[must_use]
    pub const fn range_s(&self) -> (f64, f64) {
        self.range_s
    }

    /// Seconds of motion a second.
    #[must_use]
    pub const fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether it moves.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Whether it begins again at the end.
    #[must_use]
    pub const fn is_looping(&self) -> bool {
        self.is_looping
    }

    /// Plays or holds. What stands at the end of the range, or outside of it, plays from the range's beginning: then the
    /// position has jumped, and `true` is returned.
    pub fn set_playing(&mut self, playing: bool) -> bool {
        self.is_playing = playing;
        let (from, to) = self.range_s;
        let is_inside = self.position_s > from - SAME_S && self.position_s < to - SAME_S;
        if playing && !is_inside && (self.position_s - from).abs() > SAME_S {
            self.position_s = from;
            return true;
        }
        false
    }

    /// Begins again at the end, or stays there.
    pub const fn set_looping(&mut self, looping: bool) {
        self.is_looping = looping;
    }

    /// Plays so fast; what is no speed is 1, what is too fast or too slow the nearest of [`SPEEDS`].
    pub const fn set_speed(&mut self, speed: f64) {
        self.speed = if speed.is_finite() { speed.clamp(SPEEDS.0, SPEEDS.1) } else { 1.0 };
    }

    /// Plays from here to there; ends that are no numbers, or the wrong way round, are mended.
    pub fn set_range(&mut self, from_s: f64, to_s: f64) {
        let within = |time_s: f64, otherwise: f64| {
            if time_s.is_finite() { time_s.clamp(0.0, self.duration_s) } else { otherwise }
        };
        let (from, to) = (within(from_s, 0.0), within(to_s, self.duration_s));
        self.range_s = (from.min(to), from.max(to));
    }

    /// Goes there, whether it plays or not.
    pub fn seek(&mut self, time_s: f64) {
        if time_s.is_finite() {
            self.position_s = time_s.clamp(0.0, self.duration_s);
        }
    }

    /// So much time has passed for whoever watches.
    pub fn advance(&mut self, elapsed_s: f64) -> Moved {
        let elapsed_s = if elapsed_s.is_finite() { elapsed_s.clamp(0.0, MAX_STEP_S) } else { 0.0 };
        if !self.is_playing || elapsed_s <= 0.0 {
            return Moved::Still;
        }
        let (from, to) = self.range_s;
        let next = self.position_s + elapsed_s * self.speed;
        if next <= to {
            self.position_s = next;
            return Moved::On;
        }
        if !self.is_looping {
            self.is_playing = false;
            self.position_s = to;
            return Moved::ToTheEnd;
        }
        if to - from <= SAME_S {
            // Nothing to go through: the one moment stays.
            let was_there = (self.position_s - from).abs() <= SAME_S;
            self.position_s = from;
            return if was_there { Moved::Still } else { Moved::Around };
        }
        self.position_s = from + (next - to).rem_euclid(to - from);
        Moved::Around
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Positions after steps of a sixtieth of a second.
    fn play(transport: &mut Transport, steps: usize) -> Vec<f64> {
        (0..steps)
            .map(|_| {
                transport.advance(1.0 / 60.0);
                transport.position_s()
            })
            .collect()
    }

    #[test]
    fn speed_is_seconds_of_motion_a_second() {
        for (asked, speed) in [(1.0, 1.0), (0.1, 0.1), (2.0, 2.0), (0.0, 0.1), (50.0, 2.0), (f64::NAN, 1.0)] {
            let mut transport = Transport::new(100.0);
            transport.set_speed(asked);
            let steps = play(&mut transport, 60);
            assert!((steps[59] - speed).abs() < 1e-9, "{asked}: {}", steps[59]);
            assert!(steps.windows(2).all(|pair| (pair[1] - pair[0] - speed / 60.0).abs() < 1e-9), "evenly");
        }
    }

    #[test]
    fn a_range_is_gone_round_in() {
        let mut transport = Transport::new(10.0);
        transport.set_range(2.0, 3.0);
        transport.seek(2.9);
        let steps = play(&mut transport, 120);
        assert!(steps.iter().all(|at| (2.0..=3.0).contains(at)), "{steps:?}");
        assert!(steps.windows(2).filter(|pair| pair[1] < pair[0]).count() >= 2, "twice round");
        transport.seek(2.99);
        assert_eq!(transport.advance(0.1), Moved::Around);
        assert!((transport.position_s() - 2.09).abs() < 1e-9, "what goes over the end is not lost");
    }

    #[test]
    fn without_a_loop_it_stays_at_the_end_and_plays_again_from_the_beginning() {
        let mut transport = Transport::new(1.0);
        transport.set_looping(false);
        transport.seek(0.95);
        assert_eq!(transport.advance(0.1), Moved::ToTheEnd);
        assert_eq!((transport.position_s(), transport.is_playing()), (1.0, false));
        assert_eq!(transport.advance(0.1), Moved::Still);
        assert!(transport.set_playing(true), "it jumps");
        assert_eq!(transport.position_s(), 0.0);
        assert!(!transport.set_playing(true), "in the middle it goes on");
    }

    #[test]
    fn what_is_held_stays_and_can_be_moved() {
        let mut transport = Transport::new(10.0);
        transport.set_playing(false);
        assert_eq!(transport.advance(1.0), Moved::Still);
        for (asked, at) in [(4.0, 4.0), (-1.0, 0.0), (99.0, 10.0), (f64::NAN, 10.0)] {
            transport.seek(asked);
            assert_eq!(transport.position_s(), at);
        }
        transport.set_range(3.0, 5.0);
        assert_eq!(transport.position_s(), 10.0, "one may look outside of the range");
        assert!(transport.set_playing(true));
        assert_eq!(transport.position_s(), 3.0);
    }

    #[test]
    fn a_pause_of_whoever_draws_is_not_made_up_for() {
        let mut transport = Transport::new(100.0);
        transport.advance(60.0);
        assert_eq!(transport.position_s(), MAX_STEP_S);
    }

    proptest! {
        #[test]
        fn the_position_stays_within_the_recording(
            duration in prop_oneof![Just(f64::NAN), 0.0..100.0_f64],
            acts in prop::collection::vec((0..6_u8, -5.0..120.0_f64, any::<f64>()), 1..60),
        ) {
            let mut transport = Transport::new(duration);
            for (act, value, wild) in acts {
                match act {
                    0 => transport.seek(value),
                    1 => transport.set_range(value, wild),
                    2 => transport.set_speed(wild),
                    3 => transport.set_looping(value > 50.0),
                    4 => { transport.set_playing(value > 20.0); }
                    _ => { transport.advance(wild.abs()); }
                }
                let (from, to) = transport.range_s();
                prop_assert!(0.0 <= from && from <= to && to <= transport.duration_s());
                prop_assert!((0.0..=transport.duration_s()).contains(&transport.position_s()));
                prop_assert!((SPEEDS.0..=SPEEDS.1).contains(&transport.speed()));
            }
        }
    }
}
