//! Joint angles over time: what plots are drawn from.

use super::angle::{JointAngle, JointAngles};

/// A break between two frames that is longer than this, seconds, is a gap.
const GAP_S: f64 = 0.5;

/// The joint angles of one person over time, in degrees; where a joint is hidden or nobody is in view there is a gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AngleSeries {
    times_s: Vec<f64>,
    /// By [`JointAngle`]; not a number where the angle is unknown.
    degrees: [Vec<f32>; JointAngle::ALL.len()],
}

/// Least and most of an angle, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// Least.
    pub min: f32,
    /// Most.
    pub max: f32,
}

impl AngleSeries {
    /// An empty series.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of frames.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.times_s.len()
    }

    /// Whether there is no frame.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.times_s.is_empty()
    }

    /// First and last time, seconds; `None` without frames.
    #[must_use]
    pub fn span_s(&self) -> Option<(f64, f64)> {
        Some((*self.times_s.first()?, *self.times_s.last()?))
    }

    /// Adds a frame; `None` where nobody is in view. A time before the last one begins anew; one that is no number is
    /// left out.
    pub fn push(&mut self, time_s: f64, angles: Option<&JointAngles>) {
        if !time_s.is_finite() {
            return;
        }
        if self.times_s.last().is_some_and(|last| time_s < *last) {
            *self = Self::new();
        }
        self.times_s.push(time_s);
        for (degrees, joint) in self.degrees.iter_mut().zip(JointAngle::ALL) {
            let angle = angles.and_then(|angles| angles.get(joint));
            degrees.push(angle.map_or(f32::NAN, f32::to_degrees));
        }
    }

    /// Drops what is older than `seconds` before the last frame.
    pub fn keep_last(&mut self, seconds: f64) {
        let Some((_, last)) = self.span_s() else { return };
        let old = self.times_s.partition_point(|time_s| *time_s < last - seconds);
        if old > 0 {
            self.times_s.drain(..old);
            for degrees in &mut self.degrees {
                degrees.drain(..old);
            }
        }
    }

    /// Least and most of one angle; `None` where it was never known.
    #[must_use]
    pub fn extent(&self, joint: JointAngle) -> Option<Extent> {
        let known = self.degrees[joint as usize].iter().copied().filter(|degrees| degrees.is_finite());
        known.fold(None, |extent, degrees| {
            let Extent { min, max } = extent.unwrap_or(Extent { min: degrees, max: degrees });
            Some(Extent { min: min.min(degrees), max: max.max(degrees) })
        })
    }

    /// One angle in the frame that is shown at `time_s`: the last one that is not later, or the first one. `None` where it is
    /// hidden.
    #[must_use]
    pub fn at(&self, joint: JointAngle, time_s: f64) -> Option<f32> {
        let frame = self.times_s.partition_point(|at| *at <= time_s).saturating_sub(1);
        self.degrees[joint as usize].get(frame).copied().filter(|degrees| degrees.is_finite())
    }

    /// One angle as lines of points (seconds, degrees), broken where it is hidden. Of long series, each of `columns` equal
    /// spans of time gives its least and its most, so that drawing costs what can be seen and no peak is lost.
    #[must_use]
    pub fn lines(&self, joint: JointAngle, columns: usize) -> Vec<Vec<[f64; 2]>> {
        let Some((first, last)) = self.span_s() else { return Vec::new() };
        let (degrees, columns) = (&self.degrees[joint as usize], columns.max(1));
        let is_whole = self.len() <= 2 * columns || last <= first;
        let column_of = |time_s: f64| ((time_s - first) / (last - first) * columns as f64) as usize;
        let (mut lines, mut line) = (Vec::new(), Vec::<[f64; 2]>::new());
        let mut span: Option<Span> = None;
        let mut before_s = first;
        for (time_s, degrees) in self.times_s.iter().copied().zip(degrees.iter().map(|degrees| f64::from(*degrees))) {
            let is_break = !degrees.is_finite() || time_s - before_s > GAP_S;
            before_s = time_s;
            if is_break {
                line.extend(span.take().into_iter().flat_map(Span::points));
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
            }
            if !degrees.is_finite() {
                continue;
            }
            let point = [time_s, degrees];
            if is_whole {
                line.push(point);
                continue;
            }
            let column = column_of(time_s);
            match &mut span {
                Some(span) if span.column == column => span.add(point),
                _ => {
                    let done = span.replace(Span { column, low: point, high: point });
                    line.extend(done.into_iter().flat_map(Span::points));
                }
            }
        }
        line.extend(span.into_iter().flat_map(Span::points));
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// What one column of a plot holds.
#[derive(Debug, Clone, Copy)]
struct Span {
    column: usize,
    low: [f64; 2],
    high: [f64; 2],
}

impl Span {
    fn add(&mut self, point: [f64; 2]) {
        if point[1] < self.low[1] {
            self.low = point;
        }
        if point[1] > self.high[1] {
            self.high = point;
        }
    }

    /// Both, in the order of their times.
    fn points(self) -> impl Iterator<Item = [f64; 2]> {
        let (a, b) = if self.low[0] <= self.high[0] { (self.low, self.high) } else { (self.high, self.low) };
        // One frame, or all alike, is one point.
        [a, b].into_iter().take(if a[0] < b[0] { 2 } else { 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion::angle::joint_angles;
    use crate::motion::{Landmark, PoseLandmark as L};
    use glam::Vec3;

    /// A body whose left elbow is bent to so many degrees; hidden without.
    fn bent(degrees: Option<f32>) -> JointAngles {
        let mut world = [Landmark::default(); 33];
        let angle = degrees.unwrap_or(90.0).to_radians();
        let visibility = if degrees.is_some() { 1.0 } else { 0.0 };
        for (landmark, position) in [
            (L::LeftShoulder, Vec3::X),
            (L::LeftElbow, Vec3::ZERO),
            (L::LeftWrist, Vec3::new(angle.cos(), angle.sin(), 0.0)),
        ] {
            world[landmark as usize] = Landmark { position, visibility, presence: 1.0 };
        }
        joint_angles(&world)
    }

    fn series(angles: impl IntoIterator<Item = Option<f32>>) -> AngleSeries {
        let mut series = AngleSeries::new();
        for (frame, degrees) in angles.into_iter().enumerate() {
            series.push(frame as f64 / 30.0, Some(&bent(degrees)));
        }
        series
    }

    const ELBOW: JointAngle = JointAngle::LeftElbow;

    #[test]
    fn hidden_joints_are_gaps() {
        let mut series = series([Some(10.0), Some(20.0), None, Some(170.0)]);
        series.push(1.0, None);
        series.push(2.0, Some(&bent(Some(30.0))));
        let lines = series.lines(ELBOW, 100);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
        let extent = series.extent(ELBOW).expect("known");
        assert!((extent.min - 10.0).abs() < 1e-3 && (extent.max - 170.0).abs() < 1e-3, "{extent:?}");
        assert_eq!(series.extent(JointAngle::Neck), None);
        assert!((series.at(ELBOW, 0.04).expect("seen") - 20.0).abs() < 1e-3);
        assert_eq!(series.at(ELBOW, 0.07), None);
        assert!((series.at(ELBOW, -5.0).expect("the first") - 10.0).abs() < 1e-3);
        assert!(series.lines(JointAngle::Neck, 100).is_empty());
    }

    #[test]
    fn long_series_cost_what_can_be_seen_and_keep_their_peaks() {
        let angles = (0..18_000).map(|frame| Some(if frame == 9_001 { 179.0 } else { 60.0 + (frame % 7) as f32 }));
        let series = series(angles);
        let lines = series.lines(ELBOW, 400);
        let points: usize = lines.iter().map(Vec::len).sum();
        assert!((400..=802).contains(&points), "{points}");
        let highest = lines.iter().flatten().map(|point| point[1]).fold(0.0, f64::max);
        assert!((highest - 179.0).abs() < 1e-3);
        assert!(lines.iter().flatten().map(|point| point[0]).is_sorted());
    }

    #[test]
    fn a_live_series_keeps_its_last_seconds_and_begins_anew_when_time_does() {
        let mut series = series((0..600).map(|_| Some(90.0)));
        series.keep_last(10.0);
        assert_eq!(series.len(), 301);
        series.push(f64::NAN, None);
        series.push(0.0, Some(&bent(Some(45.0))));
        assert_eq!((series.len(), series.span_s()), (1, Some((0.0, 0.0))));
        assert_eq!(series.lines(ELBOW, 0).len(), 1);
    }
}
