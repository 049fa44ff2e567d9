//! What can be measured of one body.

use glam::Vec3;

use crate::motion::Side;
use crate::motion::angle::{JointAngle, joint_angles};
use crate::motion::landmark::{Landmark, POSE_LANDMARK_COUNT, PoseLandmark as L};

/// Below this visibility of any landmark involved a measure is unknown, as joint angles are.
const MIN_VISIBILITY: f32 = 0.5;
/// Below this length, metres, a ratio's denominator says nothing.
const MIN_LENGTH_M: f32 = 0.05;
const UP: Vec3 = Vec3::NEG_Y;

/// What a number counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Degrees.
    Degrees,
    /// A share of a length of the same body.
    Ratio,
}

/// A quantity of the body. Every one is independent of where the body stands and of its size, and, but for those that
/// look at the vertical, of how it is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Included angle at the elbow, degrees; 180 is straight.
    Elbow,
    /// Angle between upper arm and trunk, degrees; 0 is hanging, 180 overhead.
    Shoulder,
    /// Included angle at the hip, degrees; 180 is straight.
    Hip,
    /// Included angle at the knee, degrees; 180 is straight.
    Knee,
    /// Angle between shin and foot, degrees.
    Ankle,
    /// Included angle at the wrist, degrees; 180 is straight.
    Wrist,
    /// Angle between the thigh and straight down, degrees: 0 hanging, 90 level, more with the knee above the hip.
    Thigh,
    /// Included angle shoulder, hip, ankle, degrees; 180 is a straight body.
    BodyLine,
    /// How far the hip hangs below the line from shoulder to ankle, in lengths of that line; negative is above it.
    HipSag,
    /// How far the knee lies inwards of the line from hip to ankle, in lengths of the leg; negative is outwards.
    KneeInwards,
    /// How far the knee is in front of the toes, in lengths of the leg; negative is behind them.
    KneeOverToes,
    /// How far the ankle is in front of the hips, in lengths of the leg; negative is behind.
    AnkleForward,
    /// How far the wrist is above the shoulder, in lengths of the trunk; negative is below.
    WristHeight,
    /// Angle ears, shoulders, hips, degrees.
    Neck,
    /// Angle shoulders, hips, knees, degrees.
    Spine,
    /// Lean of the trunk against the vertical, degrees: 0 upright, 90 level, 180 head down.
    TrunkLean,
    /// Height of the hips over the ankles in lengths of the leg: 1 standing, 0 level with them.
    HipsHeight,
    /// Distance of the knees across the body over that of the ankles; under 1 the knees are closer.
    KneesApart,
    /// Distance of the ankles across the body in widths of the shoulders; negative when crossed.
    AnklesApart,
    /// Distance of the wrists across the body in widths of the shoulders; negative when crossed.
    WristsApart,
    /// Distance of the ankles from front to back in lengths of the leg.
    FeetSplit,
}

use Quantity as Q;

impl Quantity {
    /// All quantities: first those that each side has, then those of the whole body.
    pub const ALL: [Self; 21] = [
        Q::Elbow,
        Q::Shoulder,
        Q::Hip,
        Q::Knee,
        Q::Ankle,
        Q::Wrist,
        Q::Thigh,
        Q::BodyLine,
        Q::HipSag,
        Q::KneeInwards,
        Q::KneeOverToes,
        Q::AnkleForward,
        Q::WristHeight,
        Q::Neck,
        Q::Spine,
        Q::TrunkLean,
        Q::HipsHeight,
        Q::KneesApart,
        Q::AnklesApart,
        Q::WristsApart,
        Q::FeetSplit,
    ];

    /// The name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Q::Elbow => "elbow",
            Q::Shoulder => "shoulder",
            Q::Hip => "hip",
            Q::Knee => "knee",
            Q::Ankle => "ankle",
            Q::Wrist => "wrist",
            Q::Thigh => "thigh",
            Q::BodyLine => "body_line",
            Q::HipSag => "hip_sag",
            Q::KneeInwards => "knee_inwards",
            Q::KneeOverToes => "knee_over_toes",
            Q::AnkleForward => "ankle_forward",
            Q::WristHeight => "wrist_height",
            Q::Neck => "neck",
            Q::Spine => "spine",
            Q::TrunkLean => "trunk_lean",
            Q::HipsHeight => "hips_height",
            Q::KneesApart => "knees_apart",
            Q::AnklesApart => "ankles_apart",
            Q::WristsApart => "wrists_apart",
            Q::FeetSplit => "feet_split",
        }
    }

    /// Degrees or a ratio.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Q::HipSag
            | Q::KneeInwards
            | Q::KneeOverToes
            | Q::AnkleForward
            | Q::WristHeight
            | Q::HipsHeight
            | Q::KneesApart
            | Q::AnklesApart
            | Q::WristsApart
            | Q::FeetSplit => Unit::Ratio,
            _ => Unit::Degrees,
        }
    }

    /// Whether left and right have one each.
    #[must_use]
    pub const fn is_two_sided(self) -> bool {
        !matches!(
            self,
            Q::Neck
                | Q::Spine
                | Q::TrunkLean
                | Q::HipsHeight
                | Q::KneesApart
                | Q::AnklesApart
                | Q::WristsApart
                | Q::FeetSplit
        )
    }

    /// The value of one side of a two-sided quantity; `None` where unknown, and for quantities of the whole body.
    #[must_use]
    pub fn of_side(self, world: &[Landmark; POSE_LANDMARK_COUNT], side: Side) -> Option<f32> {
        let angle = |left, right| Body { world }.angle(if side == Side::Left { left } else { right });
        let value = match self {
            Q::Elbow => angle(JointAngle::LeftElbow, JointAngle::RightElbow),
            Q::Shoulder => angle(JointAngle::LeftShoulder, JointAngle::RightShoulder),
            Q::Hip => angle(JointAngle::LeftHip, JointAngle::RightHip),
            Q::Knee => angle(JointAngle::LeftKnee, JointAngle::RightKnee),
            Q::Ankle => angle(JointAngle::LeftAnkle, JointAngle::RightAnkle),
            Q::Wrist => angle(JointAngle::LeftWrist, JointAngle::RightWrist),
            _ => Body { world }.placed(self, side),
        };
        value.filter(|value| value.is_finite())
    }

    /// The value of a quantity of the whole body; `None` where unknown, and for two-sided ones.
    #[must_use]
    pub fn of_whole(self, world: &[Landmark; POSE_LANDMARK_COUNT]) -> Option<f32> {
        Body { world }.whole(self).filter(|value| value.is_finite())
    }
}

/// How the two sides of a quantity become one number. A hidden side is left to the other one, except where that side
/// itself was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Sides {
    Mean,
    Min,
    Max,
    Left,
    Right,
}

impl Sides {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Mean, Self::Min, Self::Max, Self::Left, Self::Right];

    /// The name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

/// One number of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Measure {
    /// What is measured.
    pub quantity: Quantity,
    /// How its sides are put together; without meaning for quantities of the whole body.
    pub sides: Sides,
}

impl Measure {
    /// Measures world landmarks (metres, y down). `None` when a landmark involved has a visibility under 0.5 or is no
    /// number, or the body is too small to tell.
    #[must_use]
    pub fn of(self, world: &[Landmark; POSE_LANDMARK_COUNT]) -> Option<f32> {
        if !self.quantity.is_two_sided() {
            return self.quantity.of_whole(world);
        }
        let side = |side| self.quantity.of_side(world, side);
        let combined = |both: fn(f32, f32) -> f32| match (side(Side::Left), side(Side::Right)) {
            (Some(left), Some(right)) => Some(both(left, right)),
            (one, other) => one.or(other),
        };
        match self.sides {
            Sides::Mean => combined(|left, right| (left + right) * 0.5),
            Sides::Min => combined(f32::min),
            Sides::Max => combined(f32::max),
            Sides::Left => side(Side::Left),
            Sides::Right => side(Side::Right),
        }
    }

    /// The measure of a name as [`Self::name`] writes it: `trunk_lean`, `knee.min`; `knee` alone is the mean.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let (quantity, sides) = name.split_once('.').map_or((name, None), |(quantity, sides)| (quantity, Some(sides)));
        let quantity = Quantity::ALL.into_iter().find(|known| known.name() == quantity)?;
        let sides = match sides {
            None => Sides::Mean,
            Some(sides) if quantity.is_two_sided() => Sides::ALL.into_iter().find(|known| known.name() == sides)?,
            Some(_) => return None,
        };
        Some(Self { quantity, sides })
    }

    /// The name in files.
    #[must_use]
    pub fn name(self) -> String {
        if self.quantity.is_two_sided() {
            format!("{}.{}", self.quantity.name(), self.sides.name())
        } else {
            self.quantity.name().to_owned()
        }
    }
}

/// World landmarks, asked for by name.
struct Body<'a> {
    world: &'a [Landmark; POSE_LANDMARK_COUNT],
}

impl Body<'_> {
    fn at(&self, point: L) -> Option<Vec3> {
        let landmark = &self.world[point as usize];
        (landmark.visibility >= MIN_VISIBILITY && landmark.position.is_finite()).then_some(landmark.position)
    }

    fn middle(&self, left: L, right: L) -> Option<Vec3> {
        Some((self.at(left)? + self.at(right)?) * 0.5)
    }

    fn hips(&self) -> Option<Vec3> {
        self.middle(L::LeftHip, L::RightHip)
    }

    /// From the hips to the shoulders.
    fn trunk(&self) -> Option<Vec3> {
        Some(self.middle(L::LeftShoulder, L::RightShoulder)? - self.hips()?)
    }

    /// Direction to the person's own left. Hips are narrow and noisy in depth; the shoulders steady them.
    fn leftwards(&self) -> Option<Vec3> {
        let hips = self.at(L::LeftHip)? - self.at(L::RightHip)?;
        let shoulders = self.at(L::LeftShoulder).zip(self.at(L::RightShoulder));
        (hips + shoulders.map_or(Vec3::ZERO, |(left, right)| left - right)).try_normalize()
    }

    /// Level direction in which the body faces.
    fn forwards(&self) -> Option<Vec3> {
        self.leftwards()?.cross(UP).try_normalize()
    }

    fn shoulder_width(&self) -> Option<f32> {
        long_enough(self.at(L::LeftShoulder)?.distance(self.at(L::RightShoulder)?))
    }

    fn leg(&self, side: Side) -> Option<Leg> {
        let [hip, knee, ankle] = match side {
            Side::Left => [L::LeftHip, L::LeftKnee, L::LeftAnkle],
            Side::Right => [L::RightHip, L::RightKnee, L::RightAnkle],
        };
        let (hip, knee, ankle) = (self.at(hip)?, self.at(knee)?, self.at(ankle)?);
        let length_m = long_enough(hip.distance(knee) + knee.distance(ankle))?;
        Some(Leg { hip, knee, ankle, length_m })
    }

    fn legs_length(&self) -> Option<f32> {
        Some((self.leg(Side::Left)?.length_m + self.leg(Side::Right)?.length_m) * 0.5)
    }

    /// An included angle in degrees.
    fn angle(&self, joint: JointAngle) -> Option<f32> {
        joint_angles(self.world).get(joint).map(f32::to_degrees)
    }

    /// Two-sided quantities that are no joint's angle.
    fn placed(&self, quantity: Quantity, side: Side) -> Option<f32> {
        let of_side = |left, right| if side == Side::Left { left } else { right };
        let shoulder = || self.at(of_side(L::LeftShoulder, L::RightShoulder));
        match quantity {
            Q::Thigh => {
                let leg = self.leg(side)?;
                Some((leg.knee - leg.hip).angle_between(-UP).to_degrees())
            }
            Q::BodyLine => {
                let (shoulder, leg) = (shoulder()?, self.leg(side)?);
                Some((shoulder - leg.hip).angle_between(leg.ankle - leg.hip).to_degrees())
            }
            Q::HipSag => {
                let (shoulder, leg) = (shoulder()?, self.leg(side)?);
                let length = long_enough(shoulder.distance(leg.ankle))?;
                Some(offset_from_line(leg.hip, shoulder, leg.ankle)?.dot(-UP) / length)
            }
            Q::KneeInwards => {
                let leg = self.leg(side)?;
                let leftwards = self.leftwards()?;
                let inwards = if side == Side::Left { -leftwards } else { leftwards };
                Some(offset_from_line(leg.knee, leg.hip, leg.ankle)?.dot(inwards) / leg.length_m)
            }
            Q::KneeOverToes => {
                let (leg, toes) = (self.leg(side)?, self.at(of_side(L::LeftFootIndex, L::RightFootIndex))?);
                Some((leg.knee - toes).dot(self.forwards()?) / leg.length_m)
            }
            Q::AnkleForward => {
                let leg = self.leg(side)?;
                Some((leg.ankle - self.hips()?).dot(self.forwards()?) / leg.length_m)
            }
            Q::WristHeight => {
                let above = self.at(of_side(L::LeftWrist, L::RightWrist))? - shoulder()?;
                Some(above.dot(UP) / long_enough(self.trunk()?.length())?)
            }
            _ => None,
        }
    }

    fn whole(&self, quantity: Quantity) -> Option<f32> {
        let across = |left, right| Some((self.at(left)? - self.at(right)?).dot(self.leftwards()?));
        match quantity {
            Q::Neck => self.angle(JointAngle::Neck),
            Q::Spine => self.angle(JointAngle::Spine),
            Q::TrunkLean => {
                let trunk = self.trunk()?;
                long_enough(trunk.length())?;
                Some(trunk.angle_between(UP).to_degrees())
            }
            Q::HipsHeight => {
                let above = self.hips()? - self.middle(L::LeftAnkle, L::RightAnkle)?;
                Some(above.dot(UP) / self.legs_length()?)
            }
            Q::KneesApart => {
                Some(across(L::LeftKnee, L::RightKnee)? / long_enough(across(L::LeftAnkle, L::RightAnkle)?)?)
            }
            Q::AnklesApart => Some(across(L::LeftAnkle, L::RightAnkle)? / self.shoulder_width()?),
            Q::WristsApart => Some(across(L::LeftWrist, L::RightWrist)? / self.shoulder_width()?),
            Q::FeetSplit => {
                let apart = self.at(L::LeftAnkle)? - self.at(L::RightAnkle)?;
                Some(apart.dot(self.forwards()?).abs() / self.legs_length()?)
            }
            _ => None,
        }
    }
}

struct Leg {
    hip: Vec3,
    knee: Vec3,
    ankle: Vec3,
    length_m: f32,
}

fn long_enough(length_m: f32) -> Option<f32> {
    (length_m >= MIN_LENGTH_M).then_some(length_m)
}

/// From the nearest place of the line through `a` and `b` to `point`.
fn offset_from_line(point: Vec3, a: Vec3, b: Vec3) -> Option<Vec3> {
    let along = (b - a).try_normalize()?;
    Some((point - a).reject_from_normalized(along))
}
