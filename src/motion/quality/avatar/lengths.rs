//! Bones do not change their length; those between landmarks do.

use super::AvatarStretch;
use super::part::{BodyPart, SEGMENTS};
use crate::motion::statistics::mean;

/// How much the length of a part changes in the landmarks that the solver was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LengthVariation {
    /// Which bones.
    pub part: BodyPart,
    /// Their mean length in metres.
    pub mean_m: f64,
    /// Standard deviation over mean, both sides' mean.
    pub variation: f64,
}

/// The variation of every part's length where it is visible; the neck bends and is left out.
pub(super) fn length_variations(stretches: &[AvatarStretch]) -> Vec<LengthVariation> {
    let of_part = |part: BodyPart| {
        let sides: Vec<(f64, f64)> = SEGMENTS
            .iter()
            .filter(|segment| segment.part == part)
            .filter_map(|segment| {
                let bodies = stretches.iter().flat_map(|stretch| &stretch.fed);
                let visible = bodies.filter(|body| segment.is_visible(&body.world));
                let lengths: Vec<f64> = visible.map(|body| f64::from(segment.source(&body.world).length())).collect();
                let mean_m = mean(lengths.iter().copied())?;
                let deviation = mean(lengths.iter().map(|length| (length - mean_m).powi(2)))?.sqrt();
                (mean_m > 0.0).then_some((mean_m, deviation / mean_m))
            })
            .collect();
        let mean_m = mean(sides.iter().map(|(length, _)| *length))?;
        Some(LengthVariation { part, mean_m, variation: mean(sides.iter().map(|(_, variation)| *variation))? })
    };
    BodyPart::ALL.into_iter().filter(|part| *part != BodyPart::Neck).filter_map(of_part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::motion::landmark::PoseLandmark as L;

    #[test]
    fn a_bone_that_stretches_is_found() {
        let mut stretch = fixture::standing(100);
        assert!(length_variations(std::slice::from_ref(&stretch)).iter().all(|found| found.variation < 1e-6));
        for (frame, body) in stretch.fed.iter_mut().enumerate() {
            let knees = [L::LeftKnee, L::RightKnee].map(|knee| body.world[knee as usize].position);
            for (ankle, knee) in [L::LeftAnkle, L::RightAnkle].into_iter().zip(knees) {
                let ankle = &mut body.world[ankle as usize].position;
                // A tenth longer and shorter by turns: a coefficient of variation of 0.1.
                *ankle = knee + (*ankle - knee) * if frame % 2 == 0 { 0.9 } else { 1.1 };
            }
        }
        for found in length_variations(&[stretch]) {
            let expected = if found.part == BodyPart::Shins { 0.1 } else { 0.0 };
            assert!((found.variation - expected).abs() < 1e-4, "{found:?}");
        }
    }
}
