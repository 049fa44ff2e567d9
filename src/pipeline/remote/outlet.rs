//! What may be shown: frames in order, none too old, people under numbers that last.

use std::time::Instant;

use super::MOST_AGE;
use super::ids::{Ids, Origin};
use crate::frame::TrackedFrame;

/// The last gate before frames are shown, whoever tracked them.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Outlet {
    ids: Ids,
    last_time_s: Option<f64>,
}

impl Outlet {
    /// Gives the people of a frame their numbers; returns false for a frame that must not be shown. `session` is the
    /// number of the connection, `None` for this machine.
    pub(in crate::pipeline) fn admit(&mut self, session: Option<u64>, frame: &mut TrackedFrame, now: Instant) -> bool {
        let is_late = self.last_time_s.is_some_and(|last| frame.time_s <= last);
        if is_late || !frame.time_s.is_finite() || now.saturating_duration_since(frame.captured_at) > MOST_AGE {
            return false;
        }
        self.last_time_s = Some(frame.time_s);
        self.ids.rename(session.map_or(Origin::Local, Origin::Remote), frame.time_s, &mut frame.people);
        true
    }

    /// The next frame does not follow the last one: everybody in it is new.
    pub(in crate::pipeline) fn forget_people(&mut self) {
        self.ids.forget();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::frame::Timings;
    use crate::motion::Hands;
    use crate::motion::session::Continuity;
    use crate::pipeline::remote::ids::tests::person;

    fn frame(time_s: f64, captured_at: Instant) -> TrackedFrame {
        TrackedFrame {
            frame_id: 0,
            captured_at,
            time_s,
            width: 10,
            height: 10,
            people: vec![person(5, 100.0, true)],
            loose_hands: Hands::default(),
            timings: Timings::default(),
            picture: Arc::default(),
            continuity: Continuity::Follows,
            measured_hands: None,
        }
    }

    #[test]
    fn only_what_is_young_and_newer_is_shown() {
        let (mut outlet, now) = (Outlet::default(), Instant::now());
        assert!(outlet.admit(Some(1), &mut frame(1.0, now), now));
        assert!(!outlet.admit(None, &mut frame(1.0, now), now), "not twice");
        assert!(!outlet.admit(None, &mut frame(0.9, now), now), "not backwards");
        assert!(!outlet.admit(None, &mut frame(f64::NAN, now), now));
        let later = now + Duration::from_millis(1_001);
        assert!(!outlet.admit(None, &mut frame(2.0, now), later), "not late");
        let mut last = frame(2.0, later);
        assert!(outlet.admit(None, &mut last, later));
        assert_eq!((last.people[0].id, last.people[0].is_new), (0, false), "the same person");
    }
}
