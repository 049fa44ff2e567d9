//! TRC: positions of markers as a table of text, as `OpenSim` and `Pose2Sim` read them.
//!
//! Source: `OpenSim` documentation, "Marker (.trc) Files".

use std::io::{BufWriter, Write};

use super::lab::{LabError, check_series, known, one_line};
use crate::motion::clip::MarkerSeries;

/// Writes a series: metres, y up, frames counted from 1, time from 0; empty cells where a marker is not known. Positions
/// are written to a hundredth of a millimetre.
///
/// # Errors
/// [`LabError`] when the series cannot be written (see [`check_series`]) or the system refuses.
pub fn write_trc(series: &MarkerSeries, out: impl Write) -> Result<(), LabError> {
    check_series(series)?;
    let mut out = BufWriter::new(out);
    let (fps, frames, markers) = (series.fps, series.frames.len(), series.markers.len());
    writeln!(out, "PathFileType\t4\t(X/Y/Z)\t{}.trc", one_line(&series.name))?;
    let columns = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames";
    writeln!(out, "{columns}")?;
    writeln!(out, "{fps}\t{fps}\t{frames}\t{markers}\tm\t{fps}\t1\t{frames}")?;
    // A name stands over three columns.
    writeln!(out, "Frame#\tTime\t{}", series.markers.join("\t\t\t") + "\t\t")?;
    let axes: Vec<String> = (1..=markers).map(|marker| format!("X{marker}\tY{marker}\tZ{marker}")).collect();
    writeln!(out, "\t\t{}", axes.join("\t"))?;
    writeln!(out)?;
    for (index, frame) in series.frames.iter().enumerate() {
        write!(out, "{}\t{:.6}", index + 1, index as f64 / fps)?;
        for place in frame {
            match known(*place) {
                Some(place) => write!(out, "\t{:.5}\t{:.5}\t{:.5}", place.x, place.y, place.z)?,
                None => write!(out, "\t\t\t")?,
            }
        }
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::super::lab::tests::series;
    use super::*;

    fn text(series: &MarkerSeries) -> String {
        let mut out = Vec::new();
        write_trc(series, &mut out).expect("writes");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_head_is_what_opensim_expects() {
        let mut series = series(2, 2);
        series.name = "one\ttwo\n".into();
        series.frames[0] = vec![Some(Vec3::new(1.0, -0.25, 0.000_014)), None];
        let text = text(&series);
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[0], "PathFileType\t4\t(X/Y/Z)\tone two .trc");
        assert_eq!(lines[2], "29.97\t29.97\t2\t2\tm\t29.97\t1\t2");
        assert_eq!(lines[3], "Frame#\tTime\tmarker_0\t\t\tmarker_1\t\t");
        assert_eq!(lines[4], "\t\tX1\tY1\tZ1\tX2\tY2\tZ2");
        assert_eq!(lines[5], "");
        assert_eq!(lines[6], "1\t0.000000\t1.00000\t-0.25000\t0.00001\t\t\t");
        assert_eq!(lines.len(), 9, "ends with a newline");
    }

    #[test]
    fn every_row_has_a_cell_for_everything() {
        let series = series(100, 5);
        for (index, line) in text(&series).lines().skip(6).enumerate() {
            let cells: Vec<&str> = line.split('\t').collect();
            assert_eq!(cells.len(), 2 + 3 * 5);
            for (marker, place) in series.frames[index].iter().enumerate() {
                let read: Vec<f32> = cells[2 + 3 * marker..][..3].iter().filter_map(|cell| cell.parse().ok()).collect();
                match place {
                    Some(place) => assert!(Vec3::from_slice(&read).distance(*place) < 1e-5),
                    None => assert!(read.is_empty()),
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_not_known() {
        let mut series = series(1, 1);
        series.frames[0][0] = Some(Vec3::new(f32::NAN, 0.0, 0.0));
        assert!(text(&series).ends_with("1\t0.000000\t\t\t\n"));
    }
}
