//! JPEG stills, decoded to the same bytes as libjpeg-turbo, which nearly all other programs read pictures with.
//!
//! Decoders may differ by a few grey levels, and that is enough to bring one more of the person detector's boxes over
//! its threshold: the region moves by a fraction of a pixel and with it all landmarks. Results on a still are only
//! comparable where the pixels are the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::frame::RgbImage;

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
