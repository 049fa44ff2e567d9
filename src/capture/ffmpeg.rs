//! Finding and starting the programs of FFmpeg: `ffmpeg`, `ffprobe`, `ffplay`. Nothing else starts them.
//!
//! Whoever pipes their standard error has to read it to its end ([`each_line`]) on a thread: a full pipe stops a program.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::CaptureError;

/// The programs; `ffmpeg` was seen to run.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    ffplay: PathBuf,
    /// The option that keeps every frame with its own time, which was renamed in version 5.1.
    pub(crate) passthrough: &'static [&'static str],
}

impl Programs {
    /// Takes the programs named by `LIVEDANCE_FFMPEG` (their folder, or the ffmpeg program itself), else those in `PATH`.
    pub(crate) fn find() -> Result<Self, CaptureError> {
        Self::at(std::env::var_os("LIVEDANCE_FFMPEG").filter(|place| !place.is_empty()))
    }

    /// Those of this folder, or those beside this ffmpeg program; those in `PATH` for `None`.
    pub(crate) fn at(place: Option<OsString>) -> Result<Self, CaptureError> {
        let [ffmpeg, ffprobe, ffplay] =
            ["ffmpeg", "ffprobe", "ffplay"].map(|name| format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let passthrough: &[_] = &["-fps_mode", "passthrough"];
        let mut programs = match place.map(PathBuf::from) {
            None => Self { ffmpeg: ffmpeg.into(), ffprobe: ffprobe.into(), ffplay: ffplay.into(), passthrough },
            Some(folder) if folder.is_dir() => {
                let [ffmpeg, ffprobe, ffplay] = [ffmpeg, ffprobe, ffplay].map(|name| folder.join(name));
                Self { ffmpeg, ffprobe, ffplay, passthrough }
            }
            Some(program) => {
                let [ffprobe, ffplay] = [ffprobe, ffplay].map(|name| program.with_file_name(name));
                Self { ffmpeg: program, ffprobe, ffplay, passthrough }
            }
        };
        let output = programs
            .ffmpeg()
            .arg("-version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| start_error(&programs.ffmpeg, &error))?;
        if !output.status.success() {
            return Err(CaptureError::FfmpegFailed {
                program: programs.ffmpeg.display().to_string(),
                reason: format!("`-version` ended with {}", output.status),
            });
        }
        if version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|version| version < (5, 1)) {
            programs.passthrough = &["-vsync", "passthrough"];
        }
        Ok(programs)
    }

    pub(crate) fn ffmpeg(&self) -> Command {
        quiet(&self.ffmpeg)
    }

    /// An ffmpeg that Ctrl-C does not reach: it ends when it has been given everything.
    pub(crate) fn ffmpeg_apart(&self) -> Command {
        #[cfg_attr(not(unix), expect(unused_mut, reason = "elsewhere there is no group to be put into"))]
        let mut command = self.ffmpeg();
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    pub(crate) fn ffprobe(&self) -> Command {
        quiet(&self.ffprobe)
    }

    pub(crate) fn ffplay(&self) -> Command {
        quiet(&self.ffplay)
    }

    pub(crate) fn ffprobe_error(&self, error: &std::io::Error) -> CaptureError {
        start_error(&self.ffprobe, error)
    }

    pub(crate) fn ffmpeg_error(&self, error: &std::io::Error) -> CaptureError {
        start_error(&self.ffmpeg, error)
    }
}

/// A command that opens no console window.
#[expect(clippy::disallowed_methods, reason = "this is the one place that starts these programs")]
fn quiet(program: &Path) -> Command {
    #[cfg_attr(not(windows), expect(unused_mut, reason = "only Windows has something to set"))]
    let mut command = Command::new(program);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        command.creation_flags(CREATE_NO_WINDOW);
    }
    command
}

fn start_error(program: &Path, error: &std::io::Error) -> CaptureError {
    let program = program.display().to_string();
    match error.kind() {
        std::io::ErrorKind::NotFound => CaptureError::NoFfmpeg { program },
        _ => CaptureError::FfmpegFailed { program, reason: error.to_string() },
    }
}

/// Major and minor of a release; `None` for a development build, which is newer than any release that matters here.
fn version(banner: &str) -> Option<(u32, u32)> {
    let word = banner.strip_prefix("ffmpeg version ")?.split_whitespace().next()?;
    let mut numbers = word.trim_start_matches('n').split(|c: char| !c.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

/// The file as an argument that is never taken for an option or another protocol.
pub(crate) fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// Reads a pipe to its end, line by line, whatever becomes of the lines.
pub(crate) fn each_line(pipe: impl Read, mut line: impl FnMut(&str)) {
    let (mut reader, mut bytes) = (BufReader::new(pipe), Vec::new());
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
    }
}

/// A child process that never outlives this value.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a child that is gone already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_every_kind_of_banner() {
        assert_eq!(version("ffmpeg version 5.1.9-0+deb12u1 Copyright"), Some((5, 1)));
        assert_eq!(version("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright"), Some((4, 4)));
        assert_eq!(version("ffmpeg version n7.1 Copyright"), Some((7, 1)));
        assert_eq!(version("ffmpeg version 8 Copyright"), Some((8, 0)));
        assert_eq!(version("ffmpeg version N-117000-gabc Copyright"), None);
    }

    #[test]
    fn a_missing_program_is_named_with_the_way_to_install_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let message = Programs::at(Some(folder.path().into())).expect_err("refused").to_string();
        assert!(message.contains("ffmpeg") && message.contains("install"), "{message}");
        assert!(message.contains(&*folder.path().to_string_lossy()), "{message}");
    }
}
