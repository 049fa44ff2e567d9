//! Cutting a rotated square out of a picture, straight into a model's input tensor.
//!
//! Bilinear with weights in steps of 1/32 and colours rounded to 8 bits, as OpenCV's `warpPerspective` does it, which is
//! what the models saw in `MediaPipe`. Positions run in 64-bit fixed point with 32 fractional bits, so that a row is one
//! addition a pixel and never drifts.

use super::region::Region;
use crate::frame::RgbImage;

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
const WEIGHT_ONE: u64 = 1 << WEIGHT_BITS;
/// Distance of two colours in a number that holds three.
const LANE_BITS: u32 = 20;
/// Half a weight step: turns the truncation of a position into rounding.
const HALF_STEP: i64 = 1 << (FRACTION_BITS - WEIGHT_BITS - 1);
/// The largest input any of the models has.
const MAX_SIDE: usize = 256;

/// Positions along one row of the crop.
#[derive(Clone, Copy)]
struct Row {
    x: i64,
    y: i64,
    dx: i64,
    dy: i64,
}

impl Row {
    fn at(self, step: usize) -> (i64, i64) {
        (self.x + self.dx * step as i64, self.y + self.dy * step as i64)
    }
}

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
        || side > MAX_SIDE
        || tensor.len() != 3 * plane
    {
        return;
    }
    let source = Source { data: &image.data, width: i64::from(image.width), height: i64::from(image.height) };
    let (offset, factor) = (range[0], (range[1] - range[0]) / 255.0);
    let (sin, cos) = f64::from(region.rotation).sin_cos();
    let (size, step) = (f64::from(region.size), f64::from(region.size) / side as f64);
    let corner_x = f64::from(region.center.x) - 0.5 * size * (cos - sin);
    let corner_y = f64::from(region.center.y) - 0.5 * size * (sin + cos);

    let (red, rest) = tensor.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let mut colours = [[0_u8; MAX_SIDE]; 3];
    for v in 0..side {
        let down = step * v as f64;
        let row = Row {
            x: fixed(corner_x - down * sin) + HALF_STEP,
            y: fixed(corner_y + down * cos) + HALF_STEP,
            dx: fixed(step * cos),
            dy: fixed(step * sin),
        };
        source.sample_row(row, border, side, &mut colours);
        let line = v * side..(v + 1) * side;
        for (target, colour) in [&mut *red, &mut *green, &mut *blue].into_iter().zip(&colours) {
            for (value, &byte) in target[line.clone()].iter_mut().zip(colour) {
                *value = f32::from(byte) * factor + offset;
            }
        }
    }
}

fn fixed(value: f64) -> i64 {
    (value * (1_u64 << FRACTION_BITS) as f64) as i64
}

/// Whole part and weight of a fixed-point position.
fn split(position: i64) -> (i64, u64) {
    (position >> FRACTION_BITS, (position >> (FRACTION_BITS - WEIGHT_BITS)) as u64 & (WEIGHT_ONE - 1))
}

#[derive(Clone, Copy)]
struct Source<'a> {
    data: &'a [u8],
    width: i64,
    height: i64,
}

impl Source<'_> {
    fn sample_row(self, row: Row, border: Border, side: usize, colours: &mut [[u8; MAX_SIDE]; 3]) {
        // Inside this span a pixel and its right and lower neighbours all lie in the picture.
        let (from_x, to_x) = steps_within(row.x, row.dx, (self.width - 1) << FRACTION_BITS, side);
        let (from_y, to_y) = steps_within(row.y, row.dy, (self.height - 1) << FRACTION_BITS, side);
        let from = from_x.max(from_y);
        let to = to_x.min(to_y).max(from);
        for step in (0..from).chain(to..side) {
            let pixel = self.sample_at_edge(row.at(step), border);
            for (colour, value) in colours.iter_mut().zip(pixel) {
                colour[step] = value;
            }
        }
        let [red, green, blue] = colours;
        let (mut x, mut y) = row.at(from);
        let stride = self.width as usize * 3;
        for ((red, green), blue) in red[from..to].iter_mut().zip(&mut green[from..to]).zip(&mut blue[from..to]) {
            let ((column, wx), (line, wy)) = (split(x), split(y));
            // Nothing here can overflow inside the span; wrapping spares the checks that debug builds make on each pixel.
            let at = (line as usize).wrapping_mul(stride).wrapping_add((column as usize).wrapping_mul(3));
            let (upper, lower) = (&self.data[at..][..6], &self.data[at.wrapping_add(stride)..][..6]);
            [*red, *green, *blue] = blend([lanes(upper), lanes(&upper[3..]), lanes(lower), lanes(&lower[3..])], wx, wy);
            x = x.wrapping_add(row.dx);
            y = y.wrapping_add(row.dy);
        }
    }

    fn sample_at_edge(self, (x, y): (i64, i64), border: Border) -> [u8; 3] {
        let ((column, wx), (line, wy)) = (split(x), split(y));
        let taps = match border {
            Border::Replicate => {
                let [left, right] = [column, column + 1].map(|x| x.clamp(0, self.width - 1));
                let [upper, lower] = [line, line + 1].map(|y| y.clamp(0, self.height - 1) * self.width);
                [upper + left, upper + right, lower + left, lower + right]
                    .map(|at| lanes(&self.data[at as usize * 3..]))
            }
            Border::Zero => [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| {
                let (x, y) = (column + dx, line + dy);
                let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
                if inside { lanes(&self.data[(y * self.width + x) as usize * 3..]) } else { 0 }
            }),
        };
        blend(taps, wx, wy)
    }
}

/// A pixel's red, green and blue in one number with room between them, so that one multiplication weighs all three.
fn lanes(pixel: &[u8]) -> u64 {
    u64::from(pixel[0]) | u64::from(pixel[1]) << LANE_BITS | u64::from(pixel[2]) << (2 * LANE_BITS)
}

/// Mean of upper left, upper right, lower left and lower right pixel, rounded to the nearest.
fn blend([upper_left, upper_right, lower_left, lower_right]: [u64; 4], wx: u64, wy: u64) -> [u8; 3] {
    // Weights add up to 2^10, so that a lane stays below 2^18 + 2^9.
    let half = 1 << (2 * WEIGHT_BITS - 1);
    let rounding = half | half << LANE_BITS | half << (2 * LANE_BITS);
    let (left, top) = (WEIGHT_ONE.wrapping_sub(wx), WEIGHT_ONE.wrapping_sub(wy));
    let weighed = |pixel: u64, across: u64, down: u64| pixel.wrapping_mul(across.wrapping_mul(down));
    let upper = weighed(upper_left, left, top).wrapping_add(weighed(upper_right, wx, top));
    let lower = weighed(lower_left, left, wy).wrapping_add(weighed(lower_right, wx, wy));
    let sum = upper.wrapping_add(lower).wrapping_add(rounding);
    [0, LANE_BITS, 2 * LANE_BITS].map(|shift| (sum >> (shift + 2 * WEIGHT_BITS)) as u8)
}

/// The steps `from..to` of `0..count` at which `start + step * slope` lies in `0..limit`.
fn steps_within(start: i64, slope: i64, limit: i64, count: usize) -> (usize, usize) {
    let steps = count as i64;
    let (from, to) = match slope {
        0 if (0..limit).contains(&start) => (0, steps),
        0 => (0, 0),
        // First step at which the position reaches zero, first at which it reaches the limit.
        1.. => (ceil_div(-start, slope), ceil_div(limit - start, slope)),
        _ => (ceil_div(start - limit + 1, -slope), ceil_div(start + 1, -slope)),
    };
    let from = from.clamp(0, steps);
    (from as usize, to.clamp(from, steps) as usize)
}

fn ceil_div(dividend: i64, divisor: i64) -> i64 {
    -(-dividend).div_euclid(divisor)
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

    proptest! {
        /// Three colours weighed at once are three colours weighed one by one.
        #[test]
        fn colours_do_not_run_into_each_other(taps: [[u8; 3]; 4], wx in 0_u64..32, wy in 0_u64..32) {
            let weights = [(32 - wx) * (32 - wy), wx * (32 - wy), (32 - wx) * wy, wx * wy];
            let expected = [0, 1, 2].map(|colour| {
                let sum: u64 = taps.iter().zip(weights).map(|(tap, weight)| u64::from(tap[colour]) * weight).sum();
                ((sum + 512) / 1024) as u8
            });
            prop_assert_eq!(blend(taps.map(|tap| lanes(&tap)), wx, wy), expected);
        }

        /// The fast path in the middle of a row and the careful one at its ends agree everywhere.
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
                    let expected = source.sample_at_edge(row.at(u), border);
                    for (c, value) in expected.into_iter().enumerate() {
                        prop_assert_eq!(tensor[c * side * side + v * side + u], f32::from(value));
                    }
                }
            }
        }

        /// The span holds exactly the steps that lie inside.
        #[test]
        fn the_span_inside_is_exact(start in -2000_i64..2000, slope in -300_i64..300, limit in 0_i64..1000) {
            let (from, to) = steps_within(start, slope, limit, 20);
            for step in 0..20_usize {
                let inside = (0..limit).contains(&(start + slope * step as i64));
                prop_assert_eq!((from..to).contains(&step), inside, "step {}", step);
            }
        }
    }
}
