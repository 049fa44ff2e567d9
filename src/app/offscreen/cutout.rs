//! Pictures that something else is seen through.

use std::array;
use std::sync::LazyLock;

use crate::frame::RgbImage;

/// What lies under a cutout where one has to be shown without anything below, sRGB.
const UNDER: u8 = 96;

/// A picture with an opacity for each pixel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cutout {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue (sRGB, not multiplied by it) and opacity, rows packed.
    pub data: Vec<u8>,
}

/// Brightness of a byte, 0 to 1.
///
/// Source: IEC 61966-2-1 (sRGB).
static LINEAR: LazyLock<[f32; 256]> = LazyLock::new(|| {
    array::from_fn(|byte| {
        let value = byte as f32 / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
});

/// The byte of a brightness.
fn encoded(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let value = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

impl Cutout {
    /// From what an adapter draws over nothing: brightness, not bytes, was multiplied by the opacity.
    #[must_use]
    pub fn from_premultiplied(width: u32, height: u32, mut data: Vec<u8>) -> Self {
        for pixel in data.chunks_exact_mut(4) {
            match pixel[3] {
                0 => pixel.fill(0),
                255 => {}
                opacity => {
                    let share = f32::from(opacity) / 255.0;
                    for value in &mut pixel[..3] {
                        *value = encoded(LINEAR[usize::from(*value)] / share);
                    }
                }
            }
        }
        Self { width, height, data }
    }

    /// The picture over an even grey.
    #[must_use]
    pub fn flattened(&self) -> RgbImage {
        let over = |value: u8, opacity: u8| {
            let opacity = u32::from(opacity);
            ((u32::from(value) * opacity + u32::from(UNDER) * (255 - opacity)) / 255) as u8
        };
        let data =
            self.data.chunks_exact(4).flat_map(|pixel| [0, 1, 2].map(|band| over(pixel[band], pixel[3]))).collect();
        RgbImage { width: self.width, height: self.height, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_out_as_they_were() {
        for colour in [[200, 100, 50], [255, 255, 255], [3, 128, 250]] {
            for opacity in [64_u8, 128, 200] {
                let share = f32::from(opacity) / 255.0;
                let drawn = colour.map(|value: u8| encoded(LINEAR[usize::from(value)] * share));
                let cutout = Cutout::from_premultiplied(1, 1, [drawn.as_slice(), &[opacity]].concat());
                for (found, expected) in cutout.data.iter().zip(colour) {
                    assert!(found.abs_diff(expected) <= 2, "{colour:?} at {opacity}: {:?}", cutout.data);
                }
            }
        }
        let nothing = Cutout::from_premultiplied(1, 1, vec![9, 9, 9, 0]);
        assert_eq!(nothing.data, [0; 4]);
        assert_eq!(nothing.flattened().data, [UNDER; 3]);
        assert_eq!(Cutout::from_premultiplied(1, 1, vec![9, 8, 7, 255]).flattened().data, [9, 8, 7]);
    }
}
