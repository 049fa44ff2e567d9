//! Fits a skeleton of constant bone lengths to a tracked body, and finds where in front of the camera it is.
//!
//! The tracker's image landmarks are right to about one hundredth of a body; its world landmarks know which way a limb
//! points, but their depth is a guess: they stretch and shrink from frame to frame and lean towards the camera. Bones do
//! not stretch. So the main joints are placed where the camera saw them, at distances from each other that are the
//! person's own, on the side of the picture plane and about as deep as the world landmarks say, near where they just were,
//! and, for somebody who stands, with their weight above their feet. That is a least-squares problem of twelve points,
//! solved by a few steps of Gauss and Newton.
//!
//! Where it is weak: lengths that the person has not shown yet are those of an average body; a limb that points to the
//! wrong side of the picture plane in the world landmarks stays there; the field of view must be about right for limbs
//! that reach far towards the camera.

mod joints;
mod lengths;
mod normal;
mod residuals;

use glam::{DVec2, DVec3};

pub use lengths::{BoneLengths, LengthEstimator};

use crate::motion::landmark::{Landmark, MAIN_JOINTS, POSE_LANDMARK_COUNT, PoseLandmark as L};
use crate::motion::pose::BodyPose;
use joints::{JOINT_COUNT, Joint};
use normal::NormalEquations;
use residuals::{Observation, Prediction};

/// Steps of Gauss and Newton: the last moves nothing by more than a millimetre.
const STEPS: usize = 4;
/// A pause longer than this, seconds, starts afresh.
const MAX_GAP_S: f64 = 0.5;
/// Nearest and furthest that anybody is, metres.
const DEPTHS: (f64, f64) = (0.3, 60.0);

/// How the camera sees: an ideal one, its axis through the middle of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Width of the picture, pixels.
    pub width: u32,
    /// Height of the picture, pixels.
    pub height: u32,
    /// Field of view along the longer side, degrees.
    pub field_of_view: f32,
}

impl View {
    /// Field of view of a usual camera, degrees.
    pub const USUAL_FIELD_OF_VIEW: f32 = 40.0;

    /// Focal length, pixels. A field of view that no lens has counts as the nearest one.
    fn focal_length(self) -> f64 {
        let half = f64::from(self.field_of_view.clamp(5.0, 150.0)).to_radians() * 0.5;
        0.5 * f64::from(self.width.max(self.height).max(1)) / half.tan()
    }

    fn middle(self) -> DVec2 {
        DVec2::new(f64::from(self.width), f64::from(self.height)) * 0.5
    }
}

/// A body whose bones have one length.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedBody {
    /// World landmarks as [`BodyPose::world`] has them, fitted: metres, origin between the hips, axes of the camera.
    pub world: [Landmark; POSE_LANDMARK_COUNT],
    /// Where the middle of the hips is: metres from the camera, x right, y down, z away.
    pub hips: glam::Vec3,
}

/// Fits one person from frame to frame.
#[derive(Debug, Clone, Default)]
pub struct SkeletonFit {
    lengths: LengthEstimator,
    last: Option<Last>,
}

#[derive(Debug, Clone)]
struct Last {
    time_s: f64,
    id: u32,
    points: [DVec3; JOINT_COUNT],
}

impl SkeletonFit {
    /// A fit that knows nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the person.
    pub fn reset(&mut self) {
        self.last = None;
        self.lengths.forget();
    }

    /// The next frame does not follow the last one, but the person is the same: their bones stay known.
    pub fn jump(&mut self) {
        self.last = None;
    }

    /// The person's height in metres, where it is known: it sets the scale of everything.
    pub fn set_height(&mut self, height_m: Option<f32>) {
        self.lengths.set_height(height_m);
    }

    /// Learns the bone lengths anew while the person stands with the arms out to the sides.
    pub fn calibrate(&mut self) {
        self.lengths.calibrate();
    }

    /// Uses bone lengths that were learnt before; `None` learns them.
    pub fn set_bones(&mut self, known: Option<BoneLengths>) {
        self.lengths.set_known(known);
    }

    /// What a calibration has found, once.
    pub fn take_calibrated(&mut self) -> Option<BoneLengths> {
        self.lengths.take_calibrated()
    }

    /// How far a calibration is, 0 to 1; `None` while there is none.
    #[must_use]
    pub fn calibration(&self) -> Option<f32> {
        self.lengths.calibration()
    }

    /// The bone lengths in use.
    #[must_use]
    pub const fn lengths(&self) -> &BoneLengths {
        self.lengths.lengths()
    }

    /// Fits the body seen at `time_s` (capture time, seconds). `None` when there is nothing to go by: landmarks that are
    /// no numbers, or a trunk of no size. Learns the person's bone lengths on the way.
    pub fn fit(&mut self, time_s: f64, body: &BodyPose, view: View) -> Option<FittedBody> {
        let goes_on = |last: &Last| last.id == body.id && (0.0..=MAX_GAP_S).contains(&(time_s - last.time_s));
        if self.last.as_ref().is_some_and(|last| last.id != body.id) {
            self.reset();
        }
        let last = self.last.take().filter(goes_on);
        let observation = Observation::new(body, view.focal_length(), view.middle())?;
        self.lengths.learn(&observation);
        let lengths = *self.lengths.lengths();

        let (mut points, prediction) = match &last {
            Some(last) => (last.points, Some(Prediction { points: last.points, dt: time_s - last.time_s })),
            None => (observation.first_guess(&lengths), None),
        };
        let mut equations = NormalEquations::new();
        for _ in 0..STEPS {
            equations.clear();
            residuals::collect(&observation, &lengths, &points, prediction.as_ref(), &mut equations);
            let step = equations.solve()?;
            for (point, step) in points.iter_mut().zip(step) {
                *point += step;
                point.z = point.z.clamp(DEPTHS.0, DEPTHS.1);
            }
        }
        if !points.iter().all(|point| point.is_finite()) {
            return None;
        }
        self.last = Some(Last { time_s, id: body.id, points });
        Some(fitted(body, &points))
    }
}

/// All 33 landmarks: the joints as fitted, what hangs on a joint moved with it.
fn fitted(body: &BodyPose, points: &[DVec3; JOINT_COUNT]) -> FittedBody {
    let at = |joint: Joint| points[joint as usize];
    let hips = (at(Joint::LeftHip) + at(Joint::RightHip)) * 0.5;
    let mut world = body.world;
    for (joint, landmark) in MAIN_JOINTS.into_iter().enumerate() {
        world[landmark as usize].position = (points[joint] - hips).as_vec3();
    }
    let measured = |landmark: L| body.world[landmark as usize].position;
    let shift_of = |landmark: L| world[landmark as usize].position - measured(landmark);
    let neck = (shift_of(L::LeftShoulder) + shift_of(L::RightShoulder)) * 0.5;
    let shifts: Vec<(usize, glam::Vec3)> = (0..=10)
        .map(|face| (face, neck))
        .chain([17, 19, 21].map(|hand| (hand, shift_of(L::LeftWrist))))
        .chain([18, 20, 22].map(|hand| (hand, shift_of(L::RightWrist))))
        .chain([29, 31].map(|foot| (foot, shift_of(L::LeftAnkle))))
        .chain([30, 32].map(|foot| (foot, shift_of(L::RightAnkle))))
        .collect();
    for (landmark, shift) in shifts {
        world[landmark].position += shift;
    }
    FittedBody { world, hips: hips.as_vec3() }
}
