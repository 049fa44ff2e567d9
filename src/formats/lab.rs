//! What the formats of movement laboratories have in common: what can go wrong, and what is asked of a series of markers.

use std::collections::HashSet;
use std::io;

use glam::Vec3;

use crate::motion::clip::MarkerSeries;

/// Most markers of one series: what a C3D file can name.
pub const MAX_MARKERS: usize = 255;
/// Longest name of a marker, bytes: what programs that read C3D expect.
pub const MAX_MARKER_NAME: usize = 30;

/// Why a file for a laboratory cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The rate is not one.
    #[error("the frames come at {fps} a second; give a rate above zero")]
    Rate {
        /// The rate.
        fps: f64,
    },
    /// There are no markers, or more than the formats hold.
    #[error("there are {count} markers; the formats hold 1 to {MAX_MARKERS}")]
    Markers {
        /// How many there are.
        count: usize,
    },
    /// A marker's name cannot stand in a file.
    #[error("the marker `{name}` cannot be written: {reason}; give it another name")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A frame has more or fewer places than there are markers.
    #[error("frame {frame} has {found} places for {expected} markers")]
    Frame {
        /// Index of the frame.
        frame: usize,
        /// How many places it has.
        found: usize,
        /// How many markers there are.
        expected: usize,
    },
    /// There are more frames than the format can count.
    #[error("{frames} frames are more than the format can count; cut the take into parts")]
    TooLong {
        /// How many there are.
        frames: usize,
    },
    /// The system refuses.
    #[error("the file cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Whether a series can be written: a rate, markers with short printable names, each once, and a place for each in every
/// frame.
///
/// # Errors
/// The first of these that does not hold.
pub fn check_series(series: &MarkerSeries) -> Result<(), LabError> {
    if !(series.fps.is_finite() && series.fps > 0.0) {
        return Err(LabError::Rate { fps: series.fps });
    }
    let count = series.markers.len();
    if count == 0 || count > MAX_MARKERS {
        return Err(LabError::Markers { count });
    }
    let mut names = HashSet::new();
    for name in &series.markers {
        let reason = if name.is_empty() || name.len() > MAX_MARKER_NAME {
            Some("a name has 1 to 30 characters")
        } else if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            Some("only letters, digits and signs of ASCII without spaces are read everywhere")
        } else if !names.insert(name.as_str()) {
            Some("another marker has the same name")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(LabError::Name { name: name.clone(), reason });
        }
    }
    match series.frames.iter().position(|frame| frame.len() != count) {
        Some(frame) => Err(LabError::Frame { frame, found: series.frames[frame].len(), expected: count }),
        None => Ok(()),
    }
}

/// Where a marker is, if that is known: a place that is not finite is none.
pub(super) fn known(place: Option<Vec3>) -> Option<Vec3> {
    place.filter(|place| place.is_finite())
}

/// A name in one line of a file: what would end the line or the cell becomes a space.
pub(super) fn one_line(name: &str) -> String {
    name.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Markers on circles, one of which is hidden now and then.
    pub(crate) fn series(frames: usize, markers: usize) -> MarkerSeries {
        let place = |frame: usize, marker: usize| {
            let angle = frame as f32 * 0.05 + marker as f32;
            let place = Vec3::new(angle.cos(), 1.0 + 0.1 * marker as f32, angle.sin() * 0.7654);
            (!(frame + marker).is_multiple_of(7)).then_some(place)
        };
        MarkerSeries {
            name: "a dance".into(),
            fps: 29.97,
            markers: (0..markers).map(|marker| format!("marker_{marker}")).collect(),
            frames: (0..frames).map(|frame| (0..markers).map(|marker| place(frame, marker)).collect()).collect(),
        }
    }

    /// Not a test of its own: writes what `scripts/check_lab_formats.sh` lets other programs read, and beside it what they
    /// must find.
    #[test]
    #[ignore = "writes the files for `scripts/check_lab_formats.sh`"]
    fn samples() {
        let folder =
            std::env::var_os("LIVEDANCE_LAB_FOLDER").map(std::path::PathBuf::from).expect("a folder to write to");
        let file = |name: String| std::fs::File::create(folder.join(name)).expect("a file");
        for (name, series) in [("dance", series(120, 22)), ("long", series(70_000, 2)), ("one", series(1, 1))] {
            crate::formats::trc::write_trc(&series, file(format!("{name}.trc"))).expect("writes");
            crate::formats::c3d::write_c3d(&series, file(format!("{name}.c3d"))).expect("writes");
            let frames: Vec<Vec<Option<[f32; 3]>>> = series
                .frames
                .iter()
                .map(|frame| frame.iter().map(|place| place.map(|place| place.to_array())).collect())
                .collect();
            let truth = serde_json::json!({"fps": series.fps, "markers": series.markers, "frames": frames});
            serde_json::to_writer(file(format!("{name}.json")), &truth).expect("writes");
        }
        csv_samples(&folder);
    }

    fn csv_samples(folder: &std::path::Path) {
        use crate::formats::csv::{AngleTable, LandmarkTable, Points};
        use crate::formats::record::FrameRecord;
        use crate::formats::take::sample_frame;

        let file = |name: &str| std::fs::File::create(folder.join(name)).expect("a file");
        let records: Vec<FrameRecord> = (0..50).map(|index| FrameRecord::new(&sample_frame(index))).collect();
        let mut landmarks = LandmarkTable::new(file("landmarks.csv"), Points::World).expect("begins");
        let mut angles = AngleTable::new(file("angles.csv")).expect("begins");
        for record in &records {
            landmarks.push(record).expect("writes");
            angles.push(record).expect("writes");
        }
        landmarks.finish().expect("ends");
        angles.finish().expect("ends");
        serde_json::to_writer(file("records.json"), &records).expect("writes");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        assert!(check_series(&series(3, 4)).is_ok());
        let changed = |change: fn(&mut MarkerSeries)| {
            let mut series = series(3, 4);
            change(&mut series);
            check_series(&series).expect_err("refused").to_string()
        };
        for (message, word) in [
            (changed(|series| series.fps = 0.0), "rate above zero"),
            (changed(|series| series.fps = f64::NAN), "rate above zero"),
            (changed(|series| series.markers.clear()), "0 markers"),
            (check_series(&series(1, 256)).expect_err("refused").to_string(), "256 markers"),
            (changed(|series| series.markers[1] = "marker_0".into()), "same name"),
            (changed(|series| series.markers[1] = "a\tb".into()), "only letters"),
            (changed(|series| series.markers[1] = "x".repeat(31)), "1 to 30"),
            (changed(|series| series.frames[2].truncate(3)), "frame 2 has 3 places for 4"),
        ] {
            assert!(message.contains(word), "{message}");
        }
    }
}
