//! Hands of a picture before, for frames that do not wait for their own.

use glam::Vec3;

use crate::frame::TrackedFrame;
use crate::motion::Side;
use crate::motion::{BodyPose, HandPose, Hands, PoseLandmark};

/// Hands older than this are not shown any more, seconds of the source's clock.
const STALE_S: f64 = 0.35;

/// Gives the people of `frame` the hands that they had in `known`, an earlier picture of the same stream, each moved as its
/// wrist has moved since. Nothing happens where that is too long ago.
pub fn carry_hands(known: &TrackedFrame, frame: &mut TrackedFrame) {
    if frame.time_s - known.time_s > STALE_S {
        return;
    }
    frame.timings.hands = known.timings.hands;
    for person in &mut frame.people {
        if let Some(before) = known.people.iter().find(|before| before.id == person.id) {
            person.hands = moved(before, person);
        }
    }
}

/// The hands of `before`, each moved as its wrist has moved since.
fn moved(before: &BodyPose, now: &BodyPose) -> Hands {
    let moved = |hand: &HandPose, side: Side| {
        let wrist = match side {
            Side::Left => PoseLandmark::LeftWrist,
            Side::Right => PoseLandmark::RightWrist,
        };
        let at = |body: &BodyPose| body.image[wrist as usize].position.truncate();
        let way: Vec3 = (at(now) - at(before)).extend(0.0);
        HandPose { image: hand.image.map(|point| point + way), ..*hand }
    };
    let mut hands = before.hands;
    for side in Side::BOTH {
        *hands.get_mut(side) = before.hands.get(side).map(|hand| moved(hand, side));
    }
    hands
}
