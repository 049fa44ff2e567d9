//! The lengths of a person's bones: an average body's at first, then more and more their own.

use glam::DVec3;

use super::joints::{BONES, JOINT_COUNT, KIND_COUNT, Kind};
use super::residuals::Observation;

/// Lengths of an average body, shares of its height, by [`Kind`].
///
/// Source: limbs and trunk from Drillis and Contini, body segment parameters, 1966; shoulders and hips between the joints'
/// centres, which lie inside the widths that are measured on the skin.
const AVERAGE: [f64; KIND_COUNT] = [0.186, 0.146, 0.245, 0.246, 0.19, 0.1, 0.292, 0.326];
/// How much of the average stays when the person has been seen for long, by [`Kind`]: the tracker's hips are the outline's,
/// not the joints', and its ankles lie high; arms are seen at full length sooner or later.
const AVERAGE_STAYS: [f64; KIND_COUNT] = [0.0, 0.0, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7];
/// Height of the eyes above the ankles, share of the height.
const EYES_ABOVE_ANKLES: f64 = 0.89;
/// Height that is assumed before anybody was seen, metres.
const ASSUMED_HEIGHT_M: f64 = 1.7;
/// Heights that are believed, metres.
const HEIGHTS_M: (f64, f64) = (0.5, 2.5);
/// A bone is seen at its full length in the best of its frames; noise makes some longer: this share lies below.
const FULL_LENGTH: f64 = 0.8;
const FULL_HEIGHT: f64 = 0.9;
/// Frames that are learnt from; then the lengths are kept.
const SAMPLES: usize = 300;
/// Frames between two estimates, but for the first few.
const EVERY: usize = 10;
/// Sights of a bone, two a frame, after which what was seen counts as much as the average body.
const CONVINCED: f64 = 4.0;
/// Frames of standing with the arms out that a calibration takes.
const CALIBRATION: usize = 45;
/// Joints must be seen this well to be learnt from.
const CLEAR: f64 = 0.7;

/// Bone lengths in metres; both sides are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoneLengths {
    lengths: [f64; KIND_COUNT],
    height_m: f64,
}

impl BoneLengths {
    /// Shoulder to elbow, elbow to wrist, hip to knee, knee to ankle, between the shoulders, between the hips, shoulder to
    /// hip of its side and of the other, of a person of this height; metres.
    #[must_use]
    pub fn new(lengths: [f32; KIND_COUNT], height_m: f32) -> Self {
        Self { lengths: lengths.map(f64::from), height_m: f64::from(height_m) }
    }

    /// The lengths as [`BoneLengths::new`] takes them.
    #[must_use]
    pub fn all(&self) -> [f32; KIND_COUNT] {
        self.lengths.map(|length| length as f32)
    }

    fn scaled_to(&self, height_m: f64) -> Self {
        let change = height_m / self.height_m;
        Self { lengths: self.lengths.map(|length| length * change), height_m }
    }

    /// Those of an average body.
    #[must_use]
    pub fn average(height_m: f64) -> Self {
        Self { lengths: AVERAGE.map(|share| share * height_m), height_m }
    }

    /// Shoulder to elbow, elbow to wrist, hip to knee, knee to ankle, between the shoulders, between the hips.
    #[must_use]
    pub fn main(&self) -> [f32; 6] {
        std::array::from_fn(|kind| self.lengths[kind] as f32)
    }

    /// The person's height, known or estimated, metres.
    #[must_use]
    pub fn height_m(&self) -> f32 {
        self.height_m as f32
    }

    pub(super) fn of(&self, kind: Kind) -> f64 {
        self.lengths[kind as usize]
    }

    /// How many times as large these bones are as those between the points.
    pub(super) fn over(&self, points: &[DVec3; JOINT_COUNT]) -> f64 {
        let (mut own, mut theirs) = (0.0, 0.0);
        for (kind, from, to) in BONES {
            own += self.of(kind);
            theirs += points[from as usize].distance(points[to as usize]);
        }
        let ratio = own / theirs;
        if ratio.is_finite() { ratio.clamp(0.3, 3.0) } else { 1.0 }
    }
}

/// By [`Kind`]: lengths in the picture and in the world landmarks, metres of the world landmarks.
#[derive(Debug, Clone, Default)]
struct Samples {
    in_picture: [Vec<f64>; KIND_COUNT],
    in_world: [Vec<f64>; KIND_COUNT],
}

/// Learns a person's bone lengths from what is seen of them.
#[derive(Debug, Clone)]
pub struct LengthEstimator {
    height_m: Option<f64>,
    lengths: BoneLengths,
    samples: Samples,
    eyes_above_ankles: Vec<f64>,
    frames: usize,
    /// Frames collected since a calibration began; `None` while there is none.
    calibrating: Option<usize>,
    is_calibrated: bool,
    /// Whether nobody has asked for the outcome of a calibration yet.
    is_new: bool,
    /// Lengths that were learnt before; nothing is learnt then, unless by a calibration.
    known: Option<BoneLengths>,
}

impl Default for LengthEstimator {
    fn default() -> Self {
        Self::with_height(None)
    }
}

impl LengthEstimator {
    /// An estimator for somebody of this height, where it is known.
    #[must_use]
    pub fn with_height(height_m: Option<f32>) -> Self {
        let mut estimator = Self {
            height_m: None,
            lengths: BoneLengths::average(ASSUMED_HEIGHT_M),
            samples: Samples::default(),
            eyes_above_ankles: Vec::new(),
            frames: 0,
            calibrating: None,
            is_calibrated: false,
            is_new: false,
            known: None,
        };
        estimator.set_height(height_m);
        estimator
    }

    /// Forgets what was learnt of a person, but not what is set.
    pub(super) fn forget(&mut self) {
        let known = self.known;
        *self = Self::with_height(self.height_m());
        self.set_known(known);
    }

    /// The height that was set, metres.
    #[must_use]
    pub fn height_m(&self) -> Option<f32> {
        self.height_m.map(|height| height as f32)
    }

    /// Sets the height, metres; one that nobody has counts as unknown.
    pub fn set_height(&mut self, height_m: Option<f32>) {
        let known = height_m.map(f64::from).filter(|height| (HEIGHTS_M.0..=HEIGHTS_M.1).contains(height));
        if known != self.height_m {
            self.height_m = known;
            self.estimate();
        }
    }

    /// Uses these lengths, which were learnt before, or learns them as usual. A calibration that goes on is not ended.
    pub fn set_known(&mut self, known: Option<BoneLengths>) {
        if known == self.known {
            return;
        }
        if self.calibrating.is_none() {
            *self = Self::with_height(self.height_m());
        }
        self.known = known;
        if self.calibrating.is_none() {
            self.estimate();
        }
    }

    /// What a calibration has found, once.
    pub fn take_calibrated(&mut self) -> Option<BoneLengths> {
        std::mem::take(&mut self.is_new).then_some(self.lengths)
    }

    /// The lengths as they are known now.
    #[must_use]
    pub const fn lengths(&self) -> &BoneLengths {
        &self.lengths
    }

    /// Learns anew, from frames alone in which the person stands with the arms out: every bone lies in the picture then.
    pub fn calibrate(&mut self) {
        self.samples = Samples::default();
        self.eyes_above_ankles.clear();
        self.frames = 0;
        self.calibrating = Some(0);
    }

    /// How far a calibration is, 0 to 1; `None` while there is none.
    #[must_use]
    pub fn calibration(&self) -> Option<f32> {
        self.calibrating.map(|frames| frames as f32 / CALIBRATION as f32)
    }

    pub(super) fn learn(&mut self, seen: &Observation) {
        if let Some(frames) = self.calibrating {
            if !seen.stands_with_arms_out(CLEAR) {
                return;
            }
            self.calibrating = Some(frames + 1);
            if frames + 1 == CALIBRATION {
                (self.calibrating, self.is_calibrated, self.frames) = (None, true, SAMPLES);
                (self.known, self.is_new) = (None, true);
            }
        } else if self.known.is_some() {
            return;
        } else if self.frames < SAMPLES {
            self.frames += 1;
        } else {
            return;
        }
        self.collect(seen);
        if self.calibrating.is_none() && (self.frames <= EVERY || self.frames.is_multiple_of(EVERY)) {
            self.estimate();
        }
        if self.frames == SAMPLES {
            // Kept from now on: what they were made from is not needed any more.
            self.samples = Samples::default();
        }
    }

    fn collect(&mut self, seen: &Observation) {
        for (kind, from, to) in BONES {
            let (a, b) = (from as usize, to as usize);
            if seen.visibility[a] >= CLEAR && seen.visibility[b] >= CLEAR {
                self.samples.in_picture[kind as usize].push(seen.image[a].distance(seen.image[b]) / seen.scale);
                self.samples.in_world[kind as usize].push(seen.world[a].distance(seen.world[b]));
            }
        }
        self.eyes_above_ankles.extend(seen.eyes_above_ankles);
    }

    fn estimate(&mut self) {
        if let Some(known) = &self.known {
            self.lengths = self.height_m.map_or(*known, |height| known.scaled_to(height));
            return;
        }
        let tall = quantile(&mut self.eyes_above_ankles, FULL_HEIGHT).map(|eyes| eyes / EYES_ABOVE_ANKLES);
        let seen_height = tall.filter(|height| (HEIGHTS_M.0..=HEIGHTS_M.1).contains(height));
        let height = self.height_m.or(seen_height).unwrap_or(ASSUMED_HEIGHT_M);
        // Metres of a metre of the world landmarks.
        let scale = height / seen_height.unwrap_or(height);
        if self.samples.in_picture.iter().all(Vec::is_empty) && self.frames >= SAMPLES {
            // Learnt before: only the scale may still change.
            self.lengths = self.lengths.scaled_to(height);
            return;
        }
        // Calibrated, every bone was seen at full length in every frame.
        let (full, pictures_share) = if self.is_calibrated { (0.5, 1.0) } else { (FULL_LENGTH, 0.5) };
        let mut lengths = BoneLengths::average(height);
        let seen = self.samples.in_picture.iter_mut().zip(&mut self.samples.in_world);
        for ((length, stays), (picture, world)) in lengths.lengths.iter_mut().zip(AVERAGE_STAYS).zip(seen) {
            let stays = stays.max(CONVINCED / (CONVINCED + picture.len() as f64));
            let Some((picture, world)) = quantile(picture, full).zip(quantile(world, full)) else {
                continue;
            };
            let (own, average) = ((world + pictures_share * (picture - world)) * scale, *length);
            // Nobody is twice as long as the average in one bone.
            *length = (average * stays + own * (1.0 - stays)).clamp(0.6 * average, 1.6 * average);
        }
        self.lengths = lengths;
    }
}

/// The value below which this share of the values lies.
fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = (share * last as f64).round() as usize;
    let (_, value, _) = values.select_nth_unstable_by(place.min(last), f64::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_scale_everything_and_nonsense_is_unknown() {
        let mut estimator = LengthEstimator::default();
        let usual = estimator.lengths().main();
        estimator.set_height(Some(1.36));
        for (short, usual) in estimator.lengths().main().into_iter().zip(usual) {
            assert!((short / usual - 0.8).abs() < 1e-5);
        }
        for nonsense in [Some(0.0), Some(9.0), Some(f32::NAN), None] {
            estimator.set_height(nonsense);
            assert_eq!((estimator.height_m(), estimator.lengths().main()), (None, usual));
        }
    }

    #[test]
    fn known_lengths_are_used_from_the_start() {
        let known = BoneLengths::new([0.28, 0.25, 0.44, 0.41, 0.36, 0.18, 0.52, 0.58], 1.75);
        let mut estimator = LengthEstimator::default();
        let usual = *estimator.lengths();
        estimator.set_known(Some(known));
        assert_eq!(*estimator.lengths(), known);
        estimator.set_height(Some(1.4));
        assert!((estimator.lengths().main()[0] - 0.224).abs() < 1e-5, "a height that is given counts");
        estimator.set_height(None);
        estimator.calibrate();
        estimator.set_known(None);
        assert_eq!(estimator.calibration(), Some(0.0), "goes on");
        let mut estimator = LengthEstimator::default();
        estimator.set_known(Some(known));
        estimator.set_known(None);
        assert_eq!((*estimator.lengths(), estimator.take_calibrated()), (usual, None));
    }

    #[test]
    fn the_quantile_is_one_of_the_values() {
        assert_eq!(quantile(&mut [3.0, 1.0, 2.0, 5.0, 4.0], 0.8), Some(4.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
