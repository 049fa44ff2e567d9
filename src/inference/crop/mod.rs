//! Cutting a rotated square out of a picture, straight into a model's input tensor.
//!
//! Bilinear with weights in steps of 1/32 and colours rounded to 8 bits, as OpenCV's `warpPerspective` does it, which is
//! what the models saw in `MediaPipe`. Positions run in 64-bit fixed point with 32 fractional bits, so that a row is one
//! addition a pixel and never drifts.

mod blend;
mod row;

use super::region::Region;
use crate::frame::RgbImage;
use blend::{Planes, Scale};
use row::{Part, Row};

/// What lies outside the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Border {
    /// Black.
    Zero,
    /// The nearest pixel of the edge.
    Replicate,
}

const FRACTION_BITS: u32 = 32;
/// Steps of a bilinear weight.
const WEIGHT_BITS: u32 = 5;
const WEIGHT_ONE: u16 = 1 << WEIGHT_BITS;
/// Half a weight step: turns the truncation of a position into rounding.
const HALF_STEP: i64 = 1 << (FRACTION_BITS - WEIGHT_BITS - 1);
/// Bytes that memory hands over at a time.
const CACHE_LINE: usize = 64;
/// Regions that are larger or further away, pixels, hold nothing of any picture.
const FURTHEST: f32 = 1e6;

/// Fills `tensor` (three planes of `side` x `side` values) with the part of `image` inside `region`; black becomes
/// `range[0]`, full colour `range[1]`. Does nothing for a picture without pixels.
pub(super) fn crop_into(
    image: &RgbImage,
    region: Region,
    border: Border,
    side: usize,
    range: [f32; 2],
    tensor: &mut [f32],
) {
    let plane = side * side;
    if image.data.len() < image.width as usize * image.height as usize * 3
        || image.data.is_empty()
        || tensor.is_empty()
        || tensor.len() != 3 * plane
    {
        return;
    }
    let reach = region.center.abs().max_element().max(region.size.abs());
    if !(reach < FURTHEST && region.center.is_finite() && region.size.is_finite() && region.rotation.is_finite()) {
        tensor.fill(range[0]);
        return;
    }
    let source = Source { data: &image.data, width: i64::from(image.width), height: i64::from(image.height) };
    let scale = Scale { factor: (range[1] - range[0]) / 255.0, offset: range[0] };
    let (sin, cos) = f64::from(region.rotation).sin_cos();
    let (size, step) = (f64::from(region.size), f64::from(region.size) / side as f64);
    let corner_x = f64::from(region.center.x) - 0.5 * size * (cos - sin);
    let corner_y = f64::from(region.center.y) - 0.5 * size * (sin + cos);

    let (red, rest) = tensor.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let row_at = |v: usize| {
        let down = step * v as f64;
        Row {
            x: fixed(corner_x - down * sin) + HALF_STEP,
            y: fixed(corner_y + down * cos) + HALF_STEP,
            dx: fixed(step * cos),
            dy: fixed(step * sin),
        }
    };
    source.touch(side, cos < 0.0, row_at);
    for v in 0..side {
        let row = row_at(v);
        for (steps, part) in row.parts(source.width, source.height, border, side) {
            let line = v * side + steps.start..v * side + steps.end;
            let planes = Planes { red: &mut red[line.clone()], green: &mut green[line.clone()], blue: &mut blue[line] };
            match part {
                Part::Black => planes.fill(scale.value(0)),
                Part::Plain { row, below } => blend::blend_row(source, row, below, scale, planes),
                Part::Edge => planes.fill_with(|at| source.sample(row.at(steps.start + at), border), scale),
            }
        }
    }
}

fn fixed(value: f64) -> i64 {
    (value * (1_u64 << FRACTION_BITS) as f64) as i64
}

/// Whole part and weight of a fixed-point position.
#[inline]
fn split(position: i64) -> (i64, u16) {
    (position >> FRACTION_BITS, (position >> (FRACTION_BITS - WEIGHT_BITS)) as u16 & (WEIGHT_ONE - 1))
}

#[derive(Clone, Copy)]
struct Source<'a> {
    data: &'a [u8],
    width: i64,
    height: i64,
}

impl Source<'_> {
    /// Bytes of a row.
    fn stride(self) -> usize {
        self.width as usize * 3
    }

    /// Reads a byte of each cache line that the crop will need, in the order of memory. The picture lies in cold memory:
    /// read in order the processor fetches ahead, sampled right away each pixel would wait for its own line.
    fn touch(self, side: usize, upside_down: bool, row_at: impl Fn(usize) -> Row) {
        let corners = [0, side - 1].map(|v| [row_at(v).at(0), row_at(v).at(side - 1)]);
        let columns =
            corners.as_flattened().iter().map(|(x, _)| (x >> FRACTION_BITS).clamp(0, self.width - 1) as usize);
        let (first, last) = (columns.clone().min().unwrap_or(0), columns.max().unwrap_or(0));
        let mut sum = 0_u8;
        let mut next = 0;
        for v in 0..side {
            let row = row_at(if upside_down { side - 1 - v } else { v });
            let ends = [row.at(0).1, row.at(side - 1).1].map(|y| y >> FRACTION_BITS);
            let from = next.max(ends[0].min(ends[1]));
            let to = (ends[0].max(ends[1]) + 2).min(self.height);
            for line in from..to {
                let start = line as usize * self.stride();
                let bytes = &self.data[start + 3 * first..start + 3 * last + 3];
                sum = bytes.iter().step_by(CACHE_LINE).fold(sum, |sum, byte| sum.wrapping_add(*byte));
            }
            next = to.max(next);
        }
        std::hint::black_box(sum);
    }

    /// A pixel wherever it lies, each of its four neighbours by itself.
    fn sample(self, (x, y): (i64, i64), border: Border) -> [u8; 3] {
        let ((column, wx), (line, wy)) = (split(x), split(y));
        let pixel = |column: i64, line: i64| -> [u8; 3] {
            let (x, y) = (column.clamp(0, self.width - 1), line.clamp(0, self.height - 1));
            let is_black = border == Border::Zero && (x, y) != (column, line);
            let at = (y * self.width + x) as usize * 3;
            if is_black { [0; 3] } else { [self.data[at], self.data[at + 1], self.data[at + 2]] }
        };
        let pair = |line: i64| {
            let ([a, b, c], [d, e, f]) = (pixel(column, line), pixel(column + 1, line));
            [a, b, c, d, e, f, 0, 0]
        };
        blend::blend_pairs(pair(line), pair(line + 1), wx, wy)
    }
}

#[cfg(test)]
mod tests {
    use glam::Vec2;
    use proptest::prelude::*;

    use super::*;

    fn gradient(width: u32, height: u32) -> RgbImage {
        let pixel = |x: u32, y: u32| [(x * 3) as u8, (y * 5) as u8, (x + y) as u8];
        let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
        RgbImage::new(width, height, data).expect("a picture")
    }

    fn crop(image: &RgbImage, region: Region, border: Border, side: usize) -> Vec<f32> {
        let mut tensor = vec![-9.0; 3 * side * side];
        crop_into(image, region, border, side, [0.0, 255.0], &mut tensor);
        tensor
    }

    #[test]
    fn an_upright_crop_at_the_same_scale_copies_pixels() {
        let image = gradient(40, 30);
        let region = Region { center: Vec2::new(18.0, 16.0), size: 8.0, rotation: 0.0 };
        let tensor = crop(&image, region, Border::Replicate, 8);
        for (v, u) in (0..8).flat_map(|v| (0..8).map(move |u| (v, u))) {
            let (x, y) = (14 + u, 12 + v);
            let expected = [x as f32 * 3.0, y as f32 * 5.0, (x + y) as f32];
            let found = [0, 1, 2].map(|c| tensor[c * 64 + v * 8 + u]);
            assert_eq!(found, expected, "at {u},{v}");
        }
    }

    #[test]
    fn a_quarter_turn_reads_along_the_rows_of_the_picture() {
        let image = gradient(40, 40);
        let region = Region { center: Vec2::new(20.0, 20.0), size: 10.0, rotation: std::f32::consts::FRAC_PI_2 };
        let tensor = crop(&image, region, Border::Replicate, 10);
        // The crop's own x runs down the picture from its right edge.
        let (u, v) = (3, 2);
        assert_eq!(tensor[v * 10 + u], (25.0 - v as f32) * 3.0);
        assert_eq!(tensor[100 + v * 10 + u], (15.0 + u as f32) * 5.0);
    }

    #[test]
    fn borders_are_black_or_the_edge() {
        let image = RgbImage::new(2, 2, vec![200; 12]).expect("a picture");
        let region = Region { center: Vec2::ONE, size: 8.0, rotation: 0.0 };
        assert!(crop(&image, region, Border::Replicate, 8).iter().all(|&value| value == 200.0));
        let black = crop(&image, region, Border::Zero, 8);
        assert_eq!(black[0], 0.0);
        assert_eq!(black[3 * 8 + 3], 200.0);
    }

    #[test]
    fn the_range_maps_black_and_white() {
        let image = RgbImage::new(1, 1, vec![0, 255, 255]).expect("a picture");
        let region = Region { center: Vec2::ZERO, size: 1.0, rotation: 0.0 };
        let mut tensor = [0.0; 3];
        crop_into(&image, region, Border::Replicate, 1, [-1.0, 1.0], &mut tensor);
        assert!((tensor[0] + 1.0).abs() < 1e-6 && (tensor[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_picture_without_pixels_is_left_alone() {
        let region = Region { center: Vec2::ZERO, size: 1.0, rotation: 0.0 };
        assert_eq!(crop(&RgbImage::default(), region, Border::Replicate, 1), [-9.0; 3]);
    }

    #[test]
    fn regions_beyond_everything_are_black() {
        for wild in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30] {
            let still = Region { center: Vec2::ONE, size: 8.0, rotation: 0.0 };
            for region in [
                Region { center: Vec2::new(wild, 1.0), ..still },
                Region { center: Vec2::new(1.0, wild), ..still },
                Region { size: wild, ..still },
            ] {
                assert_eq!(crop(&gradient(4, 4), region, Border::Replicate, 2), [0.0; 12]);
            }
        }
        let turned = Region { center: Vec2::ONE, size: 8.0, rotation: f32::NAN };
        assert_eq!(crop(&gradient(4, 4), turned, Border::Replicate, 2), [0.0; 12]);
    }

    /// Each tap looked up by itself, each colour weighed by itself.
    fn by_definition(source: Source<'_>, (x, y): (i64, i64), border: Border) -> [u8; 3] {
        let ((column, wx), (line, wy)) = (split(x), split(y));
        let tap = |column: i64, line: i64, c: usize| -> u16 {
            let inside = (0..source.width).contains(&column) && (0..source.height).contains(&line);
            if border == Border::Zero && !inside {
                return 0;
            }
            let (column, line) = (column.clamp(0, source.width - 1), line.clamp(0, source.height - 1));
            source.data[(line * source.width + column) as usize * 3 + c].into()
        };
        [0, 1, 2].map(|c| {
            let weighed = |x: i64, y: i64, weight: u16| u32::from(tap(x, y, c)) * u32::from(weight);
            let sum = weighed(column, line, (32 - wx) * (32 - wy))
                + weighed(column + 1, line, wx * (32 - wy))
                + weighed(column, line + 1, (32 - wx) * wy)
                + weighed(column + 1, line + 1, wx * wy);
            ((sum + 512) / 1024) as u8
        })
    }

    proptest! {
        /// Three colours weighed at once are three colours weighed one by one.
        #[test]
        fn colours_do_not_run_into_each_other(taps: [[u8; 3]; 4], wx in 0_u16..=32, wy in 0_u16..=32) {
            let weights = [(32 - wx) * (32 - wy), wx * (32 - wy), (32 - wx) * wy, wx * wy];
            let expected = [0, 1, 2].map(|colour| {
                let sum: u32 = taps.iter().zip(weights).map(|(tap, weight)| u32::from(tap[colour]) * u32::from(weight)).sum();
                ((sum + 512) / 1024) as u8
            });
            let pair = |left: [u8; 3], right: [u8; 3]| {
                [left[0], left[1], left[2], right[0], right[1], right[2], 255, 255]
            };
            let (upper, lower) = (pair(taps[0], taps[1]), pair(taps[2], taps[3]));
            prop_assert_eq!(blend::blend_pairs(upper, lower, wx, wy), expected);
        }

        /// The parts of a row, blended by themselves and in blocks, are what each pixel by itself would be.
        #[test]
        fn any_region_is_sampled_like_pixel_by_pixel(
            x in -60.0_f32..120.0, y in -60.0_f32..120.0, size in 1.0_f32..200.0, rotation in -3.2_f32..3.2, zero: bool,
        ) {
            let image = gradient(37, 23);
            let border = if zero { Border::Zero } else { Border::Replicate };
            let side = 16;
            let tensor = crop(&image, Region { center: Vec2::new(x, y), size, rotation }, border, side);
            let source = Source { data: &image.data, width: 37, height: 23 };
            let (sin, cos) = f64::from(rotation).sin_cos();
            let (size, step) = (f64::from(size), f64::from(size) / side as f64);
            for v in 0..side {
                let row = Row {
                    x: fixed(f64::from(x) - 0.5 * size * (cos - sin) - step * v as f64 * sin) + HALF_STEP,
                    y: fixed(f64::from(y) - 0.5 * size * (sin + cos) + step * v as f64 * cos) + HALF_STEP,
                    dx: fixed(step * cos),
                    dy: fixed(step * sin),
                };
                for u in 0..side {
                    let expected = by_definition(source, row.at(u), border);
                    for (c, value) in expected.into_iter().enumerate() {
                        prop_assert_eq!(tensor[c * side * side + v * side + u], f32::from(value));
                    }
                }
            }
        }
    }
}
