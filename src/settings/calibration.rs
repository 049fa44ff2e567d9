//! Bone lengths that are kept.

use serde::{Deserialize, Serialize};

use crate::motion::fit::BoneLengths;

/// Shortest and longest bone of anybody, and shortest and tallest body, centimetres.
const BONES_CM: (f32, f32) = (3.0, 120.0);
const HEIGHTS_CM: (f32, f32) = (50.0, 250.0);

/// The bones of a person who was calibrated, centimetres; both sides are alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// From head to foot.
    pub height: f32,
    /// Shoulder to elbow.
    pub upper_arm: f32,
    /// Elbow to wrist.
    pub forearm: f32,
    /// Hip to knee.
    pub thigh: f32,
    /// Knee to ankle.
    pub shin: f32,
    /// Between the shoulders.
    pub shoulders: f32,
    /// Between the hips.
    pub hips: f32,
    /// From a shoulder to the hip of its side.
    pub flank: f32,
    /// From a shoulder to the other side's hip.
    pub diagonal: f32,
}

impl Calibration {
    fn bones(&self) -> [f32; 8] {
        [self.upper_arm, self.forearm, self.thigh, self.shin, self.shoulders, self.hips, self.flank, self.diagonal]
    }

    /// Says which length nobody has, if any.
    pub(super) fn check(&self) -> Result<(), String> {
        let are_bones = self.bones().iter().all(|length| (BONES_CM.0..=BONES_CM.1).contains(length));
        if !are_bones || !(HEIGHTS_CM.0..=HEIGHTS_CM.1).contains(&self.height) {
            return Err(format!(
                "calibration holds a length that nobody has (bones are {} to {} cm, people {} to {} cm); delete it",
                BONES_CM.0, BONES_CM.1, HEIGHTS_CM.0, HEIGHTS_CM.1
            ));
        }
        Ok(())
    }
}

impl From<&BoneLengths> for Calibration {
    /// To the millimetre: nobody is measured better.
    fn from(bones: &BoneLengths) -> Self {
        let cm = |metres: f32| (metres * 1000.0).round() / 10.0;
        let [upper_arm, forearm, thigh, shin, shoulders, hips, flank, diagonal] = bones.all().map(cm);
        let height = cm(bones.height_m());
        Self { height, upper_arm, forearm, thigh, shin, shoulders, hips, flank, diagonal }
    }
}

impl From<&Calibration> for BoneLengths {
    fn from(calibration: &Calibration) -> Self {
        Self::new(calibration.bones().map(|cm| cm * 0.01), calibration.height * 0.01)
    }
}
