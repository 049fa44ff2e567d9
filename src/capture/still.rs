//! One picture in memory, as a file or the network brought it.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use crate::frame::RgbImage;

/// Largest area that is accepted. Above it a small file can claim memory that brings the machine down.
pub(super) const MAX_MEGAPIXELS: u32 = 128;
/// Passes over the picture that a JPEG may be in; encoders make about ten. A small file of empty passes over a large
/// picture takes minutes to decode.
const MAX_SCANS: usize = 32;

/// Why a picture in memory cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is no picture, or a broken one.
    #[error("{reason}")]
    Bad {
        /// What the decoder said.
        reason: String,
    },
    /// Its header claims more than is accepted.
    #[error("{width}x{height} pixels are more than the limit of {max_side} a side; scale it down")]
    TooLarge {
        /// What its header claims.
        width: u32,
        /// What its header claims.
        height: u32,
        /// The longest side that is accepted.
        max_side: u32,
    },
}

/// How [`decode_picture`] decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Longest side that is accepted, pixels.
    pub max_side: u32,
    /// What is done with JPEG files.
    pub jpeg: JpegCare,
}

/// How JPEG files are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JpegCare {
    /// As nearly all other programs do, and those that are not whole as far as they go.
    Lenient,
    /// As nearly all other programs do; those that are not whole are refused.
    Whole,
    /// In half the time, with pixels that differ by a few grey levels; those that are not whole are refused.
    Quick,
}

/// Width and height as the header claims them, before they are turned upright.
///
/// # Errors
/// [`PictureError::Bad`] for what is no picture, [`PictureError::TooLarge`] for what is longer than `max_side`.
pub fn picture_size(bytes: &[u8], max_side: u32) -> Result<(u32, u32), PictureError> {
    let (width, height) = reader(bytes)?.into_dimensions().map_err(bad)?;
    check(width, height, max_side)
}

/// Decodes a picture, turned upright as its EXIF says. Its size is checked before a pixel is decoded.
///
/// # Errors
/// As [`picture_size`].
pub fn decode_picture(bytes: &[u8], limits: PictureLimits) -> Result<RgbImage, PictureError> {
    let reader = reader(bytes)?;
    let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
    let mut decoder = reader.into_decoder().map_err(bad)?;
    let (width, height) = decoder.dimensions();
    check(width, height, limits.max_side)?;
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    if is_jpeg && scans(bytes) > MAX_SCANS {
        return Err(bad("the JPEG is in more passes than any encoder makes"));
    }
    let jpeg = match limits.jpeg {
        _ if !is_jpeg => None,
        JpegCare::Lenient => super::jpeg::decode(bytes),
        _ if !has_end(bytes) => None,
        JpegCare::Whole => super::jpeg::decode(bytes),
        JpegCare::Quick => super::jpeg::decode_quickly(bytes, true).ok().or_else(|| super::jpeg::decode(bytes)),
    };
    match jpeg {
        Some(picture) if orientation == image::metadata::Orientation::NoTransforms => return Ok(picture),
        None if is_jpeg && limits.jpeg != JpegCare::Lenient => {
            return Err(bad("the JPEG is damaged or cut off, or is not in greys or colours of a screen"));
        }
        _ => {}
    }
    let turn = |mut picture: RgbImage| {
        image::RgbImage::from_raw(picture.width, picture.height, std::mem::take(&mut picture.data))
            .map(DynamicImage::ImageRgb8)
    };
    let mut picture = match jpeg.and_then(turn) {
        Some(picture) => picture,
        None => DynamicImage::from_decoder(decoder).map_err(bad)?,
    };
    picture.apply_orientation(orientation);
    let rgb = picture.into_rgb8();
    RgbImage::new(rgb.width(), rgb.height(), rgb.into_raw()).ok_or_else(|| bad("it has no pixels"))
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, PictureError> {
    ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(bad)
}

/// Whether a JPEG's end follows its pixels: the decoder fills up with grey what is missing of one that was cut off.
fn has_end(bytes: &[u8]) -> bool {
    let last = |marker: u8| bytes.windows(2).rposition(|pair| pair == [0xff, marker]);
    // Within pixels 0xff is always followed by something else.
    matches!((last(0xda), last(0xd9)), (Some(scan), Some(end)) if end > scan)
}

/// Passes over the picture, those of a thumbnail too. Within pixels 0xff is never followed by what begins one.
fn scans(bytes: &[u8]) -> usize {
    bytes.windows(2).filter(|pair| *pair == [0xff, 0xda]).count()
}

fn check(width: u32, height: u32, max_side: u32) -> Result<(u32, u32), PictureError> {
    let megapixels = u64::from(width) * u64::from(height) / 1_000_000;
    if width.max(height) > max_side || megapixels > u64::from(MAX_MEGAPIXELS) {
        return Err(PictureError::TooLarge { width, height, max_side });
    }
    Ok((width, height))
}

fn bad(reason: impl ToString) -> PictureError {
    PictureError::Bad { reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: PictureLimits = PictureLimits { max_side: 4096, jpeg: JpegCare::Whole };

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]))
            .write_to(&mut Cursor::new(&mut file), ImageFormat::Jpeg)
            .expect("encodes");
        file
    }

    #[test]
    fn the_header_decides_before_a_pixel_is_decoded() {
        assert_eq!(picture_size(&jpeg(40, 30), 4096), Ok((40, 30)));
        let too_large = PictureError::TooLarge { width: 40, height: 30, max_side: 39 };
        assert_eq!(picture_size(&jpeg(40, 30), 39), Err(too_large.clone()));
        assert_eq!(
            decode_picture(&jpeg(40, 30), PictureLimits { max_side: 39, jpeg: JpegCare::Lenient }),
            Err(too_large)
        );
    }

    #[test]
    fn a_file_that_was_cut_off_is_refused_where_whole_ones_are_asked_for() {
        let whole = jpeg(200, 200);
        let cut = &whole[..whole.len() / 2];
        for jpeg in [JpegCare::Whole, JpegCare::Quick] {
            let limits = PictureLimits { jpeg, ..STRICT };
            assert_eq!(decode_picture(&whole, limits).map(|picture| (picture.width, picture.height)), Ok((200, 200)));
            assert!(matches!(decode_picture(cut, limits), Err(PictureError::Bad { .. })), "{jpeg:?}");
        }
        assert!(decode_picture(cut, PictureLimits { jpeg: JpegCare::Lenient, ..STRICT }).is_ok());
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"text", &[0xff; 64], &[0xff, 0xd8, 0xff]] {
            assert!(matches!(decode_picture(bytes, STRICT), Err(PictureError::Bad { .. })), "{bytes:?}");
            assert!(matches!(picture_size(bytes, 4096), Err(PictureError::Bad { .. })), "{bytes:?}");
        }
    }
}
