//! What nokhwa knows of the machine's cameras, and its errors in our words.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use nokhwa::utils::{ApiBackend, CameraFormat, CameraIndex, FrameFormat, RequestedFormat, RequestedFormatType};
use nokhwa::{Camera, NokhwaError};

use super::mode::{CameraDevice, PixelFormat, VideoMode, choose};
use crate::capture::CaptureError;

/// How long the user may take to answer the system's question whether cameras may be used.
const PERMISSION_WITHIN: Duration = Duration::from_mins(1);
const FORMATS: [FrameFormat; 6] = [
    FrameFormat::NV12,
    FrameFormat::YUYV,
    FrameFormat::MJPEG,
    FrameFormat::RAWRGB,
    FrameFormat::RAWBGR,
    FrameFormat::GRAY,
];

/// Numbers and names of all cameras, by number.
pub(super) fn names() -> Result<Vec<(u32, String)>, CaptureError> {
    ask_permission()?;
    let failed = |reason: String| CaptureError::System { what: "the search for cameras".to_owned(), reason };
    // It reads device names as numbers and panics on strange ones.
    let infos = catch_unwind(|| nokhwa::query(ApiBackend::Auto))
        .map_err(|_| failed("a device with a strange name".to_owned()))?
        .map_err(|error| failed(error.to_string()))?;
    let mut names: Vec<_> =
        infos.iter().filter_map(|info| Some((info.index().as_index().ok()?, info.human_name()))).collect();
    names.sort();
    names.dedup_by_key(|(index, _)| *index);
    Ok(names)
}

pub(super) fn list() -> Result<Vec<CameraDevice>, CaptureError> {
    let describe = |(index, name)| CameraDevice { index, name, modes: modes(index) };
    Ok(names()?.into_iter().map(describe).collect())
}

fn modes(index: u32) -> Result<Vec<VideoMode>, CaptureError> {
    let mut camera = open_any(index)?;
    let formats = camera.compatible_camera_formats();
    close(camera);
    let mut modes: Vec<_> = formats.map_err(|error| translate(index, &error))?.iter().map(mode).collect();
    modes.sort_by_key(|mode| (mode.format, mode.width, mode.height, mode.fps));
    modes.dedup();
    Ok(modes)
}

/// Opens a camera in the mode that suits tracking best, with its stream running. Returns it with its name and the mode.
pub(super) fn open(index: u32) -> Result<(Camera, String, VideoMode), CaptureError> {
    let mut camera = open_any(index)?;
    let opened = start(index, &mut camera);
    match opened {
        Ok(mode) => {
            let name = camera.info().human_name();
            Ok((camera, name, mode))
        }
        Err(error) => {
            close(camera);
            Err(error)
        }
    }
}

fn start(index: u32, camera: &mut Camera) -> Result<VideoMode, CaptureError> {
    let formats = camera.compatible_camera_formats().map_err(|error| translate(index, &error))?;
    let modes: Vec<_> = formats.iter().map(mode).collect();
    let nothing = || CaptureError::CameraFormat { index, offered: "nothing".to_owned() };
    let chosen = choose(&modes).ok_or_else(nothing)?;
    let format = formats.into_iter().find(|format| mode(format) == chosen).ok_or_else(nothing)?;
    if camera.camera_format() != format {
        // Asked for by its exact name: the vaguer requests can pick what nobody can decode.
        let request = RequestedFormatType::Exact(format);
        camera
            .set_camera_requset(RequestedFormat::with_formats(request, &FORMATS))
            .map_err(|error| translate(index, &error))?;
    }
    camera.open_stream().map_err(|error| translate(index, &error))?;
    Ok(mode(&camera.camera_format()))
}

/// Opens a camera in whichever mode, to ask it what it offers.
fn open_any(index: u32) -> Result<Camera, CaptureError> {
    let request = RequestedFormat::with_formats(RequestedFormatType::None, &FORMATS);
    Camera::new(CameraIndex::Index(index), request).map_err(|error| translate(index, &error))
}

/// Drops a camera. nokhwa's own drop panics when the device refuses to stop, which is no reason for us to stop.
pub(super) fn close(camera: Camera) {
    if catch_unwind(AssertUnwindSafe(|| drop(camera))).is_err() {
        tracing::debug!("the camera did not close cleanly");
    }
}

fn mode(format: &CameraFormat) -> VideoMode {
    let packing = match format.format() {
        FrameFormat::NV12 => PixelFormat::Nv12,
        FrameFormat::YUYV => PixelFormat::Yuyv,
        FrameFormat::MJPEG => PixelFormat::Mjpeg,
        FrameFormat::RAWRGB => PixelFormat::Rgb,
        FrameFormat::RAWBGR => PixelFormat::Bgr,
        FrameFormat::GRAY => PixelFormat::Gray,
    };
    VideoMode { format: packing, width: format.width(), height: format.height(), fps: format.frame_rate() }
}

/// nokhwa passes the system's reason on as text, so it has to be read back out of it.
fn translate(index: u32, error: &NokhwaError) -> CaptureError {
    let reason = error.to_string();
    let lower = reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["os error 16)", "busy", "in use", "0xc00d3704"]) {
        CaptureError::CameraBusy { index }
    } else if says(&["os error 13)", "os error 1)", "denied", "not permitted", "not authorized", "0x80070005"]) {
        CaptureError::CameraDenied { index }
    } else if says(&["os error 2)", "os error 19)", "os error 6)", "not found"]) {
        CaptureError::NoSuchCamera { index }
    } else if says(&["fufill", "os error 22)", "os error 25)"]) {
        // Nothing to choose from, or not a device that films: the second node of many webcams carries data only.
        CaptureError::CameraFormat { index, offered: "no video".to_owned() }
    } else {
        CaptureError::CameraFailed { index, reason }
    }
}

/// macOS asks the user once; elsewhere this returns at once.
fn ask_permission() -> Result<(), CaptureError> {
    if nokhwa::nokhwa_check() {
        return Ok(());
    }
    let (sender, answer) = crossbeam_channel::bounded(1);
    nokhwa::nokhwa_initialize(move |granted| {
        let _ = sender.try_send(granted);
    });
    match answer.recv_timeout(PERMISSION_WITHIN) {
        Ok(true) => Ok(()),
        _ => Err(CaptureError::CameraDenied { index: 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_reasons_are_told_apart() {
        let open =
            |reason: &str| translate(3, &NokhwaError::OpenDeviceError("3".to_owned(), format!("V4L2 Error: {reason}")));
        assert_eq!(open("Device or resource busy (os error 16)"), CaptureError::CameraBusy { index: 3 });
        assert_eq!(open("Permission denied (os error 13)"), CaptureError::CameraDenied { index: 3 });
        assert_eq!(open("No such file or directory (os error 2)"), CaptureError::NoSuchCamera { index: 3 });
        assert_eq!(open("No such device (os error 19)"), CaptureError::NoSuchCamera { index: 3 });
        assert!(matches!(open("Invalid argument (os error 22)"), CaptureError::CameraFormat { index: 3, .. }));
        assert!(matches!(open("Input/output error (os error 5)"), CaptureError::CameraFailed { index: 3, .. }));
    }
}
