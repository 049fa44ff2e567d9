//! Hands as they were measured, for frames that went out before theirs were.
//!
//! Live, a frame is shown with hands that are carried on from an earlier picture, and its own become known some frames
//! later ([`TrackedFrame::measured_hands`]). A take holds what was measured: so a frame waits for its own hands for a
//! moment before it is written. Hands that never come stay carried on, and their score says so.

use std::collections::VecDeque;

use crate::frame::TrackedFrame;
use crate::motion::Side;
use crate::motion::hand::{CARRIED_SCORE, Provenance};

/// A frame waits so long for its hands, seconds of the source's clock; live, older hands are not shown either.
const LONGEST_WAIT_S: f64 = 0.35;

/// Frames whose hands may still come.
#[derive(Default)]
pub(super) struct LateHands {
    waiting: VecDeque<TrackedFrame>,
    /// Whether hands come later than their frames at all.
    is_late: bool,
}

impl LateHands {
    /// Takes the next frame in and gives those back, in order, whose hands are settled.
    pub(super) fn push(&mut self, frame: TrackedFrame) -> Vec<TrackedFrame> {
        let (now_s, measured) = (frame.time_s, frame.measured_hands.clone());
        self.is_late |= measured.is_some() || has_carried(&frame);
        self.waiting.push_back(frame);
        let mut settled = 0;
        if let Some(measured) = measured {
            for waiting in &mut self.waiting {
                if waiting.frame_id == measured.frame_id {
                    for person in &mut waiting.people {
                        let own = measured.hands.iter().find(|(id, _)| *id == person.id);
                        person.hands = own.map_or(person.hands, |(_, hands)| *hands);
                    }
                }
            }
            settled = self.waiting.iter().take_while(|waiting| waiting.frame_id <= measured.frame_id).count();
        }
        // Time that ran back is another source's.
        let is_over = |waiting: &&TrackedFrame| !(0.0..=LONGEST_WAIT_S).contains(&(now_s - waiting.time_s));
        settled = settled.max(self.waiting.iter().take_while(is_over).count());
        if !self.is_late {
            settled = self.waiting.len();
        }
        self.waiting.drain(..settled).map(marked).collect()
    }

    /// Gives back what waits: no frame comes for now.
    pub(super) fn drain(&mut self) -> Vec<TrackedFrame> {
        self.waiting.drain(..).map(marked).collect()
    }
}

fn has_carried(frame: &TrackedFrame) -> bool {
    let mut hands = frame.people.iter().flat_map(|person| Side::BOTH.map(|side| person.hands.get(side)));
    hands.any(|hand| hand.is_some_and(|hand| hand.provenance != Provenance::Measured))
}

/// Has the scores of hands that were not measured say so.
fn marked(mut frame: TrackedFrame) -> TrackedFrame {
    for person in &mut frame.people {
        for side in Side::BOTH {
            if let Some(hand) = person.hands.get_mut(side)
                && hand.provenance != Provenance::Measured
            {
                hand.score = hand.score.min(CARRIED_SCORE);
            }
        }
    }
    frame.measured_hands = None;
    frame
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::*;
    use crate::frame::MeasuredHands;
    use crate::motion::{BodyPose, HandPose, Hands, Landmark};

    fn hand(score: f32, provenance: Provenance) -> Hands {
        let points = [glam::Vec3::ZERO; 21];
        Hands { left: Some(HandPose { provenance, score, image: points, world: points }), right: None }
    }

    fn frame(number: u64, hands: &Hands, measured: Option<(u64, f32)>) -> TrackedFrame {
        let landmarks = [Landmark::default(); 33];
        let person = BodyPose {
            id: 3,
            is_new: false,
            score: 1.0,
            image: landmarks,
            world: landmarks,
            size_px: 1.0,
            hands: *hands,
        };
        let measured = measured.map(|(frame_id, score)| {
            Arc::new(MeasuredHands { frame_id, hands: vec![(3, hand(score, Provenance::Measured))] })
        });
        let empty = TrackedFrame::empty(number, Instant::now(), number as f64 / 30.0, Arc::default());
        TrackedFrame { people: vec![person], measured_hands: measured, ..empty }
    }

    fn carried(number: u64, measured: Option<(u64, f32)>) -> TrackedFrame {
        frame(number, &hand(0.9, Provenance::Carried { age_s: 0.03 }), measured)
    }

    fn scores(frames: &[TrackedFrame]) -> Vec<(u64, Option<f32>)> {
        frames.iter().map(|frame| (frame.frame_id, frame.people[0].hands.left.map(|hand| hand.score))).collect()
    }

    #[test]
    fn a_frame_gets_the_hands_that_were_measured_in_it() {
        let mut late = LateHands::default();
        assert!(late.push(carried(0, None)).is_empty());
        assert!(late.push(carried(1, None)).is_empty());
        assert_eq!(scores(&late.push(carried(2, Some((1, 0.8))))), [(0, Some(CARRIED_SCORE)), (1, Some(0.8))]);
        assert_eq!(scores(&late.push(carried(3, Some((2, 0.7))))), [(2, Some(0.7))]);
        assert_eq!(scores(&late.drain()), [(3, Some(CARRIED_SCORE))]);
    }

    #[test]
    fn hands_that_never_come_are_not_waited_for() {
        let mut late = LateHands::default();
        let out: Vec<_> = (0..30).flat_map(|number| late.push(carried(number, None))).collect();
        assert_eq!(scores(&out), (0..19).map(|number| (number, Some(CARRIED_SCORE))).collect::<Vec<_>>());
    }

    #[test]
    fn where_hands_come_with_their_frames_nothing_waits() {
        let mut late = LateHands::default();
        for number in 0..3 {
            let out = late.push(frame(number, &hand(0.9, Provenance::Measured), None));
            assert_eq!(scores(&out), [(number, Some(0.9))]);
        }
    }
}
