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
const WEIGHT_ONE: u16 = 1 << WEIGHT_BITS;
/// Half a weight step: turns the truncation of a position into rounding.
const HALF_STEP: i64 = 1 << (FRACTION_BITS - WEIGHT_BITS - 1);
/// Rows of the crop between asking for its pixels and sampling them.
const AHEAD: usize = 2;
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
    let mut pixels = [[0_u8; 4]; MAX_SIDE];
    let row_at = |v: usize| {
        let down = step * v as f64;
        Row {
            x: fixed(corner_x - down * sin) + HALF_STEP,
            y: fixed(corner_y + down * cos) + HALF_STEP,
            dx: fixed(step * cos),
            dy: fixed(step * sin),
        }
    };
    for v in 0..side {
        if v == 0 {
            (0..AHEAD).for_each(|v| source.prefetch(row_at(v), side));
        }
        source.prefetch(row_at(v + AHEAD), side);
        source.sample_row(row_at(v), border, side, &mut pixels);
        let line = v * side..(v + 1) * side;
        for (target, shift) in [(&mut *red, 0), (&mut *green, 8), (&mut *blue, 16)] {
            for (value, pixel) in target[line.clone()].iter_mut().zip(&pixels) {
                let colour = (u32::from_le_bytes(*pixel) >> shift) & 0xff;
                *value = colour as i32 as f32 * factor + offset;
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
    /// The steps at which a pixel and its right and lower neighbours all lie in the picture, and two bytes more.
    fn span(self, row: Row, side: usize) -> (usize, usize) {
        let (from_x, to_x) = steps_within(row.x, row.dx, (self.width - 2).max(0) << FRACTION_BITS, side);
        let (from_y, to_y) = steps_within(row.y, row.dy, (self.height - 1) << FRACTION_BITS, side);
        let from = from_x.max(from_y);
        (from, to_x.min(to_y).max(from))
    }

    fn sample_row(self, row: Row, border: Border, side: usize, pixels: &mut [[u8; 4]; MAX_SIDE]) {
        let mut done = 0;
        for (plain, from, to) in self.plain_spans(row, border, side) {
            if from >= to {
                continue;
            }
            for (step, pixel) in pixels.iter_mut().enumerate().take(from).skip(done) {
                *pixel = self.sample_at_edge(row.at(step), border);
            }
            self.sample_inside(plain, from, &mut pixels[from..to]);
            done = to;
        }
        for (step, pixel) in pixels.iter_mut().enumerate().take(side).skip(done) {
            *pixel = self.sample_at_edge(row.at(step), border);
        }
    }

    /// The parts of a row that need no care, in order: where it runs inside the picture; and, where the edge goes on beyond
    /// it, where it runs beside the picture, as a row that stands still in x.
    fn plain_spans(self, row: Row, border: Border, side: usize) -> [(Row, usize, usize); 3] {
        let (from, to) = self.span(row, side);
        let none = (row, 0, 0);
        if border == Border::Zero || from >= to {
            return [none, (row, from, to), none];
        }
        let last = (self.width - 1) << FRACTION_BITS;
        let (entered, left) = steps_within(row.x, row.dx, last + 1, side);
        // One row less than where the right neighbour matters: beside the picture's right edge it is the next row's pixel.
        let (from_y, to_y) = steps_within(row.y, row.dy, (self.height - 2).max(0) << FRACTION_BITS, side);
        let (before, after) = if row.dx >= 0 { (0, last) } else { (last, 0) };
        let still = |x: i64| Row { x, dx: 0, ..row };
        [
            (still(before), from_y.min(entered), entered.min(to_y).min(from)),
            (row, from, to),
            (still(after), left.max(from_y).max(to), to_y),
        ]
    }

    /// Samples the steps from `from` on, at all of which a pixel, its neighbours and two bytes more lie in the picture.
    fn sample_inside(self, row: Row, from: usize, pixels: &mut [[u8; 4]]) {
        let stride = self.width as usize * 3;
        let (mut x, mut y) = row.at(from);
        for pixel in pixels {
            let ((column, wx), (line, wy)) = (split(x), split(y));
            // Nothing here can overflow inside the span; wrapping spares the checks that debug builds make on each pixel.
            let at = (line as usize).wrapping_mul(stride).wrapping_add((column as usize).wrapping_mul(3));
            let below = at.wrapping_add(stride);
            *pixel = blend_pairs(eight(&self.data[at..]), eight(&self.data[below..]), wx, wy);
            x = x.wrapping_add(row.dx);
            y = y.wrapping_add(row.dy);
        }
    }

    /// Fetches the cache lines that the steps `from..to` will need, without waiting for them: the picture lies in cold
    /// memory, and sampled without this each pixel would wait for its own line.
    fn prefetch(self, row: Row, side: usize) {
        const LINE: i64 = 64 << FRACTION_BITS;
        const UNIT: i64 = 1 << FRACTION_BITS;
        let (from, to) = self.span(row, side);
        let bytes = row.dx.abs().saturating_mul(3).max(1);
        let stride = self.width as usize * 3;
        // A step at which neither a cache line nor a row of the picture is skipped.
        let every = (LINE / bytes).min(UNIT / row.dy.abs().max(1)).clamp(1, 64) as usize;
        for step in (from..to).step_by(every) {
            let (x, y) = row.at(step);
            let at = (y >> FRACTION_BITS) as usize * stride + (x >> FRACTION_BITS) as usize * 3;
            prefetch(self.data, at);
            prefetch(self.data, at + stride);
        }
    }

    /// A pixel of which at least one neighbour may lie outside the picture.
    #[inline]
    fn sample_at_edge(self, (x, y): (i64, i64), border: Border) -> [u8; 4] {
        match border {
            Border::Replicate if self.width > 1 => self.sample_clamped(x, y),
            _ => self.sample_by_taps(x, y, border),
        }
    }

    /// Beyond the edge a position means the nearest one on it: one side of the pair of neighbours gets all the weight.
    #[inline]
    fn sample_clamped(self, x: i64, y: i64) -> [u8; 4] {
        let axis = |position: i64, length: i64| {
            let position = position.clamp(0, (length - 1) << FRACTION_BITS);
            let first = (position >> FRACTION_BITS).min(length - 2).max(0);
            let weight = (position - (first << FRACTION_BITS)) >> (FRACTION_BITS - WEIGHT_BITS);
            (first as usize, weight as u16)
        };
        let ((column, wx), (line, wy)) = (axis(x, self.width), axis(y, self.height));
        let width = self.width as usize;
        let below = (line + 1).min(self.height as usize - 1);
        let pair = |line: usize| eight_or_fewer(self.data, (line * width + column) * 3);
        blend_pairs(pair(line), pair(below), wx, wy)
    }

    /// Each of the four neighbours by itself.
    fn sample_by_taps(self, x: i64, y: i64, border: Border) -> [u8; 4] {
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
        blend_pairs(pair(line), pair(line + 1), wx, wy)
    }
}

/// Asks for the cache line of `data[at]`, where the processor has a way to ask.
#[inline]
fn prefetch<T>(data: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(value) = data.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "a hint: it reads nothing, and the address is that of a value that exists")]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (data, at);
}

/// The first eight bytes: a pixel, its right neighbour and two bytes that nobody looks at.
#[inline]
fn eight(bytes: &[u8]) -> [u8; 8] {
    bytes.first_chunk().copied().unwrap_or_default()
}

/// [`eight`] bytes from `at` on, zeros for those beyond the end.
#[inline]
fn eight_or_fewer(data: &[u8], at: usize) -> [u8; 8] {
    if let Some(bytes) = data.get(at..at + 8) {
        return eight(bytes);
    }
    let mut bytes = [0; 8];
    bytes[..data.len() - at].copy_from_slice(&data[at..]);
    bytes
}

/// Blends two pairs of neighbours, one above the other, to one pixel: first downwards, all colours at once, then across.
#[inline]
fn blend_pairs(upper: [u8; 8], lower: [u8; 8], wx: u16, wy: u16) -> [u8; 4] {
    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "every x86_64 processor has SSE2")]
    // SAFETY: the target feature is part of the architecture.
    unsafe {
        blend_pairs_sse2(upper, lower, wx, wy)
    }
    #[cfg(not(target_arch = "x86_64"))]
    blend_pairs_portable(upper, lower, wx, wy)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn blend_pairs_sse2(upper: [u8; 8], lower: [u8; 8], wx: u16, wy: u16) -> [u8; 4] {
    use std::arch::x86_64::{
        _mm_add_epi16, _mm_add_epi32, _mm_cvtsi64_si128, _mm_cvtsi128_si32, _mm_madd_epi16, _mm_mullo_epi16,
        _mm_packs_epi32, _mm_packus_epi16, _mm_set1_epi16, _mm_set1_epi32, _mm_setzero_si128, _mm_srli_epi32,
        _mm_srli_si128, _mm_unpacklo_epi8, _mm_unpacklo_epi16,
    };
    const SHIFT: i32 = 2 * WEIGHT_BITS as i32;
    let zero = _mm_setzero_si128();
    let wide = |pair: [u8; 8]| _mm_unpacklo_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(pair)), zero);
    let times = |pair: [u8; 8], weight: u16| _mm_mullo_epi16(wide(pair), _mm_set1_epi16(weight as i16));
    let down = _mm_add_epi16(times(upper, WEIGHT_ONE.wrapping_sub(wy)), times(lower, wy));
    // Red beside the neighbour's red and so on, so that one instruction multiplies both and adds them.
    let beside = _mm_unpacklo_epi16(down, _mm_srli_si128::<6>(down));
    let weights = u32::from(WEIGHT_ONE.wrapping_sub(wx)) | u32::from(wx) << 16;
    let across = _mm_madd_epi16(beside, _mm_set1_epi32(weights as i32));
    let mean = _mm_srli_epi32::<SHIFT>(_mm_add_epi32(across, _mm_set1_epi32(1 << (SHIFT - 1))));
    _mm_cvtsi128_si32(_mm_packus_epi16(_mm_packs_epi32(mean, zero), zero)).to_le_bytes()
}

#[cfg(any(test, not(target_arch = "x86_64")))]
#[inline]
fn blend_pairs_portable(upper: [u8; 8], lower: [u8; 8], wx: u16, wy: u16) -> [u8; 4] {
    let (left, top) = (WEIGHT_ONE.wrapping_sub(wx), WEIGHT_ONE.wrapping_sub(wy));
    let mut down = [0_u16; 8];
    for ((down, upper), lower) in down.iter_mut().zip(upper).zip(lower) {
        *down = u16::from(upper).wrapping_mul(top).wrapping_add(u16::from(lower).wrapping_mul(wy));
    }
    let mut mean = [0_u8; 4];
    for ((mean, own), beside) in mean.iter_mut().zip(&down[..4]).zip(&down[3..7]) {
        let own = u32::from(*own).wrapping_mul(left.into());
        let sum = own.wrapping_add(u32::from(*beside).wrapping_mul(wx.into()));
        *mean = (sum.wrapping_add(1 << (2 * WEIGHT_BITS - 1)) >> (2 * WEIGHT_BITS)) as u8;
    }
    mean
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
            prop_assert_eq!(&blend_pairs(upper, lower, wx, wy)[..3], &expected[..]);
            prop_assert_eq!(&blend_pairs_portable(upper, lower, wx, wy)[..3], &expected[..]);
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
                    let expected = by_definition(source, row.at(u), border);
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
