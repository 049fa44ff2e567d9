//! Frames to a video file, by the ffmpeg program over a pipe: what is rendered, and the source beside a take.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::frame::RgbImage;

/// Why a video could not be written.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The video could not be encoded.
    #[error("{path} could not be encoded: {reason}")]
    Encode {
        /// The output.
        path: PathBuf,
        /// What happened, and what to do.
        reason: String,
    },
    /// A file or its folder could not be made.
    #[error("{path} could not be written: {reason}")]
    Write {
        /// The output.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// Writes a video, frame by frame. The file appears under its name when it is complete.
#[derive(Debug)]
pub struct VideoWriter {
    ffmpeg: Child,
    path: PathBuf,
    draft: PathBuf,
    is_finished: bool,
}

/// What the pictures of a video are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, and how opaque each pixel is (straight, not premultiplied): for `.webm` and `.mov`.
    Rgba,
}

/// Endings of videos that can be seen through.
pub const TRANSPARENT: [&str; 2] = ["webm", "mov"];

impl VideoWriter {
    /// Starts the encoder. `fps` is the video's constant rate.
    ///
    /// # Errors
    /// [`EncodeError::Encode`] without ffmpeg or without an encoder for this kind of file, [`EncodeError::Write`] when the
    /// folder cannot be made.
    pub fn create(path: &Path, width: u32, height: u32, fps: f64, pixels: Pixels) -> Result<Self, EncodeError> {
        let failed = |reason: String| EncodeError::Encode { path: path.to_owned(), reason };
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(failed("this is no file name".to_owned()));
        };
        if path.extension().is_none() {
            return Err(failed("the name needs an ending such as .mp4".to_owned()));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| EncodeError::Write { path: folder.to_owned(), reason: error.to_string() })?;
        }
        let draft = path.with_file_name(format!(".partial-{name}"));
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let encoder = encoder(&ending, pixels).map_err(failed)?;
        let layout = if pixels == Pixels::Rgba { "rgba" } else { "rgb24" };
        let ffmpeg = apart(Command::new("ffmpeg"))
            .args(["-y", "-hide_banner", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", layout])
            .args(["-s", &format!("{width}x{height}"), "-r", &fps.to_string(), "-i", "-"])
            .args(even_sides(width, height))
            .args(encoder)
            .arg(&draft)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| EncodeError::Encode { path: path.to_owned(), reason: missing_ffmpeg(&error) })?;
        Ok(Self { ffmpeg, path: path.to_owned(), draft, is_finished: false })
    }

    /// Appends a frame of the size given at the start.
    ///
    /// # Errors
    /// [`EncodeError::Encode`] with what ffmpeg said when it has given up.
    pub fn write(&mut self, frame: &RgbImage) -> Result<(), EncodeError> {
        self.write_bytes(&frame.data)
    }

    /// Appends a frame as packed bytes of [`Pixels`], rows without padding.
    ///
    /// # Errors
    /// As [`VideoWriter::write`].
    pub fn write_bytes(&mut self, frame: &[u8]) -> Result<(), EncodeError> {
        let written = self.ffmpeg.stdin.as_mut().is_some_and(|pipe| pipe.write_all(frame).is_ok());
        if written { Ok(()) } else { Err(self.failure()) }
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`EncodeError::Encode`] when ffmpeg failed, [`EncodeError::Write`] when the file cannot take its name.
    pub fn finish(mut self) -> Result<(), EncodeError> {
        drop(self.ffmpeg.stdin.take());
        if !self.ffmpeg.wait().is_ok_and(|status| status.success()) {
            return Err(self.failure());
        }
        self.is_finished = true;
        std::fs::rename(&self.draft, &self.path)
            .map_err(|error| EncodeError::Write { path: self.path.clone(), reason: error.to_string() })
    }

    fn failure(&mut self) -> EncodeError {
        drop(self.ffmpeg.stdin.take());
        let mut said = String::new();
        if let Some(stderr) = self.ffmpeg.stderr.as_mut() {
            // Text that is not UTF-8 leaves what came before it, which is all that can be shown.
            let _ = stderr.read_to_string(&mut said);
        }
        let reason = said.lines().next().unwrap_or("ffmpeg stopped without a message").trim().to_owned();
        EncodeError::Encode { path: self.path.clone(), reason }
    }
}

impl Drop for VideoWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            drop(self.ffmpeg.stdin.take());
            // Both may have happened already; then there is nothing left to do.
            let _ = self.ffmpeg.kill();
            let _ = self.ffmpeg.wait();
            let _ = std::fs::remove_file(&self.draft);
        }
    }
}

/// A program that Ctrl-C does not reach: it ends when it has been given everything.
fn apart(mut command: Command) -> Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// The encoders want even sides; what is tracked may have odd ones, and then loses a row or a column.
fn even_sides(width: u32, height: u32) -> &'static [&'static str] {
    if (width | height) & 1 == 0 { &[] } else { &["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2"] }
}

fn missing_ffmpeg(error: &std::io::Error) -> String {
    format!(
        "the ffmpeg program cannot be started ({error}); install it (Debian and Ubuntu: sudo apt-get install ffmpeg)"
    )
}

/// The encoder's arguments for a file with this ending.
fn encoder(ending: &str, pixels: Pixels) -> Result<Vec<&'static str>, String> {
    let opaque = ["-pix_fmt", "yuv420p", "-color_range", "tv", "-movflags", "+faststart"];
    let vp9 = ["-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "24", "-row-mt", "1", "-deadline", "good", "-cpu-used", "4"];
    let with = |encoder: &[&'static str], pixels: &[&'static str]| [encoder, pixels].concat();
    match (ending, pixels) {
        // Frames that are only there to be referred to cannot be seen through.
        ("webm", Pixels::Rgba) if has("libvpx-vp9")? => Ok(with(&vp9, &["-auto-alt-ref", "0", "-pix_fmt", "yuva420p"])),
        ("mov", Pixels::Rgba) if has("prores_ks")? => {
            Ok(with(&["-c:v", "prores_ks", "-profile:v", "4444"], &["-pix_fmt", "yuva444p10le"]))
        }
        ("webm" | "mov", Pixels::Rgba) => Err("this ffmpeg has no encoder for what can be seen through".to_owned()),
        (_, Pixels::Rgba) => Err("only .webm and .mov can be seen through".to_owned()),
        ("webm", Pixels::Rgb) if has("libvpx-vp9")? => Ok(with(&vp9, &["-pix_fmt", "yuv420p", "-color_range", "tv"])),
        _ if has("libx264")? => Ok(with(&["-c:v", "libx264", "-preset", "fast", "-crf", "18"], &opaque)),
        _ => Ok(with(&["-c:v", "mpeg4", "-q:v", "3"], &opaque)),
    }
}

fn has(encoder: &str) -> Result<bool, String> {
    let listed = Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-encoders"])
        .output()
        .map_err(|error| missing_ffmpeg(&error))?;
    Ok(String::from_utf8_lossy(&listed.stdout).contains(encoder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_ending_is_refused() {
        let message =
            VideoWriter::create(Path::new("/tmp/film"), 8, 8, 30.0, Pixels::Rgb).expect_err("refused").to_string();
        assert!(message.contains("/tmp/film") && message.contains(".mp4"), "{message}");
    }

    #[test]
    fn a_failed_encoder_names_the_file_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("film.unknown");
        let frame = RgbImage::new(64, 64, vec![0; 64 * 64 * 3]).expect("a picture");
        let result = VideoWriter::create(&path, 64, 64, 30.0, Pixels::Rgb).and_then(|mut writer| {
            for _ in 0..50 {
                writer.write(&frame)?;
            }
            writer.finish()
        });
        assert!(result.expect_err("refused").to_string().contains("film.unknown"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn only_some_files_can_be_seen_through() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("film.mp4");
        let message = VideoWriter::create(&path, 64, 64, 30.0, Pixels::Rgba).expect_err("refused").to_string();
        assert!(message.contains("film.mp4") && message.contains(".webm"), "{message}");
    }
}
