//! A part of a take as a take of its own.

use std::path::Path;

use crate::formats::take::{self, TakeError, TakeReader};

/// Times that are so near are one moment, seconds.
const SAME_S: f64 = 1e-6;

/// Saves the frames between two moments, seconds from the first frame, both included. Never writes over a file.
///
/// # Errors
/// [`TakeError::Refused`] when there is a file at `output`, or no frame lies between the moments; else as
/// [`TakeReader::open`] and [`take::trim`].
pub fn save_part(path: &Path, from_s: f64, to_s: f64, output: &Path) -> Result<(), TakeError> {
    if output.symlink_metadata().is_ok() {
        let reason = "there is a file of that name, and it stays as it is; choose another name".to_owned();
        return Err(TakeError::Refused { path: output.to_owned(), reason });
    }
    let mut reader = TakeReader::open(path)?;
    let first_s = reader.first_time_s();
    let from = match reader.index_at(first_s + from_s + SAME_S)?.unwrap_or(0) {
        // The frame that is shown at that moment may have begun before it.
        index if reader.frame(index)?.time_s < first_s + from_s - SAME_S => index + 1,
        index => index,
    };
    let to = reader.index_at(first_s + to_s + SAME_S)?.map_or(0, |index| index + 1);
    take::trim(&mut reader, from..to, output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::take_player::fixture;

    #[test]
    fn a_part_is_saved_to_the_frame_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, output) = (folder.path().join("take.ldt"), folder.path().join("part.ldt"));
        fixture::write(&path, (0..60).map(fixture::swaying));
        // From just behind frame 10 to frame 20 itself.
        save_part(&path, 10.5 / 30.0, 20.0 / 30.0, &output).expect("saves");
        let part = TakeReader::open(&output).expect("opens");
        assert_eq!((part.len(), part.is_whole()), (10, true));
        assert!((part.first_time_s() - (10.0 + 11.0 / 30.0)).abs() < 1e-5);
        let before = std::fs::read(&output).expect("reads");
        let message = save_part(&path, 0.0, 1.0, &output).expect_err("refused").to_string();
        assert!(message.contains("part.ldt") && message.contains("another name"), "{message}");
        assert!(save_part(&path, 0.0, 1.0, &path).is_err());
        assert_eq!(std::fs::read(&output).expect("reads"), before);
        assert!(save_part(&path, 0.001, 0.002, &folder.path().join("none.ldt")).is_err(), "no frame lies there");
        assert!(!folder.path().join("none.ldt").exists());
    }
}
