//! Cameras, through the operating system's own interface.

#[cfg(feature = "camera")]
mod decode;
#[cfg(feature = "camera")]
mod device;
mod mode;
#[cfg(feature = "camera")]
mod source;

pub use mode::{CameraDevice, PixelFormat, VideoMode};

use super::{CaptureError, FrameSource};

/// Every camera that the system knows, by number, with what it offers. Empty when there is none.
///
/// # Errors
/// [`CaptureError::NoCameraSupport`] in a build without cameras, [`CaptureError::System`] when the system does not answer.
pub fn list_cameras() -> Result<Vec<CameraDevice>, CaptureError> {
    #[cfg(feature = "camera")]
    return device::list();
    #[cfg(not(feature = "camera"))]
    Err(CaptureError::NoCameraSupport)
}

/// Opens the camera with this number, or the first that can be used.
pub(super) fn open(index: Option<u32>) -> Result<Box<dyn FrameSource>, CaptureError> {
    #[cfg(feature = "camera")]
    return Ok(Box::new(source::CameraSource::open(index)?));
    #[cfg(not(feature = "camera"))]
    {
        let _ = index;
        Err(CaptureError::NoCameraSupport)
    }
}
