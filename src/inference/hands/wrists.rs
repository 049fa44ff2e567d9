//! What a tracked body says of its hands: where they begin, which way they point, how long they are.

use glam::Vec2;

use super::Region;
use crate::motion::Side;
use crate::motion::{BodyPose, PoseLandmark};

/// Length of a hand over the larger of the forearm and this share of the body's unit, both as seen in the picture.
const HAND_OVER_FOREARM: f32 = 0.75;
const UNIT_SHARE: f32 = 0.7;
/// The torso's length counts for the unit where the shoulders are seen from the side.
const TORSO_SHARE: f32 = 0.7;
/// Side of the square in which palms are searched, over the longer forearm: around one wrist, around both.
const VIEW_OF_ONE: f32 = 2.0;
const VIEW_OF_BOTH: f32 = 2.4;

/// One wrist in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wrist {
    pub(super) place: Vec2,
    /// 0 to 1.
    pub(super) visibility: f32,
    elbow: Vec2,
    /// Middle of the knuckles of index and little finger, as the body model guesses them.
    knuckles: Vec2,
}

/// Both wrists and the scale of the body in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wrists {
    left: Wrist,
    right: Wrist,
    /// Shoulder width in pixels, or what stands for it where the person is seen from the side. Always above zero.
    pub(super) unit: f32,
}

impl Wrists {
    /// In the picture that is looked at, where `picture_from_body` takes the pixels of the body's landmarks to its own.
    pub(super) fn of(body: &BodyPose, picture_from_body: Vec2) -> Self {
        use PoseLandmark as P;
        let at = |landmark: P| body.image[landmark as usize].position.truncate() * picture_from_body;
        let wrist = |wrist: P, elbow: P, little: P, index: P| Wrist {
            place: at(wrist),
            visibility: body.image[wrist as usize].visibility,
            elbow: at(elbow),
            knuckles: at(little).midpoint(at(index)),
        };
        let shoulders = at(P::LeftShoulder).distance(at(P::RightShoulder));
        let torso =
            at(P::LeftShoulder).midpoint(at(P::RightShoulder)).distance(at(P::LeftHip).midpoint(at(P::RightHip)));
        Self {
            left: wrist(P::LeftWrist, P::LeftElbow, P::LeftPinky, P::LeftIndex),
            right: wrist(P::RightWrist, P::RightElbow, P::RightPinky, P::RightIndex),
            unit: shoulders.max(TORSO_SHARE * torso).max(1.0),
        }
    }

    pub(super) const fn get(&self, side: Side) -> &Wrist {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    /// About how long a hand of this side is in the picture, pixels.
    pub(super) fn hand_length(&self, side: Side) -> f32 {
        let wrist = self.get(side);
        HAND_OVER_FOREARM * wrist.place.distance(wrist.elbow).max(UNIT_SHARE * self.unit)
    }

    /// Where a hand of this side may be: along the body model's own knuckles, then along the forearm.
    pub(super) fn guesses(&self, side: Side) -> [Option<Region>; 2] {
        let wrist = self.get(side);
        let forearm = wrist.place - wrist.elbow;
        let length = self.hand_length(side);
        [wrist.knuckles - wrist.place, forearm].map(|direction| Region::around_wrist(wrist.place, direction, length))
    }

    /// The upright square in which to search for palms: around both wrists where they are near each other, else around
    /// the one of `side`.
    pub(super) fn view(&self, side: Side) -> Region {
        let longest = Side::BOTH.map(|side| self.get(side).place.distance(self.get(side).elbow));
        let reach = longest[0].max(longest[1]).max(0.6 * self.unit);
        let (own, other) = (self.get(side).place, self.get(side.other()).place);
        let (center, size) = if own.distance(other) < reach {
            (own.midpoint(other), VIEW_OF_BOTH * reach)
        } else {
            (own, VIEW_OF_ONE * reach)
        };
        Region { center, size, rotation: 0.0 }
    }
}
