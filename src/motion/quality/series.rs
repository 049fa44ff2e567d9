//! Tracked frames as signals.

use std::ops::Range;

use super::DVec3;
use crate::motion::angle::{JointAngle, JointAngles};
use crate::motion::landmark::{Landmark, MAIN_JOINTS, POSE_LANDMARK_COUNT, PoseLandmark as L};

/// Frames that a stretch must hold to be measured.
pub const SHORTEST_SPAN: usize = 12;

/// Stretches of at least [`SHORTEST_SPAN`] frames through which one person is seen without a break.
///
/// For each frame: the person's id and whether filters start afresh there, or `None` where nobody is.
#[must_use]
pub fn unbroken(seen: &[Option<(u32, bool)>]) -> Vec<Range<usize>> {
    let goes_on = |frame: usize| match (seen[frame - 1], seen[frame]) {
        (Some((before, _)), Some((id, is_new))) => id == before && !is_new,
        (before, now) => before.is_none() && now.is_none(),
    };
    ranges(seen.len(), goes_on, |frame| seen[frame].is_some())
}

/// Ranges of `0..length` that `goes_on` does not cut before a frame, long enough and wanted by their first frame.
pub(super) fn ranges(
    length: usize,
    goes_on: impl Fn(usize) -> bool,
    wanted: impl Fn(usize) -> bool,
) -> Vec<Range<usize>> {
    let cuts = (1..length).filter(|&frame| !goes_on(frame));
    let starts: Vec<usize> = [0].into_iter().chain(cuts).chain([length]).collect();
    let spans = starts.windows(2).map(|pair| pair[0]..pair[1]);
    spans.filter(|span| span.len() >= SHORTEST_SPAN && wanted(span.start)).collect()
}

/// One signal, in metres, for each of the [`MAIN_JOINTS`], from the world landmarks of one stretch.
#[must_use]
pub fn joint_series(bodies: &[[Landmark; POSE_LANDMARK_COUNT]]) -> Vec<Vec<DVec3>> {
    let series = |joint: L| bodies.iter().map(|body| body[joint as usize].position.as_dvec3()).collect();
    MAIN_JOINTS.into_iter().map(series).collect()
}

/// Where which angle is known, judged once by the unfiltered angles, so that every filter is measured in the same places.
#[derive(Debug, Clone)]
pub struct AngleSpans {
    raw: Vec<JointAngles>,
    spans: Vec<(JointAngle, Range<usize>)>,
}

impl AngleSpans {
    /// The stretches of at least [`SHORTEST_SPAN`] frames in which an angle is known throughout.
    #[must_use]
    pub fn new(raw: Vec<JointAngles>) -> Self {
        let known = |joint: JointAngle, frame: usize| raw[frame].get(joint).is_some();
        let of_joint = |joint: JointAngle| {
            let goes_on = |frame: usize| known(joint, frame) == known(joint, frame - 1);
            let spans = ranges(raw.len(), goes_on, |frame| known(joint, frame));
            spans.into_iter().map(move |span| (joint, span))
        };
        let spans = JointAngle::ALL.into_iter().flat_map(of_joint).collect();
        Self { raw, spans }
    }

    /// One signal, in degrees, for each stretch, out of as many frames as there were unfiltered ones. What `angles`
    /// does not know is taken from the unfiltered ones.
    #[must_use]
    pub fn series(&self, angles: &[JointAngles]) -> Vec<Vec<DVec3>> {
        let value = |joint: JointAngle, frame: usize| {
            let known = angles.get(frame).and_then(|angles| angles.get(joint)).or_else(|| self.raw[frame].get(joint));
            DVec3::X * f64::from(known.unwrap_or_default()).to_degrees()
        };
        let series =
            |(joint, span): &(JointAngle, Range<usize>)| span.clone().map(|frame| value(*joint, frame)).collect();
        self.spans.iter().map(series).collect()
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::motion::angle::joint_angles;

    #[test]
    fn a_stretch_ends_with_the_person_and_short_ones_are_left_out() {
        let mut seen = vec![Some((1, false)); 20];
        seen.extend([None; 30]);
        seen.extend([Some((2, true)); 1]);
        seen.extend([Some((2, false)); 14]);
        seen.extend([Some((3, false)); 5]);
        assert_eq!(unbroken(&seen), [0..20, 50..65]);
        seen[10] = Some((1, true));
        assert_eq!(unbroken(&seen), std::slice::from_ref(&(50..65)));
        assert!(unbroken(&[]).is_empty());
    }

    #[test]
    fn angles_are_taken_where_the_unfiltered_ones_are_known() {
        let mut body = [Landmark { visibility: 1.0, ..Landmark::default() }; POSE_LANDMARK_COUNT];
        body[L::LeftShoulder as usize].position = Vec3::new(0.0, -1.0, 0.0);
        body[L::LeftWrist as usize].position = Vec3::new(1.0, 0.0, 0.0);
        let mut bodies = vec![body; 30];
        bodies[13][L::LeftWrist as usize].visibility = 0.0;
        let raw: Vec<_> = bodies.iter().map(joint_angles).collect();
        let spans = AngleSpans::new(raw.clone());
        let series = spans.series(&raw);
        assert_eq!([series[0].len(), series[1].len()], [13, 16], "the left elbow comes first");
        assert!((series[1][3].x - 90.0).abs() < 1e-4);
        assert_eq!(spans.series(&[]), series, "what is missing is taken from the unfiltered");
        assert_eq!(joint_series(&bodies)[4][0], DVec3::X, "the left wrist is the fifth");
    }
}
