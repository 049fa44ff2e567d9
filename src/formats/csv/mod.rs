//! Tables of comma-separated values: landmarks and joint angles, a row for each person in each frame, for spreadsheets and
//! statistics.
//!
//! Source: RFC 4180, with newlines as Unix has them. No name and no number here needs quotes.

use std::io::Write;

use super::lab::LabError;
use super::record::FrameRecord;
use crate::motion::angle::JointAngle;
use crate::motion::hand::HAND_LANDMARK_NAMES;
use crate::motion::landmark::POSE_LANDMARK_NAMES;

/// Which landmarks a table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Points {
    /// Metres from the middle of the hips, x right in the picture, y down, z away from the camera.
    #[default]
    World,
    /// Pixels of the source picture, y down.
    Image,
}

/// A table of landmarks that is being written: `frame`, `time_s`, `person`, then `NAME_x`, `NAME_y`, `NAME_z` and
/// `NAME_visibility` of every landmark.
pub struct LandmarkTable<W> {
    out: W,
    points: Points,
}

impl<W: Write> LandmarkTable<W> {
    /// Writes the names of the columns. Wrap a file in a [`BufWriter`](std::io::BufWriter).
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn new(mut out: W, points: Points) -> Result<Self, LabError> {
        write!(out, "frame,time_s,person")?;
        for name in POSE_LANDMARK_NAMES {
            write!(out, ",{name}_x,{name}_y,{name}_z,{name}_visibility")?;
        }
        writeln!(out)?;
        Ok(Self { out, points })
    }

    /// Adds a row for each person with a body. What is not finite is an empty cell.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn push(&mut self, record: &FrameRecord) -> Result<(), LabError> {
        for person in &record.people {
            let landmarks = match self.points {
                Points::World => &person.world,
                Points::Image => &person.landmarks,
            };
            // Hands that were tracked alone have no landmarks of a body.
            if landmarks.len() != POSE_LANDMARK_NAMES.len() {
                continue;
            }
            write!(self.out, "{},{},{}", record.frame, record.time_s, person.id)?;
            for [x, y, z, visibility, _] in landmarks {
                for value in [x, y, z, visibility] {
                    cell(&mut self.out, Some(*value))?;
                }
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// Hands back what was written to, flushed.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn finish(mut self) -> Result<W, LabError> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A table of joint angles that is being written: `frame`, `time_s`, `person`, then a column for each joint, in degrees,
/// 180 being straight; empty where the joint is hidden.
pub struct AngleTable<W> {
    out: W,
}

impl<W: Write> AngleTable<W> {
    /// Writes the names of the columns. Wrap a file in a [`BufWriter`](std::io::BufWriter).
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn new(mut out: W) -> Result<Self, LabError> {
        write!(out, "frame,time_s,person")?;
        for joint in JointAngle::ALL {
            write!(out, ",{}", joint.name())?;
        }
        writeln!(out)?;
        Ok(Self { out })
    }

    /// Adds a row for each person with a body.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn push(&mut self, record: &FrameRecord) -> Result<(), LabError> {
        for person in record.people.iter().filter(|person| !person.world.is_empty()) {
            write!(self.out, "{},{},{}", record.frame, record.time_s, person.id)?;
            for joint in JointAngle::ALL {
                cell(&mut self.out, person.angles.get(joint.name()).copied().flatten())?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// Hands back what was written to, flushed.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn finish(mut self) -> Result<W, LabError> {
        self.out.flush()?;
        Ok(self.out)
    }
}

/// A table of hands that is being written: `frame`, `time_s`, `person`, `hand` (`left` or `right`), `score`, then `NAME_x`,
/// `NAME_y` and `NAME_z` of the 21 points in metres, axes as those of [`Points::World`], from the middle of the hand.
pub struct HandTable<W> {
    out: W,
}

impl<W: Write> HandTable<W> {
    /// Writes the names of the columns. Wrap a file in a [`BufWriter`](std::io::BufWriter).
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn new(mut out: W) -> Result<Self, LabError> {
        write!(out, "frame,time_s,person,hand,score")?;
        for name in HAND_LANDMARK_NAMES {
            write!(out, ",{name}_x,{name}_y,{name}_z")?;
        }
        writeln!(out)?;
        Ok(Self { out })
    }

    /// Adds a row for each hand of each person.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn push(&mut self, record: &FrameRecord) -> Result<(), LabError> {
        for person in &record.people {
            for (side, hand) in [("left", &person.hands.left), ("right", &person.hands.right)] {
                let Some(hand) = hand else { continue };
                write!(self.out, "{},{},{},{side}", record.frame, record.time_s, person.id)?;
                cell(&mut self.out, Some(hand.score))?;
                // Short of points, the rest of the row is empty.
                for index in 0..HAND_LANDMARK_NAMES.len() {
                    for axis in 0..3 {
                        cell(&mut self.out, hand.world.get(index).map(|point| point[axis]))?;
                    }
                }
                writeln!(self.out)?;
            }
        }
        Ok(())
    }

    /// Hands back what was written to, flushed.
    ///
    /// # Errors
    /// [`LabError::Write`].
    pub fn finish(mut self) -> Result<W, LabError> {
        self.out.flush()?;
        Ok(self.out)
    }
}

fn cell(out: &mut impl Write, value: Option<f32>) -> Result<(), LabError> {
    match value.filter(|value| value.is_finite()) {
        Some(value) => write!(out, ",{value}")?,
        None => write!(out, ",")?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::formats::record::{HandsRecord, PersonRecord, TimingsRecord};

    fn person(id: u32) -> PersonRecord {
        let landmark = |index: usize| [index as f32 * 0.25, -1.0, 0.125, 0.5, 1.0];
        PersonRecord {
            id,
            score: 1.0,
            landmarks: (0..33).map(|index| landmark(index + 100)).collect(),
            world: (0..33).map(landmark).collect(),
            angles: [(Cow::Borrowed("left_elbow"), Some(171.25)), (Cow::Borrowed("spine"), None)].into(),
            hands: HandsRecord::default(),
            size_px: None,
            is_new: None,
        }
    }

    fn record(people: Vec<PersonRecord>) -> FrameRecord {
        FrameRecord { frame: 9, time_s: 0.3, width: 4, height: 3, people, timings_ms: TimingsRecord::default() }
    }

    fn rows(bytes: Vec<u8>) -> Vec<Vec<String>> {
        let text = String::from_utf8(bytes).expect("text");
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn landmarks_have_a_row_for_each_person() {
        let mut without_body = person(7);
        (without_body.landmarks, without_body.world) = (Vec::new(), Vec::new());
        let mut strange = person(2);
        strange.world[1][2] = f32::NAN;
        for (points, x) in [(Points::World, "0.25"), (Points::Image, "25.25")] {
            let mut table = LandmarkTable::new(Vec::new(), points).expect("begins");
            table.push(&record(vec![person(1), strange.clone(), without_body.clone()])).expect("writes");
            table.push(&record(Vec::new())).expect("writes");
            let rows = rows(table.finish().expect("ends"));
            assert_eq!(rows.len(), 3);
            assert!(rows.iter().all(|row| row.len() == 3 + 4 * 33), "{rows:?}");
            assert_eq!(
                rows[0][..8],
                ["frame", "time_s", "person", "nose_x", "nose_y", "nose_z", "nose_visibility", "left_eye_inner_x"]
            );
            assert_eq!(rows[1][..3], ["9", "0.3", "1"]);
            assert_eq!(rows[1][7..11], [x, "-1", "0.125", "0.5"]);
            assert_eq!(rows[2][2], "2");
            assert_eq!(rows[2][9].is_empty(), points == Points::World);
        }
    }

    #[test]
    fn hidden_joints_are_empty_cells() {
        let mut table = AngleTable::new(Vec::new()).expect("begins");
        table.push(&record(vec![person(1)])).expect("writes");
        let rows = rows(table.finish().expect("ends"));
        assert_eq!(rows[0][3..5], ["left_elbow", "right_elbow"]);
        assert_eq!(rows[0][16], "spine");
        assert_eq!(rows[1][3..5], ["171.25", ""]);
        assert!(rows[1].len() == 17 && rows[1][16].is_empty());
    }
}
