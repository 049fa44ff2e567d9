//! Pictures: a single one, or a folder of them as a clip.

use std::cmp::Ordering;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::still::{JpegCare, MAX_MEGAPIXELS, PictureError, PictureLimits, decode_picture};
use super::{CaptureError, FrameSource, SourceInfo, SourceKind, display_name};
use crate::files::FileKind;
use crate::frame::{Frame, RgbImage};

/// Longest side that is accepted, in pixels.
const MAX_SIDE: u32 = 16_384;
/// Frames a second at which a folder is played: pictures have no times of their own.
const FOLDER_FPS: f64 = 30.0;

/// Whether the file is a picture that this module reads: by its first bytes, else by its name.
pub(super) fn is_picture(path: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(32).read_to_end(&mut head)?;
    let known = image::guess_format(&head).is_ok_and(|format| format.reading_enabled());
    Ok(known || FileKind::Picture.has_name(path))
}

/// Decodes a picture, turned upright as its EXIF says. Its size is checked before a pixel is decoded.
fn decode(path: &Path) -> Result<RgbImage, CaptureError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CaptureError::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
    let limits = PictureLimits { max_side: MAX_SIDE, jpeg: JpegCare::Lenient };
    decode_picture(&bytes, limits).map_err(|error| match error {
        PictureError::Bad { reason } => CaptureError::BadImage { path: path.to_owned(), reason },
        PictureError::TooLarge { width, height, max_side } => CaptureError::ImageTooLarge {
            path: path.to_owned(),
            width,
            height,
            max_side,
            max_megapixels: MAX_MEGAPIXELS,
        },
    })
}

fn decode_frame(path: &Path, frame_id: u64, time_s: f64) -> Result<Frame, CaptureError> {
    let start = Instant::now();
    let image = decode(path)?;
    let decode_ms = start.elapsed().as_secs_f32() * 1e3;
    Ok(Frame { decode_ms, ..Frame::new(frame_id, Instant::now(), time_s, image) })
}

/// One picture: one frame.
pub(super) struct ImageSource {
    info: SourceInfo,
    frame: Option<Frame>,
}

impl ImageSource {
    pub(super) fn open(path: &Path) -> Result<Self, CaptureError> {
        let frame = decode_frame(path, 0, 0.0)?;
        let info = SourceInfo {
            name: display_name(path),
            kind: SourceKind::Image,
            width: frame.image.width,
            height: frame.image.height,
            fps: None,
            frame_count: Some(1),
            duration_s: None,
        };
        Ok(Self { info, frame: Some(frame) })
    }
}

impl FrameSource for ImageSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        Ok(self.frame.take().map(|frame| Frame { captured_at: Instant::now(), ..frame }))
    }
}

/// A folder's pictures in natural order.
pub(super) struct FolderSource {
    info: SourceInfo,
    paths: Vec<PathBuf>,
    next: usize,
}

impl FolderSource {
    pub(super) fn open(path: &Path) -> Result<Self, CaptureError> {
        let unreadable =
            |error: std::io::Error| CaptureError::Unreadable { path: path.to_owned(), reason: error.to_string() };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            let hidden = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if FileKind::Picture.has_name(&file) && !hidden && file.is_file() {
                paths.push(file);
            }
        }
        paths.sort_by(|a, b| natural_order(&display_name(a), &display_name(b)));
        let Some(first) = paths.first() else {
            return Err(CaptureError::EmptyFolder { path: path.to_owned() });
        };
        let RgbImage { width, height, .. } = decode(first)?;
        let info = SourceInfo {
            name: display_name(path),
            kind: SourceKind::Folder,
            width,
            height,
            fps: Some(FOLDER_FPS),
            frame_count: Some(paths.len() as u64),
            duration_s: Some(paths.len() as f64 / FOLDER_FPS),
        };
        Ok(Self { info, paths, next: 0 })
    }
}

impl FrameSource for FolderSource {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, CaptureError> {
        let Some(path) = self.paths.get(self.next) else {
            return Ok(None);
        };
        let frame = decode_frame(path, self.next as u64, self.next as f64 / FOLDER_FPS)?;
        self.next += 1;
        Ok(Some(frame))
    }
}

/// Compares names as people do: runs of digits by their value, so that `frame10` comes after `frame9`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    loop {
        let (run_a, run_b) = (digits(rest_a), digits(rest_b));
        if !run_a.is_empty() && !run_b.is_empty() {
            let (value_a, value_b) = (run_a.trim_start_matches('0'), run_b.trim_start_matches('0'));
            match value_a.len().cmp(&value_b.len()).then_with(|| value_a.cmp(value_b)) {
                Ordering::Equal => (rest_a, rest_b) = (&rest_a[run_a.len()..], &rest_b[run_b.len()..]),
                order => return order,
            }
            continue;
        }
        match (rest_a.chars().next(), rest_b.chars().next()) {
            (Some(x), Some(y)) if x == y => (rest_a, rest_b) = (&rest_a[x.len_utf8()..], &rest_b[y.len_utf8()..]),
            (Some(x), Some(y)) => return x.cmp(&y),
            // Equal but for leading zeros: any fixed order will do.
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
        }
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn save(path: &Path, width: u32, value: u8) {
        image::RgbImage::from_pixel(width, 2, image::Rgb([value; 3])).save(path).expect("writes");
    }

    #[test]
    fn a_folder_is_played_in_natural_order() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for number in [10_u8, 9, 2, 1, 100] {
            save(&folder.path().join(format!("frame{number}.png")), 4, number);
        }
        std::fs::write(folder.path().join("notes.txt"), "not a picture").expect("writes");
        let mut source = FolderSource::open(folder.path()).expect("opens");
        assert_eq!(source.info().frame_count, Some(5));
        let (mut values, mut times) = (Vec::new(), Vec::new());
        while let Some(frame) = source.next_frame().expect("decodes") {
            assert_eq!(frame.frame_id, values.len() as u64);
            values.push(frame.image.data[0]);
            times.push(frame.time_s);
        }
        assert_eq!(values, [1, 2, 9, 10, 100]);
        assert!((times[4] - 4.0 / 30.0).abs() < 1e-12);
    }

    #[test]
    fn a_folder_without_pictures_says_so() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("notes.txt"), "not a picture").expect("writes");
        let error = FolderSource::open(folder.path()).err().expect("refused");
        assert!(matches!(error, CaptureError::EmptyFolder { .. }), "{error}");
    }

    #[test]
    fn one_pixel_is_a_picture() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("dot.png");
        image::RgbImage::from_pixel(1, 1, image::Rgb([1, 2, 3])).save(&path).expect("writes");
        assert_eq!(decode(&path).expect("decodes").data, [1, 2, 3]);
    }

    #[test]
    fn a_header_that_claims_everything_is_refused_before_decoding() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Start of image, then a frame header: 65535 x 65535, three components. No pixel data at all.
        let bytes = [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11];
        let path = folder.path().join("bomb.jpg");
        std::fs::write(&path, bytes).expect("writes");
        let message = decode(&path).expect_err("refused").to_string();
        assert!(message.contains("bomb.jpg"), "{message}");

        // A picture that is truly that wide, in a format without limits of its own.
        let wide = folder.path().join("wide.png");
        save(&wide, MAX_SIDE + 1, 0);
        let error = decode(&wide).expect_err("refused");
        assert!(matches!(error, CaptureError::ImageTooLarge { width: 16_385, height: 2, .. }), "{error}");
    }

    #[test]
    fn text_named_like_a_picture_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("text.jpg");
        std::fs::write(&path, "I am no picture, whatever my name says.").expect("writes");
        assert!(is_picture(&path).expect("reads"));
        assert!(matches!(decode(&path), Err(CaptureError::BadImage { .. })));
    }

    #[test]
    fn exif_turns_the_picture_upright() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (plain, turned) = (folder.path().join("plain.jpg"), folder.path().join("turned.jpg"));
        image::RgbImage::from_fn(32, 16, |x, _| image::Rgb([if x < 16 { 255 } else { 0 }; 3]))
            .save(&plain)
            .expect("writes");
        // An EXIF block with one entry, orientation 6: to be turned a quarter clockwise.
        let mut exif = b"\xFF\xE1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0".to_vec();
        exif.extend([0; 4]);
        let bytes = std::fs::read(&plain).expect("reads");
        std::fs::write(&turned, [&bytes[..2], &exif, &bytes[2..]].concat()).expect("writes");
        let picture = decode(&turned).expect("decodes");
        assert_eq!((picture.width, picture.height), (16, 32));
        assert!(picture.data[0] > 200 && picture.data[picture.data.len() - 1] < 50, "bright above, dark below");
    }

    proptest! {
        #[test]
        fn natural_order_is_an_order(names in proptest::collection::vec("[a-c0-9é]{0,6}", 0..12)) {
            let mut sorted = names;
            sorted.sort_by(|a, b| natural_order(a, b));
            for (i, a) in sorted.iter().enumerate() {
                for b in &sorted[i..] {
                    prop_assert!(natural_order(a, b) != Ordering::Greater);
                    prop_assert_eq!(natural_order(a, b), natural_order(b, a).reverse());
                }
            }
        }
    }
}
