//! Blending each pixel of a row from its four neighbours, into three planes of values.

#[cfg(target_arch = "x86_64")]
mod avx2;

use super::{Row, Source, WEIGHT_BITS, WEIGHT_ONE, split};

/// From a colour of 8 bits to a value of the tensor.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) factor: f32,
    pub(super) offset: f32,
}

impl Scale {
    #[inline]
    pub(super) fn value(self, colour: u8) -> f32 {
        f32::from(colour) * self.factor + self.offset
    }
}

/// The same part of a row in each plane, all of one length.
pub(super) struct Planes<'a> {
    pub(super) red: &'a mut [f32],
    pub(super) green: &'a mut [f32],
    pub(super) blue: &'a mut [f32],
}

impl Planes<'_> {
    pub(super) fn fill(self, value: f32) {
        for plane in [self.red, self.green, self.blue] {
            plane.fill(value);
        }
    }

    #[inline]
    pub(super) fn fill_with(self, mut colours: impl FnMut(usize) -> [u8; 3], scale: Scale) {
        let values = self.red.iter_mut().zip(self.green).zip(self.blue);
        for (at, ((red, green), blue)) in values.enumerate() {
            [*red, *green, *blue] = colours(at).map(|colour| scale.value(colour));
        }
    }
}

/// Fills `planes` from the start of `row` on, at all of whose steps a pixel, its neighbours (the lower ones `below` rows
/// further down) and two bytes more lie in the picture.
pub(super) fn blend_row(source: Source<'_>, row: Row, below: usize, scale: Scale, planes: Planes<'_>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && planes.red.len() >= avx2::BLOCK {
        #[expect(unsafe_code, reason = "it needs AVX2, which has just been found")]
        // SAFETY: see the line above.
        unsafe {
            avx2::blend_row(source, row, below, scale, planes);
        }
        return;
    }
    blend_row_portable(source, row, below, scale, planes);
}

fn blend_row_portable(source: Source<'_>, row: Row, below: usize, scale: Scale, planes: Planes<'_>) {
    let mut walk = Walk::new(source, row, below);
    planes.fill_with(
        |_| {
            let Step { upper, lower, wx, wy } = walk.step();
            blend_pairs(eight(source.data, upper), eight(source.data, lower), wx, wy)
        },
        scale,
    );
}

/// Goes along a row.
struct Walk {
    stride: usize,
    below: usize,
    row: Row,
}

/// Where a pixel's upper and lower pair of neighbours begin, and the weights of the right and of the lower one.
struct Step {
    upper: usize,
    lower: usize,
    wx: u16,
    wy: u16,
}

impl Walk {
    fn new(source: Source<'_>, row: Row, below: usize) -> Self {
        Self { stride: source.stride(), below: source.stride() * below, row }
    }

    #[inline]
    fn step(&mut self) -> Step {
        let ((column, wx), (line, wy)) = (split(self.row.x), split(self.row.y));
        // Nothing here can overflow inside the picture; wrapping spares the checks that debug builds make on each pixel.
        let upper = (line as usize).wrapping_mul(self.stride).wrapping_add((column as usize).wrapping_mul(3));
        self.row.x = self.row.x.wrapping_add(self.row.dx);
        self.row.y = self.row.y.wrapping_add(self.row.dy);
        Step { upper, lower: upper.wrapping_add(self.below), wx, wy }
    }
}

/// A pixel, its right neighbour and two bytes that nobody looks at.
#[inline]
fn eight(data: &[u8], at: usize) -> [u8; 8] {
    data.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

/// Blends two pairs of neighbours, one above the other, to one pixel: first downwards, all colours at once, then across.
#[inline]
pub(super) fn blend_pairs(upper: [u8; 8], lower: [u8; 8], wx: u16, wy: u16) -> [u8; 3] {
    let (left, top) = (WEIGHT_ONE.wrapping_sub(wx), WEIGHT_ONE.wrapping_sub(wy));
    let mut down = [0_u16; 8];
    for ((down, upper), lower) in down.iter_mut().zip(upper).zip(lower) {
        *down = u16::from(upper).wrapping_mul(top).wrapping_add(u16::from(lower).wrapping_mul(wy));
    }
    let mut mean = [0_u8; 3];
    for ((mean, own), beside) in mean.iter_mut().zip(&down[..3]).zip(&down[3..6]) {
        let own = u32::from(*own).wrapping_mul(left.into());
        let sum = own.wrapping_add(u32::from(*beside).wrapping_mul(wx.into()));
        *mean = (sum.wrapping_add(1 << (2 * WEIGHT_BITS - 1)) >> (2 * WEIGHT_BITS)) as u8;
    }
    mean
}
