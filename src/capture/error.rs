//! Why frames could not be had, and what to do about it.

use std::path::PathBuf;

/// Why a source could not be opened or read. Every message names the file or device, what is wrong, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The camera's number in the source is not a number.
    #[error("'{text}' names no camera: write camera or camera:N with N from `livedance devices`")]
    BadCameraNumber {
        /// What was written after `camera:`.
        text: String,
    },
    /// What was written after `vmc:` is no address.
    #[error("'{text}' names no place to listen ({reason}): write vmc, vmc:PORT or vmc:HOST:PORT")]
    BadVmcAddress {
        /// As written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A source of poses was asked for pictures.
    #[error(
        "{source_name} gives poses and no pictures: only `livedance run` can use it; name a camera, a video or a picture"
    )]
    NoPictures {
        /// As written.
        source_name: String,
    },
    /// A take, or motion of bones.
    #[error(
        "{path}: recorded motion has no pictures; `livedance run` and `livedance render` play it, name a camera, a video or \
         a picture here"
    )]
    Recorded {
        /// As given.
        path: PathBuf,
    },
    /// There is nothing at the path.
    #[error("{path}: no such file or folder; check the spelling")]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// The system refused to read the file.
    #[error("{path}: cannot be read ({reason}); check its permissions")]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Zero bytes.
    #[error("{path}: the file is empty; copy or download it again")]
    EmptyFile {
        /// As given.
        path: PathBuf,
    },
    /// A pipe, a socket or a device node.
    #[error("{path}: neither a file nor a folder; for a camera write camera or camera:N")]
    NotAFile {
        /// As given.
        path: PathBuf,
    },
    /// A folder without a single picture.
    #[error("{path}: no pictures in this folder; expected .jpg, .png, .bmp or .webp files")]
    EmptyFolder {
        /// As given.
        path: PathBuf,
    },
    /// A picture's bytes do not make a picture.
    #[error("{path}: not a picture that can be decoded ({reason}); open it in a picture viewer and save it anew")]
    BadImage {
        /// The picture.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// A picture claims more pixels than anybody films.
    #[error(
        "{path}: {width}x{height} pixels are more than the limit of {max_side} a side and {max_megapixels} megapixels; \
         scale it down"
    )]
    ImageTooLarge {
        /// The picture.
        path: PathBuf,
        /// What its header claims.
        width: u32,
        /// What its header claims.
        height: u32,
        /// The longest side that is accepted.
        max_side: u32,
        /// The largest area that is accepted.
        max_megapixels: u32,
    },
    /// The file holds no video stream.
    #[error("{path}: not a video that can be decoded ({reason}); play it in a video player or convert it to MP4")]
    BadVideo {
        /// The file.
        path: PathBuf,
        /// What ffprobe or ffmpeg said.
        reason: String,
    },
    /// A video ended before its header says it should: cut off or damaged. Everything that decodes was delivered before,
    /// so callers report this as a warning.
    #[error(
        "{path}: cut off or damaged: {delivered} frames decoded{} ({reason}); copy the file again to get the rest",
        .expected.map_or_else(String::new, |count| format!(" of {count}"))
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Frames that were handed out.
        delivered: u64,
        /// Frames that the file's header promises, when it does.
        expected: Option<u64>,
        /// What ffmpeg said.
        reason: String,
    },
    /// The programs that read and write videos are missing.
    #[error(
        "the program {program} was not found, which reads and writes videos: install it ({}), or set LIVEDANCE_FFMPEG to its folder",
        install_hint()
    )]
    NoFfmpeg {
        /// `ffmpeg` or `ffprobe`.
        program: String,
    },
    /// ffmpeg is there but does not run.
    #[error("{program} cannot be run ({reason}); reinstall it, or set LIVEDANCE_FFMPEG to another one's folder")]
    FfmpegFailed {
        /// The program as it was called.
        program: String,
        /// What happened.
        reason: String,
    },
    /// Built without camera support.
    #[error("this build has no camera support: build with `--features camera`, or use a video file or demo")]
    NoCameraSupport,
    /// The system knows no camera.
    #[error("no camera found: connect one and look at `livedance devices`, or use a video file or demo")]
    NoCamera,
    /// There are cameras, but not this one.
    #[error("camera {index} was not found: connect it, or choose one from `livedance devices`")]
    NoSuchCamera {
        /// As asked for.
        index: u32,
    },
    /// Another program holds the camera.
    #[error("camera {index} is in use by another program: close that program, or choose another camera")]
    CameraBusy {
        /// The camera's number.
        index: u32,
    },
    /// The user may not use the camera.
    #[error("camera {index} may not be used by you: {}", permission_hint())]
    CameraDenied {
        /// The camera's number.
        index: u32,
    },
    /// The camera offers no format that can be decoded.
    #[error("camera {index} offers no usable format ({offered}); MJPG, YUYV, NV12, GRAY, RGB3 or BGR3 is needed")]
    CameraFormat {
        /// The camera's number.
        index: u32,
        /// What it offers.
        offered: String,
    },
    /// The camera failed while it was opened.
    #[error("camera {index} cannot be opened ({reason}); unplug it and plug it in again")]
    CameraFailed {
        /// The camera's number.
        index: u32,
        /// What the system said.
        reason: String,
    },
    /// The camera stopped delivering.
    #[error("camera {index} was lost ({reason}): plug it in again")]
    CameraLost {
        /// The camera's number.
        index: u32,
        /// What the system said.
        reason: String,
    },
    /// A thread or a process could not be started.
    #[error("{what} could not be started ({reason}); close other programs and try again")]
    System {
        /// What was to be started.
        what: String,
        /// What the system said.
        reason: String,
    },
}

impl CaptureError {
    /// Whether everything that could be had was delivered before, so that work may go on with it.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::Truncated { .. })
    }

    /// Whether the same source may come by itself: a camera that is unplugged or in use now.
    #[must_use]
    pub fn may_recover(&self) -> bool {
        matches!(
            self,
            Self::NoCamera
                | Self::NoSuchCamera { .. }
                | Self::CameraBusy { .. }
                | Self::CameraDenied { .. }
                | Self::CameraFailed { .. }
                | Self::CameraLost { .. }
        )
    }
}

fn install_hint() -> &'static str {
    match std::env::consts::OS {
        "linux" => "sudo apt install ffmpeg, sudo dnf install ffmpeg-free or sudo pacman -S ffmpeg",
        "macos" => "brew install ffmpeg",
        "windows" => "winget install ffmpeg",
        _ => "see https://ffmpeg.org/download.html",
    }
}

fn permission_hint() -> &'static str {
    match std::env::consts::OS {
        "linux" => "add yourself to the group video with `sudo usermod -aG video $USER`, log out and in again",
        "macos" => "allow it under System Settings, Privacy & Security, Camera",
        "windows" => "allow it under Settings, Privacy & security, Camera",
        _ => "allow camera access in the system's settings",
    }
}
