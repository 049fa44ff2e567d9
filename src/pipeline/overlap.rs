//! Hands on a thread of their own: behind the bodies, or beside them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::carried_hands::carry_hands;
use super::stack::lost;
use crate::frame::{MeasuredHands, TrackedFrame};
use crate::helper_thread::{HelperError, HelperThread};
use crate::inference::InferenceError;
use crate::slot::LatestSlot;

const THREAD: &str = "hands";
/// Frames whose hands are looked at behind their bodies at most.
const IN_FLIGHT: usize = 2;

/// Adds the hands to a frame; what it knows of the frames before lives in it.
pub(super) type HandsStep = Box<dyn FnMut(&mut TrackedFrame) -> Result<(), InferenceError>>;

/// Every frame gets its own hands, some frames later.
pub(super) struct Behind {
    helper: HelperThread<TrackedFrame, TrackedFrame, InferenceError>,
    /// Frames whose hands are looked at, with the numbers of their jobs.
    on_their_way: VecDeque<(u64, TrackedFrame)>,
}

impl Behind {
    /// `open` makes the step on the thread, and again after a panic.
    pub(super) fn start(
        open: impl Fn() -> Result<HandsStep, InferenceError> + Send + Sync + 'static,
    ) -> Result<Self, InferenceError> {
        let factory = move || {
            let mut step = open()?;
            Ok(move |mut frame: TrackedFrame| step(&mut frame).map(|()| frame))
        };
        let helper = HelperThread::start(THREAD, factory).map_err(failure)?;
        Ok(Self { helper, on_their_way: VecDeque::with_capacity(IN_FLIGHT) })
    }

    /// Takes a frame with its bodies, and gives the oldest one back where enough are on their way.
    pub(super) fn push(&mut self, frame: TrackedFrame, failed: &mut Option<InferenceError>) -> Option<TrackedFrame> {
        let oldest = if self.on_their_way.len() >= IN_FLIGHT { self.drain(failed) } else { None };
        let number = self.helper.submit(frame.clone());
        self.on_their_way.push_back((number, frame));
        oldest
    }

    /// Waits for the oldest frame. Where its hands failed, it comes without them, and `failed` says why.
    pub(super) fn drain(&mut self, failed: &mut Option<InferenceError>) -> Option<TrackedFrame> {
        let (number, bodies) = self.on_their_way.pop_front()?;
        Some(self.helper.wait(number).unwrap_or_else(|error| {
            *failed = Some(failure(error));
            bodies
        }))
    }
}

/// Frames do not wait: they get the hands of the newest picture that is done.
pub(super) struct Beside {
    /// Each job is to look at the newest frame in `newest`, if it still holds one.
    helper: HelperThread<(), Option<TrackedFrame>, InferenceError>,
    newest: LatestSlot<TrackedFrame>,
    /// The newest picture whose hands are known.
    known: Option<TrackedFrame>,
    /// Number of the frame with which the stream began: hands of frames before are another stream's.
    since: u64,
    /// One of so many frames is handed on.
    interval: u32,
    until_next: u32,
}

impl Beside {
    /// `open` makes the step on the thread, and again after a panic.
    pub(super) fn start(
        open: impl Fn() -> Result<HandsStep, InferenceError> + Send + Sync + 'static,
    ) -> Result<Self, InferenceError> {
        let newest = LatestSlot::<TrackedFrame>::new();
        let waiting = newest.clone();
        let factory = move || {
            let (mut step, waiting) = (open()?, waiting.clone());
            Ok(move |()| match waiting.try_take() {
                Some(mut frame) => step(&mut frame).map(|()| Some(frame)),
                None => Ok(None),
            })
        };
        let helper = HelperThread::start(THREAD, factory).map_err(failure)?;
        Ok(Self { helper, newest, known: None, since: 0, interval: 1, until_next: 0 })
    }

    /// One of so many frames is handed on from now on, at least 1.
    pub(super) const fn set_interval(&mut self, frames: u32) {
        self.interval = if frames == 0 { 1 } else { frames };
    }

    /// Hands the frame on, and gives it the newest hands there are.
    ///
    /// # Errors
    /// Why hands could not be looked at since the last call; the frame gets those that are known all the same.
    pub(super) fn attach(&mut self, frame: &mut TrackedFrame) -> Result<(), InferenceError> {
        if !frame.continuity.follows() {
            (self.known, self.until_next, self.since) = (None, 0, frame.frame_id);
        }
        if self.until_next == 0 {
            let inherit =
                |lost: &TrackedFrame, new: &mut TrackedFrame| new.continuity = new.continuity.max(lost.continuity);
            let replaced = self.newest.publish_over(frame.clone(), inherit);
            // Whose place it takes had a job, which comes to it now. One more would find nothing, and its answer would hide
            // the hands that the other one found.
            if replaced.is_none() || self.helper.in_flight() == 0 {
                self.helper.submit(());
            }
            self.until_next = self.interval;
        }
        self.until_next -= 1;
        let mut failed = None;
        match self.helper.try_newest() {
            Some((_, Ok(Some(known)))) if known.frame_id >= self.since => {
                let hands = known.people.iter().map(|person| (person.id, person.hands)).collect();
                frame.measured_hands = Some(Arc::new(MeasuredHands { frame_id: known.frame_id, hands }));
                self.known = Some(known);
            }
            Some((_, Err(error))) => failed = Some(failure(error)),
            _ => {}
        }
        if let Some(known) = &self.known {
            carry_hands(known, frame);
        }
        failed.map_or(Ok(()), Err)
    }
}

fn failure(error: HelperError<InferenceError>) -> InferenceError {
    match error {
        HelperError::Failed(error) => error,
        other => lost(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::frame::RgbImage;
    use crate::motion::session::Continuity;
    use crate::motion::{BodyPose, HandPose, Hands, Landmark, Provenance};

    fn person() -> BodyPose {
        let hands = Hands::default();
        let landmarks = [Landmark::default(); 33];
        BodyPose { id: 7, is_new: false, score: 1.0, image: landmarks, world: landmarks, size_px: 100.0, hands }
    }

    fn frame(number: u64) -> TrackedFrame {
        let picture = Arc::new(RgbImage::default());
        let people = vec![person()];
        TrackedFrame { people, ..TrackedFrame::empty(number, Instant::now(), number as f64 / 30.0, picture) }
    }

    /// A left hand whose score says in which frame it was seen.
    fn hand(frame: &TrackedFrame) -> HandPose {
        let points = [glam::Vec3::ZERO; 21];
        let score = 0.5 + frame.frame_id as f32 / 1000.0;
        HandPose { provenance: Provenance::Measured, score, image: points, world: points }
    }

    fn seen(frame: &TrackedFrame) -> Option<u64> {
        frame.people[0].hands.left.map(|hand| ((hand.score - 0.5) * 1000.0).round() as u64)
    }

    /// Sees a hand in every frame but those whose numbers are given: there it fails, or panics.
    fn steps(
        fails: &'static [u64],
        panics: &'static [u64],
        opened: &Arc<AtomicU32>,
    ) -> impl Fn() -> Result<HandsStep, InferenceError> + Send + Sync + 'static {
        let opened = Arc::clone(opened);
        move || {
            opened.fetch_add(1, Relaxed);
            Ok(Box::new(move |frame: &mut TrackedFrame| {
                assert!(!panics.contains(&frame.frame_id), "a broken model");
                if fails.contains(&frame.frame_id) {
                    return Err(lost("no memory"));
                }
                frame.people[0].hands.left = Some(hand(frame));
                Ok(())
            }))
        }
    }

    #[test]
    fn behind_the_bodies_every_frame_keeps_its_people_and_gets_its_own_hands() {
        let opened = Arc::default();
        let mut behind = Behind::start(steps(&[3], &[5], &opened)).expect("starts");
        let (mut out, mut failures) = (Vec::new(), Vec::new());
        for number in 0..8 {
            let mut failed = None;
            out.extend(behind.push(frame(number), &mut failed));
            failures.extend(failed);
        }
        let mut failed = None;
        while let Some(frame) = behind.drain(&mut failed) {
            out.push(frame);
        }
        assert_eq!(out.iter().map(|frame| frame.frame_id).collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        assert!(out.iter().all(|frame| frame.people.len() == 1));
        let expected: Vec<_> = (0..8).map(|n| Some(n).filter(|n| ![3, 5].contains(n))).collect();
        assert_eq!(out.iter().map(seen).collect::<Vec<_>>(), expected);
        assert_eq!(failures.len(), 2, "{failures:?}");
        assert_eq!(opened.load(Relaxed), 2, "after the panic it is opened anew");
    }

    /// Hands frames on until `done`, as a live source would.
    fn until(beside: &mut Beside, next: &mut u64, done: impl Fn(&TrackedFrame) -> bool) -> TrackedFrame {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            let mut frame = frame(*next);
            *next += 1;
            // Why there were no hands may be known, or not yet: they come all the same.
            let _ = beside.attach(&mut frame);
            assert_eq!(frame.people.len(), 1, "a body never waits, nor is it thrown away");
            if done(&frame) {
                return frame;
            }
            std::thread::yield_now();
        }
        panic!("it never came");
    }

    #[test]
    fn beside_the_bodies_a_panic_costs_hands_for_a_moment_and_nothing_else() {
        let opened = Arc::default();
        // Whatever frame it is given first, the first model breaks.
        let (made, works) = (Arc::clone(&opened), steps(&[], &[], &opened));
        let open = move || match made.load(Relaxed) {
            0 => {
                made.fetch_add(1, Relaxed);
                Ok(Box::new(|_: &mut TrackedFrame| -> Result<(), InferenceError> { panic!("a broken model") })
                    as HandsStep)
            }
            _ => works(),
        };
        let mut beside = Beside::start(open).expect("starts");
        let mut next = 0;
        let whole = until(&mut beside, &mut next, |frame| seen(frame).is_some());
        let hand = whole.people[0].hands.left.expect("a hand");
        let age = whole.frame_id - seen(&whole).expect("a hand");
        match hand.provenance {
            Provenance::Measured => panic!("it is of an earlier picture"),
            Provenance::Carried { age_s } => assert!((f64::from(age_s) - age as f64 / 30.0).abs() < 1e-5, "{age_s}"),
        }
        let measured = whole.measured_hands.as_ref().expect("just became known");
        assert_eq!(measured.hands[0].1.left.expect("a hand").provenance, Provenance::Measured);
        assert_eq!(Some(measured.frame_id), seen(&whole));
        assert_eq!(opened.load(Relaxed), 2, "the model that broke was opened anew");
    }

    /// However jobs and answers meet: what was found last is shown, also once no frame is handed on any more.
    #[test]
    fn no_hands_that_were_found_are_lost() {
        let opened = Arc::default();
        let mut beside = Beside::start(steps(&[], &[], &opened)).expect("starts");
        for round in 0..50 {
            let last = 10 * round + 9;
            beside.set_interval(1);
            (10 * round..=last).for_each(|number| beside.attach(&mut frame(number)).expect("works"));
            // From here on nothing is handed on: the newest frame's hands have to come by themselves.
            beside.until_next = u32::MAX;
            let deadline = Instant::now() + Duration::from_secs(20);
            loop {
                assert!(Instant::now() < deadline, "the hands of frame {last} never came");
                let mut later = frame(last);
                beside.attach(&mut later).expect("works");
                if seen(&later) == Some(last) {
                    break;
                }
                std::thread::yield_now();
            }
            beside.until_next = 0;
        }
    }

    #[test]
    fn hands_of_another_source_are_not_shown() {
        let opened = Arc::default();
        let mut beside = Beside::start(steps(&[], &[], &opened)).expect("starts");
        let mut next = 0;
        until(&mut beside, &mut next, |frame| seen(frame).is_some());
        let first = next;
        let mut other = TrackedFrame { continuity: Continuity::NewSource, ..frame(next) };
        beside.attach(&mut other).expect("works");
        assert!(seen(&other).is_none_or(|of| of >= first));
        let later = until(&mut beside, &mut next, |frame| seen(frame).is_some());
        assert!(seen(&later).is_some_and(|of| of >= first));
    }
}
