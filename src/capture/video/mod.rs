//! Video files, decoded by the `ffmpeg` program.
//!
//! One process decodes and writes raw RGB to a pipe, turned upright as the file asks and with the file's own colour
//! matrix and range; its `showinfo` filter says each frame's exact time and size on standard error, one line for one
//! frame. Two threads read the two pipes, so that neither can fill up and block the other, and so that decoding runs
//! ahead of whoever uses the frames by a few.

mod log;
mod probe;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use self::log::Line;
use self::probe::Probe;
use super::ffmpeg::{Programs, Running, each_line, file_argument};
use super::{CaptureError, FrameSource, SourceInfo, SourceKind, display_name};
use crate::frame::{Frame, RgbImage};

/// Frames decoded ahead.
const AHEAD: usize = 2;
/// Lines of the log that may wait for their frame; ffmpeg itself holds back long before.
const LINES_AHEAD: usize = 4096;
/// Complaints that are kept: the first ones tell the cause.
const COMPLAINTS_KEPT: usize = 8;
/// Frame rate assumed where neither the file nor its frames say one.
const FALLBACK_FPS: f64 = 30.0;

/// A video file.
pub(super) struct VideoSource {
    path: PathBuf,
    info: SourceInfo,
    /// The first frame, read while opening.
    first: Option<Frame>,
    decoder: Option<Decoder>,
    delivered: u64,
    last_time_s: f64,
}

impl VideoSource {
    /// Probes the file, starts decoding and waits for the first frame.
    pub(super) fn open(path: &Path) -> Result<Self, CaptureError> {
        let programs = Programs::find()?;
        let Probe { fps, frame_count, duration_s } = probe::probe(&programs, path)?;
        let mut decoder = Decoder::start(&programs, path, fps.unwrap_or(FALLBACK_FPS))?;
        let Some(first) = decoder.next() else {
            let reason = decoder.end().0.first().map_or("no frame decodes".to_owned(), |line| probe::reason(line));
            return Err(CaptureError::BadVideo { path: path.to_owned(), reason });
        };
        let info = SourceInfo {
            name: display_name(path),
            kind: SourceKind::Video,
            width: first.image.width,
            height: first.image.height,
            fps,
            frame_count,
            duration_s,
        };
        Ok(Self {
            path: path.to_owned(),
            info,
            first: Some(first),
            decoder: Some(decoder),
            delivered: 0,
            last_time_s: 0.0,
        })
    }

    /// Whether the file promised clearly more than it gave. An edit list may leave out frames of a sound file, so this
    /// only counts together with complaints.
    fn fell_short(&self) -> bool {
        let frame_s = 1.0 / self.info.fps.unwrap_or(FALLBACK_FPS);
        match (self.info.frame_count, self.info.duration_s) {
            (Some(count), _) => self.delivered < count,
            (None, Some(duration_s)) => self.last_time_s + 2.0 * frame_s < duration_s,
            (None, None) => true,
        }
    }
}

impl FrameSource for VideoSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(None);
        };
        if let Some(mut frame) = self.first.take().or_else(|| decoder.next()) {
            frame.captured_at = Instant::now();
            self.delivered += 1;
            self.last_time_s = frame.time_s;
            return Ok(Some(frame));
        }
        let (complaints, failed) = self.decoder.take().map(Decoder::end).unwrap_or_default();
        if failed || (!complaints.is_empty() && self.fell_short()) {
            return Err(CaptureError::Truncated {
                path: self.path.clone(),
                delivered: self.delivered,
                expected: self.info.frame_count,
                reason: complaints.first().map_or("ffmpeg ended early".to_owned(), |line| probe::reason(line)),
            });
        }
        Ok(None)
    }
}

/// A running ffmpeg with its two readers.
struct Decoder {
    // Dropped first: the threads end when their pipes do.
    process: Running,
    frames: Option<Receiver<Frame>>,
    complaints: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Decoder {
    fn start(programs: &Programs, path: &Path, fps: f64) -> Result<Self, CaptureError> {
        let child = programs
            .ffmpeg()
            .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info"])
            // A packet that the file's end cuts through would decode to a torn picture.
            .args(["-protocol_whitelist", "file,pipe", "-fflags", "+discardcorrupt", "-i"])
            .arg(file_argument(path))
            .args(["-map", "0:V:0"])
            .args(programs.passthrough)
            // Bicubic chroma is what OpenCV asks of the same library, so that pixels equal those of other trackers.
            .args(["-vf", "scale=flags=bicubic,format=rgb24,showinfo=checksum=0"])
            .args(["-f", "rawvideo", "pipe:1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| programs.ffmpeg_error(&error))?;
        let mut process = Running(child);
        let (Some(pixels), Some(text)) = (process.0.stdout.take(), process.0.stderr.take()) else {
            return Err(system("ffmpeg", "its pipes are missing"));
        };
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let (line_sender, lines) = bounded(LINES_AHEAD);
        let (frame_sender, frames) = bounded(AHEAD);
        let kept = Arc::clone(&complaints);
        let mut decoder = Self { process, frames: Some(frames), complaints, readers: Vec::new() };
        decoder.spawn("video-log", move || read_log(text, &line_sender, &kept))?;
        decoder.spawn("video-pixels", move || read_frames(pixels, &lines, &frame_sender, fps))?;
        Ok(decoder)
    }

    fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), CaptureError> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|error| system("a thread", &error.to_string()))?;
        self.readers.push(thread);
        Ok(())
    }

    /// Waits for the next frame; `None` when ffmpeg has no more.
    fn next(&mut self) -> Option<Frame> {
        self.frames.as_ref()?.recv().ok()
    }

    /// Waits for ffmpeg to end. Returns what it complained about, and whether it failed.
    fn end(mut self) -> (Vec<String>, bool) {
        let failed = !self.process.0.wait().is_ok_and(|status| status.success());
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        (std::mem::take(&mut *self.complaints.lock().unwrap_or_else(PoisonError::into_inner)), failed)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // In this order nobody waits for ever: without a process the pipes end, without a receiver nobody can be sent to.
        let _ = self.process.0.kill();
        self.frames = None;
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

fn system(what: &str, reason: &str) -> CaptureError {
    CaptureError::System { what: what.to_owned(), reason: reason.to_owned() }
}

/// Time and size of a frame that is about to come.
#[derive(Debug, Clone, Copy)]
struct Announced {
    time_s: Option<f64>,
    width: u32,
    height: u32,
}

/// Reads the log to its end, whatever becomes of the frames.
fn read_log(text: ChildStderr, announced: &Sender<Announced>, complaints: &Mutex<Vec<String>>) {
    let mut time_base = None;
    each_line(text, |line| match log::parse(line) {
        Some(Line::TimeBase(seconds)) => time_base = Some(seconds),
        Some(Line::Frame { pts, width, height }) => {
            let time_s = pts.zip(time_base).map(|(pts, seconds)| pts as f64 * seconds);
            // Fails when nobody wants frames any more; the rest is read all the same.
            let _ = announced.send(Announced { time_s, width, height });
        }
        Some(Line::Complaint(complaint)) => {
            let mut kept = complaints.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() < COMPLAINTS_KEPT {
                kept.push(complaint);
            }
        }
        None => {}
    });
}

/// Cuts the stream of pixels into frames of the announced sizes.
fn read_frames(mut pixels: ChildStdout, announced: &Receiver<Announced>, frames: &Sender<Frame>, fps: f64) {
    let mut last_time_s: Option<f64> = None;
    for frame_id in 0.. {
        let start = Instant::now();
        let Ok(Announced { time_s, width, height }) = announced.recv() else {
            return;
        };
        let mut data = RgbImage::buffer(width as usize * height as usize * 3);
        if pixels.read_exact(&mut data).is_err() {
            return;
        }
        let decode_ms = start.elapsed().as_secs_f32() * 1e3;
        // Without a time, or with one that does not rise, the frame comes one nominal interval after the last.
        let follows = last_time_s.map_or(0.0, |last| last + 1.0 / fps);
        let time_s = time_s.filter(|time| last_time_s.is_none_or(|last| *time > last)).unwrap_or(follows);
        last_time_s = Some(time_s);
        let Some(image) = RgbImage::new(width, height, data) else {
            return;
        };
        if frames.send(Frame { decode_ms, ..Frame::new(frame_id, Instant::now(), time_s, image) }).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
