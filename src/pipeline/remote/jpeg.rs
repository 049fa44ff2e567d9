//! Pictures as JPEG files, for the way to a server.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::RemoteError;
use crate::frame::RgbImage;

/// The picture as a JPEG file of this quality, 1 to 100.
///
/// # Errors
/// [`RemoteError::Encode`] for a picture larger than the format knows.
pub(super) fn encode(image: &RgbImage, quality: u8) -> Result<Vec<u8>, RemoteError> {
    let failed = |reason: String| RemoteError::Encode { width: image.width, height: image.height, reason };
    if image.width > u32::from(u16::MAX) - 35 || image.height > u32::from(u16::MAX) - 35 {
        return Err(failed("sides are at most 65500 pixels".to_owned()));
    }
    // libjpeg leaves a fatal error by unwinding; no panic is reported for it.
    let done = catch_unwind(AssertUnwindSafe(|| {
        let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        encoder.set_fastest_defaults();
        encoder.set_size(image.width as usize, image.height as usize);
        encoder.set_quality(f32::from(quality));
        let mut started = encoder.start_compress(Vec::with_capacity(image.data.len() / 12))?;
        started.write_scanlines(&image.data)?;
        started.finish()
    }));
    match done {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed("the encoder gave up".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_as_it_was() {
        let mut picture = RgbImage::new(64, 48, vec![0; 64 * 48 * 3]).expect("a picture");
        for (index, pixel) in picture.data.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *pixel = [(index % 64 * 4) as u8, (index / 64 * 5) as u8, 90];
        }
        let file = encode(&picture, 95).expect("encodes");
        let back = image::load_from_memory(&file).expect("decodes").to_rgb8();
        assert_eq!(back.dimensions(), (64, 48));
        let farthest = back.as_raw().iter().zip(&picture.data).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(farthest.is_some_and(|farthest| farthest < 24), "{farthest:?}");
        assert!(encode(&picture, 30).expect("encodes").len() < file.len());
    }

    #[test]
    fn what_is_too_large_is_an_error() {
        let strip = RgbImage { width: 70_000, height: 1, data: vec![0; 210_000] };
        assert!(encode(&strip, 80).is_err());
    }
}
