//! What a camera offers, and which of it is taken.

use std::fmt;

use super::CaptureError;

/// How a camera packs its pixels. In order of preference: the cheaper to decode, the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PixelFormat {
    /// Luma, then interleaved chroma at a quarter of the pixels.
    Nv12,
    /// Luma and chroma interleaved, two pixels in four bytes.
    Yuyv,
    /// A JPEG picture each.
    Mjpeg,
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
    /// Luma alone.
    Gray,
}

impl fmt::Display for PixelFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Nv12 => "NV12",
            Self::Yuyv => "YUYV",
            Self::Mjpeg => "MJPG",
            Self::Rgb => "RGB3",
            Self::Bgr => "BGR3",
            Self::Gray => "GRAY",
        })
    }
}

/// One way in which a camera can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VideoMode {
    /// Packing of the pixels.
    pub format: PixelFormat,
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second.
    pub fps: u32,
}

impl fmt::Display for VideoMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}x{} at {} fps", self.format, self.width, self.height, self.fps)
    }
}

/// A camera that the system knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraDevice {
    /// The number to choose it by.
    pub index: u32,
    /// What its maker calls it.
    pub name: String,
    /// What it can be run as, or why that cannot be said.
    pub modes: Result<Vec<VideoMode>, CaptureError>,
}

const MIN_SIDES: (u32, u32) = (640, 480);
const MAX_SIDES: (u32, u32) = (1280, 720);
const MIN_FPS: u32 = 30;

/// The mode nearest to what tracking wants: 640x480 to 1280x720 at 30 frames a second or more, and among equals the one
/// that costs least. `None` when there is none at all.
#[cfg_attr(not(any(feature = "camera", test)), expect(dead_code, reason = "only cameras are chosen a mode for"))]
pub(super) fn choose(modes: &[VideoMode]) -> Option<VideoMode> {
    let usable = modes.iter().filter(|mode| mode.width > 0 && mode.height > 0 && mode.fps > 0);
    usable.copied().min_by(|a, b| {
        (distance(a).total_cmp(&distance(b)))
            .then(u64::from(a.width * a.height).cmp(&u64::from(b.width * b.height)))
            .then(a.fps.cmp(&b.fps))
            .then(a.format.cmp(&b.format))
    })
}

/// How far a mode misses the wish, in halvings or doublings of a side or of the rate. Zero when it meets it.
fn distance(mode: &VideoMode) -> f32 {
    let below = |value: u32, least: u32| (least as f32 / value as f32).log2().max(0.0);
    let above = |value: u32, most: u32| (value as f32 / most as f32).log2().max(0.0);
    let width = below(mode.width, MIN_SIDES.0) + above(mode.width, MAX_SIDES.0);
    let height = below(mode.height, MIN_SIDES.1) + above(mode.height, MAX_SIDES.1);
    // Grey pictures are tracked worse than any small or slow one in colour.
    let colour = if mode.format == PixelFormat::Gray { 4.0 } else { 0.0 };
    width.max(height) + below(mode.fps, MIN_FPS) + colour
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(format: PixelFormat, width: u32, height: u32, fps: u32) -> VideoMode {
        VideoMode { format, width, height, fps }
    }

    #[test]
    fn a_usual_webcam_is_run_at_640_by_480_uncompressed() {
        let modes = [
            mode(PixelFormat::Mjpeg, 1920, 1080, 30),
            mode(PixelFormat::Mjpeg, 1280, 720, 30),
            mode(PixelFormat::Mjpeg, 640, 480, 30),
            mode(PixelFormat::Yuyv, 1280, 720, 10),
            mode(PixelFormat::Yuyv, 640, 480, 30),
            mode(PixelFormat::Yuyv, 320, 240, 30),
        ];
        assert_eq!(choose(&modes), Some(modes[4]));
        assert_eq!(choose(&modes[..4]), Some(modes[2]), "without it, compressed");
    }

    #[test]
    fn the_nearest_is_taken_where_nothing_fits() {
        let large = [mode(PixelFormat::Mjpeg, 3840, 2160, 30), mode(PixelFormat::Mjpeg, 1920, 1080, 30)];
        assert_eq!(choose(&large), Some(large[1]));
        let slow = [mode(PixelFormat::Yuyv, 640, 480, 5), mode(PixelFormat::Yuyv, 320, 240, 30)];
        assert_eq!(choose(&slow), Some(slow[1]));
        let grey = [mode(PixelFormat::Gray, 640, 480, 30), mode(PixelFormat::Yuyv, 640, 480, 15)];
        assert_eq!(choose(&grey), Some(grey[1]));
        assert_eq!(choose(&grey[..1]), Some(grey[0]), "better than nothing");
        assert_eq!(choose(&[]), None);
        assert_eq!(choose(&[mode(PixelFormat::Nv12, 0, 0, 30)]), None);
    }
}
