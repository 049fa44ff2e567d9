//! Sound files, decoded by the `ffmpeg` program, for whoever looks for beats in music.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::CaptureError;
use super::ffmpeg::{Programs, Running, each_line, file_argument};

/// Samples a second of what [`decode_audio`] returns.
pub const AUDIO_RATE_HZ: u32 = 22_050;
/// Longest piece that is decoded, seconds.
pub const LONGEST_AUDIO_S: u32 = 20 * 60;
/// Bytes of a sample.
const SAMPLE_BYTES: usize = size_of::<f32>();
/// Bytes that travel at once, and how many such pieces wait.
const PIECE_BYTES: usize = 1 << 16;
const PIECES_AHEAD: usize = 8;
/// How soon an interruption is noticed while ffmpeg says nothing.
const PATIENCE: Duration = Duration::from_millis(50);

/// Why a file gave no sound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AudioError {
    /// The file cannot be opened, or ffmpeg cannot be run.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The file holds no sound that ffmpeg understands.
    #[error(
        "{path}: not a sound file that can be decoded ({reason}); play it in a music player or convert it to OGG or MP3"
    )]
    NotAudio {
        /// The file.
        path: PathBuf,
        /// What ffmpeg said.
        reason: String,
    },
    /// More music than anybody dances to.
    #[error("{path}: longer than {} minutes; cut it to the part you need", LONGEST_AUDIO_S / 60)]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The caller wanted no more.
    #[error("decoding was interrupted")]
    Interrupted,
}

/// The sound of a file: all channels mixed to one, [`AUDIO_RATE_HZ`] samples a second, full scale 1, at least one sample.
/// Of a video the first sound track.
///
/// `is_interrupted` is asked at least twenty times a second while the file is decoded.
///
/// # Errors
/// [`AudioError`]: no such file, no ffmpeg, no sound in it, longer than [`LONGEST_AUDIO_S`], interrupted.
pub fn decode_audio(path: &Path, is_interrupted: impl FnMut() -> bool) -> Result<Vec<f32>, AudioError> {
    decode_up_to(path, AUDIO_RATE_HZ as usize * LONGEST_AUDIO_S as usize, is_interrupted)
}

/// [`decode_audio`] of at most so many samples.
fn decode_up_to(path: &Path, most: usize, mut is_interrupted: impl FnMut() -> bool) -> Result<Vec<f32>, AudioError> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CaptureError::NotFound { path: path.to_owned() },
        _ => CaptureError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    })?;
    if !metadata.is_file() {
        return Err(CaptureError::NotAFile { path: path.to_owned() }.into());
    }
    if metadata.len() == 0 {
        return Err(CaptureError::EmptyFile { path: path.to_owned() }.into());
    }
    if is_interrupted() {
        return Err(AudioError::Interrupted);
    }
    let decoder = Decoder::start(path)?;
    let mut bytes: Vec<u8> = Vec::new();
    let mut samples = Vec::new();
    loop {
        if is_interrupted() {
            return Err(AudioError::Interrupted);
        }
        match decoder.pieces.recv_timeout(PATIENCE) {
            Ok(piece) => bytes.extend(piece),
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let (whole, rest) = bytes.as_chunks::<SAMPLE_BYTES>();
        samples.extend(whole.iter().map(|sample| f32::from_le_bytes(*sample)));
        let used = bytes.len() - rest.len();
        bytes.drain(..used);
        if samples.len() > most {
            return Err(AudioError::TooLong { path: path.to_owned() });
        }
    }
    let (complaint, failed) = decoder.end();
    if failed || samples.is_empty() {
        let reason = complaint.unwrap_or_else(|| "no sound in it".to_owned());
        return Err(AudioError::NotAudio { path: path.to_owned(), reason });
    }
    Ok(samples)
}

/// A running ffmpeg; dropping it ends the process, and with it both threads.
struct Decoder {
    process: Running,
    pieces: Receiver<Vec<u8>>,
    complaints: JoinHandle<Option<String>>,
}

impl Decoder {
    fn start(path: &Path) -> Result<Self, CaptureError> {
        let programs = Programs::find()?;
        let child = programs
            .ffmpeg()
            .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "error"])
            .args(["-protocol_whitelist", "file,pipe", "-i"])
            .arg(file_argument(path))
            .args(["-map", "0:a:0", "-ac", "1", "-ar", &AUDIO_RATE_HZ.to_string()])
            .args(["-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| programs.ffmpeg_error(&error))?;
        let mut process = Running(child);
        let (Some(sound), Some(text)) = (process.0.stdout.take(), process.0.stderr.take()) else {
            return Err(system("ffmpeg", "its pipes are missing"));
        };
        let (sender, pieces) = bounded(PIECES_AHEAD);
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let no_thread = |error: std::io::Error| system("a thread", &error.to_string());
        thread("audio-samples").spawn(move || read_pieces(sound, &sender)).map_err(no_thread)?;
        let complaints = thread("audio-log").spawn(move || first_complaint(text)).map_err(no_thread)?;
        Ok(Self { process, pieces, complaints })
    }

    /// Waits for ffmpeg to end. Returns what it complained of first, and whether it failed.
    fn end(mut self) -> (Option<String>, bool) {
        let failed = !self.process.0.wait().is_ok_and(|status| status.success());
        (self.complaints.join().unwrap_or_default(), failed)
    }
}

fn system(what: &str, reason: &str) -> CaptureError {
    CaptureError::System { what: what.to_owned(), reason: reason.to_owned() }
}

/// Hands on what comes, until there is no more or nobody wants it.
fn read_pieces(mut sound: ChildStdout, pieces: &Sender<Vec<u8>>) {
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        match sound.read(&mut piece) {
            Ok(count) if count > 0 => piece.truncate(count),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            _ => return,
        }
        if pieces.send(piece).is_err() {
            return;
        }
    }
}

/// The first line that says something, for people.
fn first_complaint(text: ChildStderr) -> Option<String> {
    let mut first = None;
    each_line(text, |line| {
        if first.is_none() && !line.trim().is_empty() {
            // The file's name is said already.
            let reason = line.trim().rsplit_once(": ").map_or(line.trim(), |(_, reason)| reason);
            first = Some(reason.trim_end_matches('.').chars().take(200).collect());
        }
    });
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::need;

    /// Whether this machine has ffmpeg; says so where it has not.
    fn have_ffmpeg() -> bool {
        need("ffmpeg", Programs::find().ok(), "there is no ffmpeg on this machine").is_some()
    }

    fn bundled(name: &str) -> PathBuf {
        crate::paths::shipped_folder("assets").join("music").join(name)
    }

    #[test]
    fn a_bundled_track_is_decoded_whole() {
        if !have_ffmpeg() {
            return;
        }
        let samples = decode_audio(&bundled("sunrise.ogg"), || false).expect("decodes");
        let seconds = samples.len() as f64 / f64::from(AUDIO_RATE_HZ);
        assert!((seconds - 51.65).abs() < 0.02, "{seconds} s");
        let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        assert!((0.2..1.1).contains(&peak), "{peak}");
        // Silent until the first beat of the count-in at a quarter of a second, and not after.
        let loudest = |from_s: f64, to_s: f64| {
            let place = |at_s: f64| (at_s * f64::from(AUDIO_RATE_HZ)) as usize;
            samples[place(from_s)..place(to_s)].iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()))
        };
        assert!(loudest(0.0, 0.2) < 0.01 && loudest(0.24, 0.3) > 0.05, "{} {}", loudest(0.0, 0.2), loudest(0.24, 0.3));
    }

    #[test]
    fn what_is_no_sound_is_refused_with_its_name() {
        if !have_ffmpeg() {
            return;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let garbage = folder.path().join("noise.mp3");
        std::fs::write(&garbage, "no sound at all, in several words\n".repeat(200)).expect("writes");
        let picture = folder.path().join("picture.png");
        image::RgbImage::new(8, 8).save(&picture).expect("writes");
        for path in [&garbage, &picture] {
            let error = decode_audio(path, || false).expect_err("refused");
            assert!(matches!(error, AudioError::NotAudio { .. }), "{error:?}");
            assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        }
        let empty = folder.path().join("empty.ogg");
        std::fs::write(&empty, "").expect("writes");
        let refused = |path: &Path| decode_audio(path, || false).expect_err("refused");
        assert_eq!(refused(&empty), CaptureError::EmptyFile { path: empty.clone() }.into());
        assert_eq!(refused(folder.path()), CaptureError::NotAFile { path: folder.path().to_owned() }.into());
        let missing = folder.path().join("missing.ogg");
        assert_eq!(refused(&missing), CaptureError::NotFound { path: missing.clone() }.into());
    }

    #[test]
    fn too_long_a_piece_and_an_interruption_end_it() {
        if !have_ffmpeg() {
            return;
        }
        let path = bundled("sunrise.ogg");
        let error = decode_up_to(&path, AUDIO_RATE_HZ as usize, || false).expect_err("too long");
        assert_eq!(error, AudioError::TooLong { path: path.clone() });
        let mut asked = 0;
        let error = decode_audio(&path, || {
            asked += 1;
            asked > 2
        });
        assert_eq!(error.expect_err("interrupted"), AudioError::Interrupted);
    }
}
