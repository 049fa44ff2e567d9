//! JPEG: stills decoded to the same bytes as libjpeg-turbo, which nearly all other programs read pictures with; frames of
//! a stream decoded in half that time.
//!
//! Decoders may differ by a few grey levels, and that is enough to bring one more of the person detector's boxes over
//! its threshold: the region moves by a fraction of a pixel and with it all landmarks. Results on a still are only
//! comparable where the pixels are the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::frame::RgbImage;

/// Larger pictures are not decoded as frames: 64 megapixels in three colours.
const MAX_BYTES: usize = 64_000_000 * 3;

/// The picture without regard to its orientation, or `None` when it cannot be decoded whole.
/// The caller has checked the size that the header claims.
pub(super) fn decode(bytes: &[u8]) -> Option<RgbImage> {
    // libjpeg leaves a fatal error by unwinding; no panic is reported for it.
    catch_unwind(AssertUnwindSafe(|| {
        let mut decoder = mozjpeg::Decompress::new_mem(bytes)?.rgb()?;
        let (width, height) = (decoder.width() as u32, decoder.height() as u32);
        let pixels: Vec<[u8; 3]> = decoder.read_scanlines()?;
        decoder.finish()?;
        Ok::<_, std::io::Error>(RgbImage::new(width, height, pixels.into_flattened()))
    }))
    .ok()?
    .ok()?
}

/// A frame of a stream. Lenient, bytes that are missing become grey blocks.
///
/// # Errors
/// What is wrong with the bytes.
pub(super) fn decode_quickly(bytes: &[u8], strict: bool) -> Result<RgbImage, String> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB).set_strict_mode(strict);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| error.to_string())?;
    let info = decoder.info().ok_or("no header")?;
    let length = decoder.output_buffer_size().filter(|length| *length <= MAX_BYTES).ok_or("an impossible size")?;
    let mut data = RgbImage::buffer(length);
    decoder.decode_into(&mut data).map_err(|error| error.to_string())?;
    RgbImage::new(u32::from(info.width), u32::from(info.height), data).ok_or_else(|| "not three channels".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_picture_keeps_its_size_and_colour() {
        let mut file = Vec::new();
        image::RgbImage::from_pixel(24, 16, image::Rgb([200, 40, 90]))
            .write_to(&mut std::io::Cursor::new(&mut file), image::ImageFormat::Jpeg)
            .expect("encodes");
        let picture = decode(&file).expect("decodes");
        assert_eq!((picture.width, picture.height), (24, 16));
        let near = picture.data.chunks(3).all(|p| p.iter().zip([200_u8, 40, 90]).all(|(a, b)| a.abs_diff(b) <= 6));
        assert!(near, "the colour changed: {:?}", &picture.data[..3]);
    }

    #[test]
    fn what_is_no_picture_is_none() {
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"\xff\xd8\xff\xe0 and then nothing of the kind"), None);
    }
}
