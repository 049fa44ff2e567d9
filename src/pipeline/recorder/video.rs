//! The source beside a take, as a video.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{RecorderError, Shared};
use crate::frame::RgbImage;
use crate::pipeline::video_file::{EncodeError, Pixels, VideoWriter};

/// Pictures that wait for the encoder at most.
const QUEUE: usize = 16;
const NOTICE_WITHIN: Duration = Duration::from_millis(40);
/// Longest pause that is filled with the picture before it, seconds: longer ones end the video.
const LONGEST_PAUSE_S: f64 = 600.0;

pub(super) struct VideoRecorder {
    thread: Option<JoinHandle<()>>,
}

impl VideoRecorder {
    pub(super) fn start(
        path: &Path,
        fps: f64,
        shared: Arc<Shared>,
    ) -> Result<(Self, Sender<(f64, Arc<RgbImage>)>), RecorderError> {
        if path.exists() {
            return Err(RecorderError::Exists { path: path.to_owned() });
        }
        let (pictures, inbox) = bounded(QUEUE);
        let path = path.to_owned();
        let fps = if fps.is_finite() { fps.clamp(1.0, 120.0) } else { 30.0 };
        let thread = std::thread::Builder::new()
            .name("record-video".to_owned())
            .spawn(move || {
                if let Err(error) = run(&shared, &inbox, path, fps) {
                    shared.status().video_error = Some(error.to_string());
                }
            })
            .map_err(|error| RecorderError::Thread { name: "record-video", reason: error.to_string() })?;
        Ok((Self { thread: Some(thread) }, pictures))
    }

    pub(super) fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    pub(super) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, pictures: &Receiver<(f64, Arc<RgbImage>)>, path: PathBuf, fps: f64) -> Result<(), EncodeError> {
    let mut film: Option<Film> = None;
    loop {
        let is_ending = shared.is_ending();
        match pictures.recv_timeout(if is_ending { Duration::ZERO } else { NOTICE_WITHIN }) {
            Ok((time_s, picture)) => match &mut film {
                Some(film) => film.add(time_s, picture)?,
                None => film = Some(Film::begin(&path, fps, time_s, picture)?),
            },
            Err(_) if is_ending => break,
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    film.map_or(Ok(()), Film::finish)
}

/// A video of a constant rate made of pictures that come when they come: its time is the take's, from the first frame on.
struct Film {
    path: PathBuf,
    writer: VideoWriter,
    fps: f64,
    origin_s: f64,
    written: u64,
    last: Arc<RgbImage>,
}

impl Film {
    fn begin(path: &Path, fps: f64, time_s: f64, picture: Arc<RgbImage>) -> Result<Self, EncodeError> {
        let writer = VideoWriter::create(path, picture.width, picture.height, fps, Pixels::Rgb)?;
        Ok(Self { path: path.to_owned(), writer, fps, origin_s: time_s, written: 0, last: picture })
    }

    fn add(&mut self, time_s: f64, picture: Arc<RgbImage>) -> Result<(), EncodeError> {
        let due = slot(time_s - self.origin_s, self.fps);
        if due.saturating_sub(self.written) as f64 > LONGEST_PAUSE_S * self.fps {
            let reason = "nothing was tracked for ten minutes, where the video ends; the take goes on".to_owned();
            return Err(EncodeError::Encode { path: self.path.clone(), reason });
        }
        while self.written < due {
            self.writer.write(&self.last)?;
            self.written += 1;
        }
        // A picture of another size comes when quality is given up, or another source is chosen.
        let is_same_size = (picture.width, picture.height) == (self.last.width, self.last.height);
        self.last = if is_same_size { picture } else { Arc::new(resized(&picture, self.last.width, self.last.height)) };
        Ok(())
    }

    fn finish(mut self) -> Result<(), EncodeError> {
        self.writer.write(&self.last)?;
        self.writer.finish()
    }
}

/// Number of the picture that is shown so many seconds from the start.
fn slot(seconds: f64, fps: f64) -> u64 {
    (seconds * fps).round().max(0.0) as u64
}

/// The nearest pixels: quality is no matter where it was given up already.
fn resized(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let mut data = RgbImage::buffer(width as usize * height as usize * 3);
    let (to, from) = ((width as usize, height as usize), (picture.width as usize, picture.height as usize));
    let (pixels, _) = data.as_chunks_mut::<3>();
    for (y, row) in pixels.chunks_exact_mut(to.0.max(1)).enumerate() {
        let source = &picture.data[(y * from.1 / to.1) * from.0 * 3..];
        for (x, pixel) in row.iter_mut().enumerate() {
            let at = (x * from.0 / to.0) * 3;
            pixel.copy_from_slice(&source[at..at + 3]);
        }
    }
    RgbImage { width, height, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_of_another_size_is_stretched() {
        let two = RgbImage::new(2, 1, vec![1, 2, 3, 7, 8, 9]).expect("a picture");
        let four = resized(&two, 4, 2);
        assert_eq!(four.data[..12], [1, 2, 3, 1, 2, 3, 7, 8, 9, 7, 8, 9]);
        assert_eq!(four.data[..12], four.data[12..]);
        assert_eq!(resized(&four, 2, 1), two);
    }

    #[test]
    fn pictures_keep_their_moment() {
        assert_eq!([0.0, 0.04, 1.0, -1.0].map(|seconds| slot(seconds, 30.0)), [0, 1, 30, 0]);
    }
}
