//! C3D: positions of markers in the binary file that motion laboratories exchange.
//!
//! Millimetres as Intel floats, y up: `X_SCREEN` is +Z and `Y_SCREEN` is +Y. A marker that is not known is at the origin with
//! the residual -1. Blocks have 512 bytes: one of header, some of parameters, then the points.
//!
//! Source: "The C3D File Format User Guide" (Motion Lab Systems), and its notes on more than 65,535 frames: the true numbers of the first
//! and the last one stand in `TRIAL:ACTUAL_START_FIELD` and `ACTUAL_END_FIELD` as two words each, and the 16 bits of
//! the header and of `POINT:FRAMES` hold 65,535.

mod parameters;
#[cfg(test)]
mod tests;

use std::io::{BufWriter, Write};

use super::lab::{LabError, check_series, known, one_line};
use crate::motion::clip::MarkerSeries;
use parameters::Parameters;

/// Bytes of a block.
const BLOCK: usize = 512;
/// Where the parameters begin: the second block, as blocks count from 1.
const PARAMETERS_AT: u8 = 2;
/// Says that a file is C3D.
const KEY: u8 = 0x50;
/// Most frames that 16 bits count.
const MAX_SHORT: usize = 65_535;
const MM_PER_M: f32 = 1000.0;
/// What stands in the place of the residual where a marker is not known.
const MISSING: f32 = -1.0;

/// Writes a series: millimetres, y up, frames counted from 1.
///
/// # Errors
/// [`LabError`] when the series cannot be written (see [`check_series`]) or the system refuses.
pub fn write_c3d(series: &MarkerSeries, out: impl Write) -> Result<(), LabError> {
    check_series(series)?;
    let frames = series.frames.len();
    // The two words of the last frame's number, and what single precision counts in `POINT:LONG_FRAMES`.
    if frames > 1 << 24 {
        return Err(LabError::TooLong { frames });
    }
    let parameters = parameters(series, 0).to_blocks();
    // The parameters name the block behind them; that number has the same length whatever it is.
    let data_at = usize::from(PARAMETERS_AT) + parameters.len() / BLOCK;
    let parameters = self::parameters(series, data_at as u16).to_blocks();

    let mut out = BufWriter::new(out);
    out.write_all(&header(series, data_at as u16))?;
    out.write_all(&parameters)?;
    for place in series.frames.iter().flatten() {
        let [x, y, z] = known(*place).map_or([0.0; 3], |place| (place * MM_PER_M).to_array());
        let residual = if known(*place).is_some() { 0.0 } else { MISSING };
        for value in [x, y, z, residual] {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    let bytes = frames * series.markers.len() * 16;
    out.write_all(&vec![0; bytes.next_multiple_of(BLOCK) - bytes])?;
    Ok(out.flush()?)
}

/// The low and the high word of a frame's number.
fn words(frame: usize) -> [u16; 2] {
    [frame as u16, (frame >> 16) as u16]
}

fn header(series: &MarkerSeries, data_at: u16) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    // Words count from 1, as in the guide.
    let mut put = |word: usize, bytes: &[u8]| block[2 * (word - 1)..][..bytes.len()].copy_from_slice(bytes);
    put(1, &[PARAMETERS_AT, KEY]);
    put(2, &(series.markers.len() as u16).to_le_bytes());
    put(4, &1_u16.to_le_bytes());
    put(5, &(series.frames.len().min(MAX_SHORT) as u16).to_le_bytes());
    put(7, &(-1.0_f32).to_le_bytes());
    put(9, &data_at.to_le_bytes());
    put(11, &(series.fps as f32).to_le_bytes());
    block
}

fn parameters(series: &MarkerSeries, data_at: u16) -> Parameters {
    let frames = series.frames.len();
    let fps = series.fps as f32;
    let name = one_line(&series.name);
    let mut all = Parameters::new();
    all.group("POINT", "3D points");
    all.words("USED", &[series.markers.len() as u16], "number of points");
    all.floats("SCALE", &[-1.0], "negative: coordinates are floats");
    all.floats("RATE", &[fps], "frames a second");
    all.words("DATA_START", &[data_at], "first block of points");
    all.words("FRAMES", &[frames.min(MAX_SHORT) as u16], "number of frames");
    if frames > MAX_SHORT {
        all.floats("LONG_FRAMES", &[frames as f32], "number of frames where 16 bits do not hold it");
    }
    let labels: Vec<&str> = series.markers.iter().map(String::as_str).collect();
    all.texts("LABELS", &labels, "names of the points");
    all.texts("DESCRIPTIONS", &labels, "what the points are");
    all.text("UNITS", "mm", "of the coordinates");
    all.text("X_SCREEN", "+Z", "axis that points to the right of a screen");
    all.text("Y_SCREEN", "+Y", "axis that points up");
    all.group("ANALOG", "analogue channels: none");
    all.words("USED", &[0], "number of channels");
    all.floats("GEN_SCALE", &[1.0], "scale of all channels");
    // Readers compare it with the header's number of samples for each frame, which is zero.
    all.floats("RATE", &[0.0], "samples a second");
    all.group("FORCE_PLATFORM", "force plates: none");
    all.words("USED", &[0], "number of plates");
    all.group("TRIAL", "the recording");
    all.words("ACTUAL_START_FIELD", &words(1), "number of the first frame, two words");
    all.words("ACTUAL_END_FIELD", &words(frames), "number of the last frame, two words");
    all.floats("CAMERA_RATE", &[fps], "frames a second");
    all.group("MANUFACTURER", "what wrote the file");
    all.text("COMPANY", "LiveDance", "");
    all.text("SOFTWARE", concat!("LiveDance ", env!("CARGO_PKG_VERSION")), "");
    all.group("SUBJECTS", "who was recorded");
    all.words("USED", &[1], "number of subjects");
    all.texts("NAMES", &[&name], "what the recording is called");
    all
}
