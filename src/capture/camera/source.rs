//! A camera as a source of frames.
//!
//! nokhwa waits for a frame without a limit, and a camera that hangs would hang its reader. So the camera lives on a
//! thread of its own from opening to closing, and this side gives up on it when it stays silent. A thread that was
//! given up on closes the camera as soon as it wakes; until then the camera is known to be held and is not opened again.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Sender, bounded};
use nokhwa::{Buffer, Camera};

use super::decode::FrameDecoder;
use super::device;
use super::mode::VideoMode;
use crate::capture::{CaptureError, FrameSource, SourceInfo, SourceKind};
use crate::frame::Frame;
use crate::slot::{LatestSlot, Taken};

/// A camera without a usable frame for this long is lost.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// Some cameras take seconds to wake up.
const OPEN_WITHIN: Duration = Duration::from_secs(10);
/// How long closing waits for the reader, which ends with the frame that it waits for.
const CLOSE_WITHIN: Duration = Duration::from_millis(300);
/// A driver's time stamp that says more than this is on another clock.
const MAX_AGE: Duration = Duration::from_millis(500);

/// Cameras that a thread of this process holds.
static HELD: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Marks a camera as held for as long as it lives.
struct Hold(u32);

impl Hold {
    /// Waits a little for a thread that is about to let go.
    fn take(index: u32) -> Result<Self, CaptureError> {
        let deadline = Instant::now() + CLOSE_WITHIN;
        while !HELD.lock().unwrap_or_else(PoisonError::into_inner).insert(index) {
            if Instant::now() > deadline {
                return Err(CaptureError::CameraFailed { index, reason: "it does not answer any more".to_owned() });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(Self(index))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        HELD.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

/// What both sides of the thread share.
#[derive(Default)]
struct Link {
    frames: LatestSlot<Result<Frame, CaptureError>>,
    stop: AtomicBool,
    skipped: AtomicU64,
}

/// An open camera.
pub(super) struct CameraSource {
    index: u32,
    info: SourceInfo,
    link: Arc<Link>,
    reader: Option<JoinHandle<()>>,
}

impl CameraSource {
    /// Opens the camera with this number, or the first that can be used.
    pub(super) fn open(index: Option<u32>) -> Result<Self, CaptureError> {
        let names = device::names()?;
        if names.is_empty() {
            return Err(CaptureError::NoCamera);
        }
        if let Some(index) = index {
            if names.iter().all(|(known, _)| *known != index) {
                return Err(CaptureError::NoSuchCamera { index });
            }
            return Self::open_index(index);
        }
        let mut first_error = None;
        for (index, _) in names {
            match Self::open_index(index) {
                Ok(source) => return Ok(source),
                // A node that carries no video is no camera; why a real one fails is what the user needs to know.
                Err(CaptureError::CameraFormat { .. }) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or(CaptureError::NoCamera))
    }

    fn open_index(index: u32) -> Result<Self, CaptureError> {
        let hold = Hold::take(index)?;
        let link = Arc::new(Link::default());
        let (sender, opened) = bounded(1);
        let shared = Arc::clone(&link);
        let reader = std::thread::Builder::new()
            .name(format!("camera-{index}"))
            .spawn(move || {
                let reading = AssertUnwindSafe(|| read(index, &shared, &sender));
                if catch_unwind(reading).is_err() {
                    let reason = "its driver gave a strange answer".to_owned();
                    shared.frames.publish(Err(CaptureError::CameraLost { index, reason }));
                }
                shared.frames.close();
                drop(hold);
            })
            .map_err(|error| CaptureError::System { what: "a thread".to_owned(), reason: error.to_string() })?;
        let (name, mode) = match opened.recv_timeout(OPEN_WITHIN) {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                link.stop.store(true, Ordering::Relaxed);
                return Err(CaptureError::CameraFailed { index, reason: "it does not answer".to_owned() });
            }
        };
        tracing::info!("camera {index}, {name}: {mode}");
        let info = SourceInfo {
            name,
            kind: SourceKind::Camera,
            width: mode.width,
            height: mode.height,
            fps: Some(f64::from(mode.fps)),
            frame_count: None,
            duration_s: None,
        };
        Ok(Self { index, info, link, reader: Some(reader) })
    }
}

impl FrameSource for CameraSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        let lost = |reason: &str| CaptureError::CameraLost { index: self.index, reason: reason.to_owned() };
        match self.link.frames.take(SILENT_AFTER) {
            Taken::Value(frame) => frame.map(Some),
            Taken::Closed => Err(lost("it was closed")),
            Taken::Timeout => {
                self.link.stop.store(true, Ordering::Relaxed);
                Err(lost("no picture for 2 seconds"))
            }
        }
    }

    fn skipped(&self) -> u64 {
        self.link.skipped.load(Ordering::Relaxed)
    }
}

impl Drop for CameraSource {
    fn drop(&mut self) {
        self.link.stop.store(true, Ordering::Relaxed);
        self.link.frames.close();
        let deadline = Instant::now() + CLOSE_WITHIN;
        if let Some(reader) = self.reader.take() {
            while !reader.is_finished() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            // One that hangs in the driver is left behind: it ends when the driver lets it.
            if reader.is_finished() {
                let _ = reader.join();
            }
        }
    }
}

/// The reader thread: opens the camera, reads until told to stop or until it fails, closes it.
fn read(index: u32, link: &Link, opened: &Sender<Result<(String, VideoMode), CaptureError>>) {
    let (mut camera, mode) = match device::open(index) {
        Ok((camera, name, mode)) => {
            let _ = opened.send(Ok((name, mode)));
            (camera, mode)
        }
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    // The camera is closed even when a driver's answer makes nokhwa panic.
    let reading = catch_unwind(AssertUnwindSafe(|| read_frames(index, link, &mut camera, mode)));
    device::close(camera);
    if let Err(payload) = reading {
        std::panic::resume_unwind(payload);
    }
}

fn read_frames(index: u32, link: &Link, camera: &mut Camera, mode: VideoMode) {
    let (start, mut decoder) = (Instant::now(), FrameDecoder::new(mode));
    for frame_id in 0.. {
        let buffer = camera.frame();
        if link.stop.load(Ordering::Relaxed) {
            return;
        }
        let arrived = Instant::now();
        let decoded = match &buffer {
            Ok(buffer) => decoder.decode(buffer.buffer()),
            Err(error) => {
                let reason = error.to_string();
                link.frames.publish(Err(CaptureError::CameraLost { index, reason }));
                return;
            }
        };
        match decoded {
            Ok(image) => {
                let captured_at = buffer.as_ref().map_or(arrived, |buffer| captured_at(buffer, arrived)).max(start);
                let time_s = captured_at.duration_since(start).as_secs_f64();
                let decode_ms = arrived.elapsed().as_secs_f32() * 1e3;
                link.frames.publish(Ok(Frame { decode_ms, ..Frame::new(frame_id, captured_at, time_s, image) }));
            }
            Err(reason) => {
                tracing::debug!("camera {index}: frame {frame_id} left out ({reason})");
                link.skipped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// When the driver says the picture was taken, which is before it arrived here.
fn captured_at(buffer: &Buffer, arrived: Instant) -> Instant {
    // Elsewhere the stamp has another meaning or is missing.
    let stamp = buffer.capture_timestamp().filter(|_| cfg!(target_os = "linux"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
    let age = now.zip(stamp).and_then(|(now, stamp)| now.checked_sub(stamp)).filter(|age| *age <= MAX_AGE);
    age.and_then(|age| arrived.checked_sub(age)).unwrap_or(arrived)
}
