//! Scaling pictures down before they are tracked.

use std::sync::Arc;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::frame::RgbImage;
use crate::inference::InferenceError;

/// Pictures kept for use again: one in work, one on its way to the screen, one on the screen.
const SPARE_PICTURES: usize = 3;

/// Scales pictures down to a short side, into buffers that are used again once nobody looks at them any more.
pub(super) struct Downscaler {
    short_side: u32,
    resizer: Resizer,
    spares: Vec<Arc<RgbImage>>,
}

impl Downscaler {
    /// 0 never scales.
    pub(super) fn new(short_side: u32) -> Self {
        Self { short_side, resizer: Resizer::new(), spares: Vec::with_capacity(SPARE_PICTURES) }
    }

    /// Later pictures are scaled to this short side; 0 never scales.
    pub(super) const fn set_short_side(&mut self, short_side: u32) {
        self.short_side = short_side;
    }

    /// The picture with its short side scaled down, averaging over what is lost; itself when it is small enough.
    pub(super) fn scale(&mut self, image: RgbImage) -> Result<Arc<RgbImage>, InferenceError> {
        let Some((width, height)) = target_size(image.width, image.height, self.short_side) else {
            return Ok(Arc::new(image));
        };
        let failed = |reason: String| InferenceError::Scale { width: image.width, height: image.height, reason };
        let mut picture = self.spare();
        // Only this function holds the spare now, so nothing is cloned here.
        let target = Arc::make_mut(&mut picture);
        (target.width, target.height) = (width, height);
        target.data.resize(width as usize * height as usize * 3, 0);
        let source = ImageRef::new(image.width, image.height, &image.data, PixelType::U8x3)
            .map_err(|error| failed(error.to_string()))?;
        let mut view = Image::from_slice_u8(width, height, &mut target.data, PixelType::U8x3)
            .map_err(|error| failed(error.to_string()))?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Box));
        self.resizer.resize(&source, &mut view, &options).map_err(|error| failed(error.to_string()))?;
        if self.spares.len() < SPARE_PICTURES {
            self.spares.push(Arc::clone(&picture));
        }
        Ok(picture)
    }

    /// A picture that nobody else holds, a new one if there is none.
    fn spare(&mut self) -> Arc<RgbImage> {
        let free = self.spares.iter_mut().position(|picture| Arc::get_mut(picture).is_some());
        free.map_or_else(Arc::default, |index| self.spares.swap_remove(index))
    }
}

/// The size of a `width` x `height` picture whose shorter side is cut to `short_side`; `None` when it stays as it is.
fn target_size(width: u32, height: u32, short_side: u32) -> Option<(u32, u32)> {
    let short = width.min(height);
    if short_side == 0 || short <= short_side {
        return None;
    }
    let factor = f64::from(short_side) / f64::from(short);
    let scaled = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
    Some((scaled(width), scaled(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, value: u8) -> RgbImage {
        RgbImage::new(width, height, vec![value; (width * height * 3) as usize]).expect("a picture")
    }

    #[test]
    fn the_short_side_decides() {
        assert_eq!(target_size(1280, 720, 384), Some((683, 384)));
        assert_eq!(target_size(720, 1280, 384), Some((384, 683)));
        assert_eq!(target_size(640, 384, 384), None);
        assert_eq!(target_size(640, 480, 0), None);
    }

    #[test]
    fn small_pictures_pass_through() {
        let image = plain(40, 30, 7);
        assert_eq!(*Downscaler::new(64).scale(image.clone()).expect("passes"), image);
    }

    #[test]
    fn halving_averages_four_pixels() {
        let mut image = plain(4, 4, 0);
        image.data[0..6].fill(200);
        let small = Downscaler::new(2).scale(image).expect("scales");
        assert_eq!((small.width, small.height), (2, 2));
        assert_eq!(small.data[0..3], [100; 3]);
        assert_eq!(small.data[3..], [0; 9]);
    }

    #[test]
    fn buffers_are_used_again_once_they_are_free() {
        let mut scaler = Downscaler::new(2);
        let held = scaler.scale(plain(4, 4, 50)).expect("scales");
        let second = scaler.scale(plain(8, 4, 60)).expect("scales");
        assert_eq!((held.data[0], second.data[0], second.width), (50, 60, 4), "a held picture is not touched");
        let buffer = Arc::as_ptr(&held);
        drop(held);
        let third = scaler.scale(plain(4, 4, 70)).expect("scales");
        assert!(std::ptr::eq(Arc::as_ptr(&third), buffer));
    }
}
