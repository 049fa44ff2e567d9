//! Eight pixels at a time, with AVX2.

use std::arch::x86_64::{
    __m128i, __m256i, _mm_castpd_si128, _mm_castsi128_pd, _mm_loadh_pd, _mm_loadl_epi64, _mm_setr_epi8,
    _mm256_add_epi32, _mm256_add_epi64, _mm256_add_ps, _mm256_broadcastsi128_si256, _mm256_castps_si256,
    _mm256_castsi256_ps, _mm256_cvtepi32_ps, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_ps,
    _mm256_mullo_epi32, _mm256_set_m128i, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_set1_ps,
    _mm256_setr_epi64x, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_shuffle_ps, _mm256_slli_epi32,
    _mm256_srli_epi32, _mm256_storeu_ps, _mm256_storeu_si256, _mm256_sub_epi32, _mm256_unpackhi_epi32,
    _mm256_unpackhi_epi64, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

use super::{Planes, Row, Scale, Source, WEIGHT_BITS, WEIGHT_ONE, blend_row_portable};
use crate::inference::crop::FRACTION_BITS;

/// Pixels blended at a time.
pub(super) const BLOCK: usize = 8;

/// The same as [`super::blend_row`] for at least a block of pixels.
#[target_feature(enable = "avx2")]
pub(super) fn blend_row(source: Source<'_>, row: Row, rows_below: usize, scale: Scale, planes: Planes<'_>) {
    let Planes { red, green, blue } = planes;
    let count = red.len();
    let below = rows_below * source.stride();
    if !lies_within(source, row, count, below) {
        blend_row_portable(source, row, rows_below, scale, Planes { red, green, blue });
        return;
    }
    let (along_x, along_y) = (Along::new(row.dx), Along::new(row.dy));
    // The last block ends with the row, and so may repeat some of the one before.
    for from in (0..count).step_by(BLOCK).map(|from| from.min(count - BLOCK)) {
        let (x, y) = row.at(from);
        let ((columns, wx), (lines, wy)) = (along_x.split(x), along_y.split(y));
        let columns_3 = _mm256_add_epi32(columns, _mm256_slli_epi32::<1>(columns));
        let starts = _mm256_mullo_epi32(lines, _mm256_set1_epi32(source.stride() as i32));
        let mut at = [0_i32; BLOCK];
        let offsets = _mm256_add_epi32(starts, columns_3);
        #[expect(unsafe_code, reason = "vectors are stored and loaded through pointers")]
        // SAFETY: `at` is as long as the vector.
        unsafe {
            _mm256_storeu_si256(at.as_mut_ptr().cast(), offsets);
        }
        // Weights of left and right in one 16-bit lane, of upper and lower in one 32-bit lane.
        let one = _mm256_set1_epi32(WEIGHT_ONE.into());
        let across = _mm256_add_epi32(_mm256_slli_epi32::<8>(wx), _mm256_sub_epi32(one, wx));
        let down = _mm256_add_epi32(_mm256_slli_epi32::<16>(wy), _mm256_sub_epi32(one, wy));
        let spread = |lane: i16| _mm256_shuffle_epi8(across, _mm256_set1_epi16((4 * lane) | ((4 * lane + 1) << 8)));
        #[expect(unsafe_code, reason = "pixels are loaded without a check of each")]
        // SAFETY: all positions of the row have been found to lie within the picture.
        let neighbours = |first: usize| unsafe { load_two(source.data, [at[first], at[first + 4]], below) };
        // Pixel i in the lower half, i + 4 in the upper one: each half is transposed by itself.
        let pixels = [
            blend(neighbours(0), spread(0), _mm256_shuffle_epi32::<0x00>(down)),
            blend(neighbours(1), spread(1), _mm256_shuffle_epi32::<0x55>(down)),
            blend(neighbours(2), spread(2), _mm256_shuffle_epi32::<0xaa>(down)),
            blend(neighbours(3), spread(3), _mm256_shuffle_epi32::<0xff>(down)),
        ];
        let low = |a: usize| _mm256_unpacklo_epi32(pixels[a], pixels[a + 1]);
        let high = |a: usize| _mm256_unpackhi_epi32(pixels[a], pixels[a + 1]);
        let (red_green_01, red_green_23) = (low(0), low(2));
        store(&mut red[from..], _mm256_unpacklo_epi64(red_green_01, red_green_23), scale);
        store(&mut green[from..], _mm256_unpackhi_epi64(red_green_01, red_green_23), scale);
        store(&mut blue[from..], _mm256_unpacklo_epi64(high(0), high(2)), scale);
    }
}

/// Whether everything that the steps `0..count` of `row` read lies in a picture whose offsets fit into 31 bits.
fn lies_within(source: Source<'_>, row: Row, count: usize, below: usize) -> bool {
    let whole = |position: i64| usize::try_from(position >> FRACTION_BITS).ok();
    let ends = [row.at(0), row.at(count - 1)].map(|(x, y)| whole(x).zip(whole(y)));
    let [Some((x0, y0)), Some((x1, y1))] = ends else { return false };
    // Positions run evenly, so the largest of each is at one of the ends.
    let last = y0.max(y1).checked_mul(source.stride()).and_then(|start| start.checked_add(x0.max(x1) * 3 + below + 8));
    last.is_some_and(|last| last <= source.data.len()) && i32::try_from(source.data.len()).is_ok()
}

/// How far the pixels of a block lie along one axis from its first.
struct Along {
    /// Pixels 0, 1, 4 and 5, then 2, 3, 6 and 7: so that a shuffle inside each half puts their parts in order.
    steps: [__m256i; 2],
}

impl Along {
    #[target_feature(enable = "avx2")]
    #[inline]
    fn new(d: i64) -> Self {
        Self { steps: [_mm256_setr_epi64x(0, d, 4 * d, 5 * d), _mm256_setr_epi64x(2 * d, 3 * d, 6 * d, 7 * d)] }
    }

    /// Whole parts and weights of the positions of a block that begins at `start`, in order.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn split(&self, start: i64) -> (__m256i, __m256i) {
        let start = _mm256_set1_epi64x(start);
        let positions = [_mm256_add_epi64(start, self.steps[0]), _mm256_add_epi64(start, self.steps[1])];
        let [a, b] = [_mm256_castsi256_ps(positions[0]), _mm256_castsi256_ps(positions[1])];
        let whole = _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(a, b));
        let fraction = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(a, b));
        (whole, _mm256_srli_epi32::<{ (FRACTION_BITS - WEIGHT_BITS) as i32 }>(fraction))
    }
}

/// The upper and lower pairs of neighbours of two pixels: left, right and two bytes that nobody looks at, eight bytes each.
///
/// # Safety
/// `at + below + 8` must lie in `data` for both.
#[target_feature(enable = "avx2")]
#[inline]
#[expect(unsafe_code, reason = "a check of each pixel would take as long as its blending")]
#[expect(clippy::cast_ptr_alignment, reason = "both instructions load from any address")]
unsafe fn load_two(data: &[u8], at: [i32; 2], below: usize) -> __m256i {
    let load = |at: i32| {
        // SAFETY: the caller's.
        unsafe {
            let upper = data.as_ptr().add(at as usize);
            let pair = _mm_castsi128_pd(_mm_loadl_epi64(upper.cast::<__m128i>()));
            _mm_castpd_si128(_mm_loadh_pd(pair, upper.add(below).cast::<f64>()))
        }
    };
    _mm256_set_m128i(load(at[1]), load(at[0]))
}

/// Two pixels as red, green, blue and nothing, in 32 bits each.
#[target_feature(enable = "avx2")]
#[inline]
fn blend(neighbours: __m256i, across: __m256i, down: __m256i) -> __m256i {
    const SHIFT: i32 = 2 * WEIGHT_BITS as i32;
    // Left beside right, upper before lower, colour by colour.
    let order = _mm_setr_epi8(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, -1, -1, -1, -1);
    let pairs = _mm256_shuffle_epi8(neighbours, _mm256_broadcastsi128_si256(order));
    let sums = _mm256_madd_epi16(_mm256_maddubs_epi16(pairs, across), down);
    _mm256_srli_epi32::<SHIFT>(_mm256_add_epi32(sums, _mm256_set1_epi32(1 << (SHIFT - 1))))
}

/// Scales a block of colours and writes it to the start of `values`.
#[target_feature(enable = "avx2")]
#[inline]
fn store(values: &mut [f32], colours: __m256i, scale: Scale) {
    let scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(colours), _mm256_set1_ps(scale.factor));
    let scaled = _mm256_add_ps(scaled, _mm256_set1_ps(scale.offset));
    let Some(values) = values.first_chunk_mut::<BLOCK>() else { return };
    #[expect(unsafe_code, reason = "vectors are stored through pointers")]
    // SAFETY: the array is as long as the vector, and aligned or not does not matter.
    unsafe {
        _mm256_storeu_ps(values.as_mut_ptr(), scaled);
    }
}
