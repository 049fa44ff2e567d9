//! Everything that yields frames: cameras, video files, pictures, folders of pictures, the bundled demo.
//!
//! A [`FrameSource`] hands out every frame it has, in order, as fast as it is asked; pace and loss are the business of
//! [`crate::pipeline::live`]. Architecture invariant: nothing here knows of inference, and no call waits for ever (a
//! camera that falls silent is an error after two seconds).

mod audio;
mod camera;
mod error;
pub(crate) mod ffmpeg;
mod image;
mod jpeg;
mod matter;
mod spec;
mod still;
mod video;

use std::path::{Path, PathBuf};

pub use audio::{AUDIO_RATE_HZ, AudioError, LONGEST_AUDIO_S, decode_audio};
pub use camera::{CameraDevice, PixelFormat, VideoMode, list_cameras};
pub use error::CaptureError;
pub use matter::SourceMatter;
pub use spec::SourceSpec;
pub use still::{JpegCare, PictureError, PictureLimits, decode_picture, picture_size};

use crate::frame::Frame;

/// What kind of thing the frames come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// A camera: frames come when they come, and never end.
    Camera,
    /// A video file: frames have the file's own times.
    Video,
    /// One picture.
    Image,
    /// A folder of pictures in natural order, as a clip with a nominal frame rate.
    Folder,
    /// A take: people who were tracked before, without their pictures.
    Take,
    /// Motion of an avatar's bones.
    Clip,
}

/// What is known about a source once it is open.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceInfo {
    /// For people: a camera's name, a file's name.
    pub name: String,
    /// Kind of source.
    pub kind: SourceKind,
    /// Pixels a row of the first frame, after the file's rotation.
    pub width: u32,
    /// Rows of the first frame, after the file's rotation.
    pub height: u32,
    /// Frames a second, nominal; `None` for a picture or where nobody says.
    pub fps: Option<f64>,
    /// How many frames there are, where the header says so; the true count can differ.
    pub frame_count: Option<u64>,
    /// Seconds, where known.
    pub duration_s: Option<f64>,
}

impl SourceInfo {
    /// Whether frames come on the world's clock, so that waiting loses them.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.kind == SourceKind::Camera
    }
}

/// Yields frames one after the other.
pub trait FrameSource: Send {
    /// What is known about the source.
    fn info(&self) -> &SourceInfo;

    /// Waits for the next frame; `None` after the last. Times rise from frame to frame within a source.
    ///
    /// # Errors
    /// [`CaptureError::Truncated`] once, after the last frame that could be decoded of a damaged video (then `None`);
    /// any other error ends the source.
    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError>;

    /// Frames that arrived but could not be decoded and were left out.
    fn skipped(&self) -> u64 {
        0
    }
}

/// Where the bundled demo clip lies.
#[must_use]
pub fn demo_path() -> PathBuf {
    crate::paths::shipped_folder("assets").join("demo").join("demo.mp4")
}

/// Opens a source. [`SourceSpec::Auto`] tries the cameras first and falls back to the demo.
///
/// # Errors
/// What is wrong with the file or device, see [`CaptureError`].
pub fn open(spec: &SourceSpec) -> Result<Box<dyn FrameSource>, CaptureError> {
    match spec {
        SourceSpec::Camera(index) => camera::open(*index),
        SourceSpec::Demo => open_path(&demo_path()),
        SourceSpec::Vmc(_) => Err(CaptureError::NoPictures { source_name: spec.to_string() }),
        SourceSpec::Path(path) if spec.read_matter().is_recorded() => {
            Err(CaptureError::Recorded { path: path.clone() })
        }
        SourceSpec::Path(path) => open_path(path),
        SourceSpec::Auto => match camera::open(None) {
            Ok(camera) => Ok(camera),
            Err(CaptureError::NoCamera | CaptureError::NoCameraSupport) => open_path(&demo_path()),
            Err(error) => {
                tracing::warn!("{error}; playing the demo instead");
                open_path(&demo_path())
            }
        },
    }
}

fn open_path(path: &Path) -> Result<Box<dyn FrameSource>, CaptureError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => CaptureError::NotFound { path: path.to_owned() },
        _ => CaptureError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Ok(Box::new(image::FolderSource::open(path)?));
    }
    if !metadata.is_file() {
        return Err(CaptureError::NotAFile { path: path.to_owned() });
    }
    if metadata.len() == 0 {
        return Err(CaptureError::EmptyFile { path: path.to_owned() });
    }
    if image::is_picture(path).map_err(unreadable)? {
        return Ok(Box::new(image::ImageSource::open(path)?));
    }
    Ok(Box::new(video::VideoSource::open(path)?))
}

/// The last part of a path, for people.
fn display_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(path: &Path) -> String {
        match open(&SourceSpec::Path(path.to_owned())) {
            Ok(source) => panic!("{} was opened: {:?}", path.display(), source.info()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn bad_files_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let missing = folder.path().join("missing.mp4");
        assert!(message(&missing).contains("missing.mp4: no such file"));
        let empty = folder.path().join("empty.mp4");
        std::fs::write(&empty, b"").expect("writes");
        assert!(message(&empty).contains("empty.mp4: the file is empty"));
        assert!(message(folder.path()).contains("no such") || message(folder.path()).contains("no pictures"));
    }

    #[test]
    fn a_picture_under_a_wrong_name_is_still_a_picture() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("picture.mp4");
        ::image::RgbImage::from_pixel(3, 2, ::image::Rgb([9, 8, 7]))
            .save_with_format(&path, ::image::ImageFormat::Png)
            .expect("writes");
        let mut source = open(&SourceSpec::Path(path)).expect("opens");
        assert_eq!((source.info().kind, source.info().width, source.info().height), (SourceKind::Image, 3, 2));
        let frame = source.next_frame().expect("decodes").expect("one frame");
        assert_eq!(frame.image.data, [9, 8, 7].repeat(6));
        assert!(source.next_frame().expect("ends").is_none());
    }
}
