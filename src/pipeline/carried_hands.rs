//! Hands of a picture before, for frames that do not wait for their own.

use glam::Vec3;

use crate::frame::TrackedFrame;
use crate::motion::{BodyPose, HandPose, Hands, PoseLandmark, Provenance, Side};

/// Hands older than this are not shown any more, seconds of the source's clock.
const STALE_S: f64 = 0.35;

/// Gives the people of `frame` the hands that they had in `known`, an earlier picture of the same stream, each moved as its
/// wrist has moved since. Nothing happens where that is too long ago.
pub fn carry_hands(known: &TrackedFrame, frame: &mut TrackedFrame) {
    if frame.time_s - known.time_s > STALE_S {
        return;
    }
    frame.timings.hands = known.timings.hands;
    let age_s = (frame.time_s - known.time_s) as f32;
    for person in &mut frame.people {
        if let Some(before) = known.people.iter().find(|before| before.id == person.id) {
            person.hands = carried(before, person, age_s);
        }
    }
}

/// The hands of `before`, each moved as its wrist has moved in the `age_s` seconds since.
fn carried(before: &BodyPose, now: &BodyPose, age_s: f32) -> Hands {
    let carry = |hand: &HandPose, side: Side| {
        let wrist = match side {
            Side::Left => PoseLandmark::LeftWrist,
            Side::Right => PoseLandmark::RightWrist,
        };
        let at = |body: &BodyPose| body.image[wrist as usize].position.truncate();
        let way: Vec3 = (at(now) - at(before)).extend(0.0);
        let provenance = match hand.provenance {
            Provenance::Measured if age_s <= 0.0 => Provenance::Measured,
            Provenance::Measured => Provenance::Carried { age_s },
            Provenance::Carried { age_s: before_s } => Provenance::Carried { age_s: before_s + age_s },
        };
        HandPose { provenance, image: hand.image.map(|point| point + way), ..*hand }
    };
    let mut hands = before.hands;
    for side in Side::BOTH {
        *hands.get_mut(side) = before.hands.get(side).map(|hand| carry(hand, side));
    }
    hands
}
