//! Frames to a video file, by the ffmpeg program over a pipe: what is rendered, and the source beside a take.

use std::collections::VecDeque;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Stdio};
use std::thread::JoinHandle;

use crate::capture::CaptureError;
use crate::capture::ffmpeg::{Programs, Running, each_line};
use crate::files::DraftPath;
use crate::frame::RgbImage;

/// Lines of what ffmpeg says that are kept. The first line tells the cause; after so many it is one complaint among others, and
/// the last line tells why it gave up.
const LINES_KEPT: usize = 8;

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
    // Before the draft, so that it has ended when that is removed.
    ffmpeg: Running,
    /// What it says, the last lines of it; `None` once it was asked.
    said: Option<JoinHandle<VecDeque<String>>>,
    draft: DraftPath,
    path: PathBuf,
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
        Self::create_with(Programs::find, path, (width, height), fps, pixels)
    }

    /// As [`VideoWriter::create`], by these programs.
    fn create_with(
        programs: impl FnOnce() -> Result<Programs, CaptureError>,
        path: &Path,
        (width, height): (u32, u32),
        fps: f64,
        pixels: Pixels,
    ) -> Result<Self, EncodeError> {
        let failed = |reason: String| EncodeError::Encode { path: path.to_owned(), reason };
        if path.file_name().is_none() {
            return Err(failed("this is no file name".to_owned()));
        }
        if path.extension().is_none() {
            return Err(failed("the name needs an ending such as .mp4".to_owned()));
        }
        let unwritable = |path: &Path, error: &std::io::Error| EncodeError::Write {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        if pixels == Pixels::Rgba && !TRANSPARENT.contains(&ending.as_str()) {
            return Err(failed("only .webm and .mov can be seen through".to_owned()));
        }
        let programs = programs().map_err(|error| failed(error.to_string()))?;
        let encoder = encoder(&programs, &ending, pixels).map_err(failed)?;
        let layout = if pixels == Pixels::Rgba { "rgba" } else { "rgb24" };
        let draft = DraftPath::beside(path).map_err(|error| unwritable(path, &error))?;
        let child = programs
            .ffmpeg_apart()
            .args(["-y", "-hide_banner", "-nostats", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", layout])
            .args(["-s", &format!("{width}x{height}"), "-r", &fps.to_string(), "-i", "-"])
            .args(even_sides(width, height))
            .args(encoder)
            .arg(draft.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(programs.ffmpeg_error(&error).to_string()))?;
        let mut ffmpeg = Running(child);
        let text = ffmpeg.0.stderr.take();
        let said = std::thread::Builder::new()
            .name("encoder-log".to_owned())
            .spawn(move || last_lines(text))
            .map_err(|error| failed(format!("a thread could not be started ({error}); close other programs")))?;
        Ok(Self { ffmpeg, said: Some(said), draft, path: path.to_owned() })
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
        let written = self.ffmpeg.0.stdin.as_mut().is_some_and(|pipe| pipe.write_all(frame).is_ok());
        if written { Ok(()) } else { Err(self.failure()) }
    }

    /// Completes the file.
    ///
    /// # Errors
    /// [`EncodeError::Encode`] when ffmpeg failed, [`EncodeError::Write`] when the file cannot take its name.
    pub fn finish(mut self) -> Result<(), EncodeError> {
        drop(self.ffmpeg.0.stdin.take());
        if !self.ffmpeg.0.wait().is_ok_and(|status| status.success()) {
            return Err(self.failure());
        }
        let Self { draft, path, .. } = self;
        draft.commit().map_err(|error| EncodeError::Write { path, reason: error.to_string() })
    }

    /// Why ffmpeg gave up, for which it has to end.
    fn failure(&mut self) -> EncodeError {
        drop(self.ffmpeg.0.stdin.take());
        let _ = self.ffmpeg.0.wait();
        let said = self.said.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        let telling = if said.len() < LINES_KEPT { said.front() } else { said.back() };
        let reason = telling.map_or("ffmpeg stopped without a message", |line| line.trim()).to_owned();
        EncodeError::Encode { path: self.path.clone(), reason }
    }
}

/// The last lines of a pipe that say something.
fn last_lines(text: Option<ChildStderr>) -> VecDeque<String> {
    let mut last = VecDeque::new();
    if let Some(text) = text {
        each_line(text, |line| {
            if !line.trim().is_empty() {
                if last.len() == LINES_KEPT {
                    last.pop_front();
                }
                last.push_back(line.to_owned());
            }
        });
    }
    last
}

/// The encoders want even sides; what is tracked may have odd ones, and then loses a row or a column.
fn even_sides(width: u32, height: u32) -> &'static [&'static str] {
    if (width | height) & 1 == 0 { &[] } else { &["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2"] }
}

/// The encoder's arguments for a file with this ending.
fn encoder(programs: &Programs, ending: &str, pixels: Pixels) -> Result<Vec<&'static str>, String> {
    let opaque = ["-pix_fmt", "yuv420p", "-color_range", "tv", "-movflags", "+faststart"];
    let vp9 = ["-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "24", "-row-mt", "1", "-deadline", "good", "-cpu-used", "4"];
    let has = |encoder: &str| has(programs, encoder);
    let with = |encoder: &[&'static str], pixels: &[&'static str]| [encoder, pixels].concat();
    match (ending, pixels) {
        // Frames that are only there to be referred to cannot be seen through.
        ("webm", Pixels::Rgba) if has("libvpx-vp9")? => Ok(with(&vp9, &["-auto-alt-ref", "0", "-pix_fmt", "yuva420p"])),
        ("mov", Pixels::Rgba) if has("prores_ks")? => {
            Ok(with(&["-c:v", "prores_ks", "-profile:v", "4444"], &["-pix_fmt", "yuva444p10le"]))
        }
        (_, Pixels::Rgba) => Err("this ffmpeg has no encoder for what can be seen through".to_owned()),
        ("webm", Pixels::Rgb) if has("libvpx-vp9")? => Ok(with(&vp9, &["-pix_fmt", "yuv420p", "-color_range", "tv"])),
        _ if has("libx264")? => Ok(with(&["-c:v", "libx264", "-preset", "fast", "-crf", "18"], &opaque)),
        _ => Ok(with(&["-c:v", "mpeg4", "-q:v", "3"], &opaque)),
    }
}

fn has(programs: &Programs, encoder: &str) -> Result<bool, String> {
    let listed = programs
        .ffmpeg()
        .args(["-hide_banner", "-loglevel", "error", "-encoders"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| programs.ffmpeg_error(&error).to_string())?;
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

    #[cfg(unix)]
    mod stand_in {
        use std::os::unix::fs::PermissionsExt as _;

        use super::*;

        /// A folder with programs that are called as FFmpeg's and do this instead, once they were asked for their version.
        fn fake(script: &str) -> (tempfile::TempDir, Programs) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let program = folder.path().join("ffmpeg");
            let text = format!(
                "#!/bin/sh\ncase \"$*\" in\n-version) echo 'ffmpeg version 7.1'; exit;;\n*-encoders) exit;;\nesac\n\
                 for output; do :; done\n{script}\n"
            );
            std::fs::write(&program, text).expect("writes");
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("may be run");
            let programs = Programs::at(Some(folder.path().into())).expect("runs");
            (folder, programs)
        }

        fn film(programs: Programs, path: &Path) -> Result<(), EncodeError> {
            let mut writer = VideoWriter::create_with(|| Ok(programs), path, (64, 64), 30.0, Pixels::Rgb)?;
            for _ in 0..50 {
                writer.write_bytes(&[7; 64 * 64 * 3])?;
            }
            writer.finish()
        }

        #[test]
        fn an_encoder_that_complains_without_end_is_not_in_its_own_way() {
            // Two megabytes, far more than a pipe holds, before the first frame is read.
            let complain = "yes 'a complaint' | head -c 2000000 >&2";
            let (folder, programs) = fake(&format!("{complain}\ncat > \"$output\""));
            let path = folder.path().join("film.mp4");
            film(programs, &path).expect("writes");
            assert_eq!(std::fs::metadata(&path).expect("a file").len(), 50 * 64 * 64 * 3);
            let (folder, programs) = fake(&format!("{complain}\necho 'the disk is on fire' >&2\nexit 1"));
            let told = film(programs, &folder.path().join("film.mp4")).expect_err("gives up").to_string();
            assert!(told.contains("film.mp4") && told.ends_with("the disk is on fire"), "{told}");
            assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1, "nothing but the program is left");
        }

        #[test]
        fn why_an_encoder_gave_up_is_told() {
            let (folder, programs) = fake("cat > \"$output\"\necho '  no room' >&2\nexit 1");
            let path = folder.path().join("film.mp4");
            std::fs::write(&path, "older").expect("writes");
            let told = film(programs, &path).expect_err("gives up").to_string();
            assert!(told.ends_with("could not be encoded: no room"), "{told}");
            assert_eq!(std::fs::read_to_string(&path).expect("reads"), "older");
            assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 2, "no draft is left");
        }

        const FILM: &str = "LIVEDANCE_TEST_FILM";

        /// Not a test of its own: the other one starts it with an environment of its own.
        #[test]
        #[ignore = "started by `the_encoder_is_the_one_that_was_named`"]
        fn films() {
            let Some(path) = std::env::var_os(FILM).map(PathBuf::from) else { return };
            let writer = VideoWriter::create(&path, 64, 64, 30.0, Pixels::Rgb).expect("begins");
            writer.finish().expect("ends");
        }

        #[test]
        #[expect(clippy::disallowed_methods, reason = "this program itself is started again")]
        fn the_encoder_is_the_one_that_was_named() {
            let (folder, _) = fake("echo 'by the one that was named' > \"$output\"; cat > /dev/null");
            let path = folder.path().join("film.mp4");
            let told = std::process::Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "pipeline::video_file::tests::stand_in::films", "--ignored", "--test-threads=1"])
                .env("LIVEDANCE_FFMPEG", folder.path())
                .env(FILM, &path)
                .output()
                .expect("starts");
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
            assert_eq!(std::fs::read_to_string(&path).expect("a film"), "by the one that was named\n");
        }
    }
}
