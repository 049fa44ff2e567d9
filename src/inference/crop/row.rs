//! One row of a crop, as a straight line through the picture, and the parts of it that are sampled alike.

use std::ops::Range;

use super::{Border, FRACTION_BITS};

/// Positions along one row of the crop, fixed point.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) dx: i64,
    pub(super) dy: i64,
}

/// How the steps of a part are sampled.
pub(super) enum Part {
    /// All of it lies outside a picture with black around it.
    Black,
    /// From the first step on as `row` says. A pixel, its neighbours and two bytes more all lie in the picture; the lower
    /// neighbours lie `below` pixel rows further down.
    Plain { row: Row, below: usize },
    /// Some neighbours may lie outside.
    Edge,
}

/// Where a row can change from one part to another: at so many positions in each direction at most.
const CHANGES: usize = 8;

impl Row {
    pub(super) fn at(self, step: usize) -> (i64, i64) {
        (self.x + self.dx * step as i64, self.y + self.dy * step as i64)
    }

    /// The parts of the steps `0..side` over a picture of `width` x `height`, in order and without a gap.
    pub(super) fn parts(
        self,
        width: i64,
        height: i64,
        border: Border,
        side: usize,
    ) -> impl Iterator<Item = (Range<usize>, Part)> {
        let pixels = |count: i64| count << FRACTION_BITS;
        let columns =
            [pixels(-1), 0, pixels(width - 2), if border == Border::Zero { pixels(width) } else { pixels(width - 1) }];
        let lines = match border {
            Border::Zero => [pixels(-1), 0, pixels(height - 1), pixels(height)],
            Border::Replicate => [pixels(-1), 0, pixels(height - 2), pixels(height - 1)],
        };
        let mut changes = [side; CHANGES + 1];
        for (change, limit) in changes.iter_mut().zip(columns) {
            *change = crossing(self.x, self.dx, limit, side);
        }
        for (change, limit) in changes[4..].iter_mut().zip(lines) {
            *change = crossing(self.y, self.dy, limit, side);
        }
        changes.sort_unstable();
        let mut from = 0;
        changes.into_iter().filter_map(move |to| {
            let steps = std::mem::replace(&mut from, to)..to;
            (!steps.is_empty()).then(|| {
                let part = self.part(steps.start, width, height, border);
                (steps, part)
            })
        })
    }

    /// What the steps are from `step` on, up to where a limit is crossed.
    fn part(self, step: usize, width: i64, height: i64, border: Border) -> Part {
        let (x, y) = self.at(step);
        let (column, line) = (x >> FRACTION_BITS, y >> FRACTION_BITS);
        let (inside_x, inside_y) = ((0..width - 2).contains(&column), (0..height - 1).contains(&line));
        let row = Row { x, y, ..self };
        if inside_x && inside_y {
            return Part::Plain { row, below: 1 };
        }
        if border == Border::Zero {
            let outside = column < -1 || column >= width || line < -1 || line >= height;
            return if outside { Part::Black } else { Part::Edge };
        }
        // Beside, above or below the picture the nearest edge goes on: a row that stands still there.
        let last_column = column >= width - 1;
        let (row, below) = match line {
            ..0 => (Row { y: 0, dy: 0, ..row }, 0),
            _ if inside_y => (row, 1),
            _ => (Row { y: (height - 1) << FRACTION_BITS, dy: 0, ..row }, 0),
        };
        match column {
            _ if inside_x => Part::Plain { row, below },
            ..0 if width > 2 => Part::Plain { row: Row { x: 0, dx: 0, ..row }, below },
            // Its unused right neighbour is the next row's first pixel, which must be there.
            _ if last_column && width > 2 && line < height - 2 => {
                Part::Plain { row: Row { x: (width - 1) << FRACTION_BITS, dx: 0, ..row }, below }
            }
            _ => Part::Edge,
        }
    }
}

/// The first of `0..steps` at which `start + step * slope` lies on the other side of `limit` than at the start; `steps`
/// when it stays where it is.
fn crossing(start: i64, slope: i64, limit: i64, steps: usize) -> usize {
    let ahead = limit - start;
    let step = if slope > 0 && ahead > 0 {
        (ahead - 1) / slope + 1
    } else if slope < 0 && ahead <= 0 {
        ahead / slope + 1
    } else {
        return steps;
    };
    step.min(steps as i64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Before the crossing all steps lie on the first one's side, and the crossing itself does not.
        #[test]
        fn the_crossing_is_exact(start in -2000_i64..2000, slope in -300_i64..300, limit in -500_i64..1000) {
            let first = crossing(start, slope, limit, 20);
            let side = |step: usize| start + slope * step as i64 >= limit;
            prop_assert!((0..first).all(|step| side(step) == side(0)));
            prop_assert!(first == 20 || side(first) != side(0));
        }

        /// No step is left out or sampled twice.
        #[test]
        fn parts_follow_each_other(
            x in -60_i64..60, y in -60_i64..60, dx in -300_i64..300, dy in -300_i64..300, width in 1_i64..9, height in 1_i64..9,
            zero: bool,
        ) {
            let unit = 1 << (FRACTION_BITS - 3);
            let row = Row { x: x * unit, y: y * unit, dx: dx * unit / 16, dy: dy * unit / 16 };
            let border = if zero { Border::Zero } else { Border::Replicate };
            let mut next = 0;
            for (steps, _) in row.parts(width, height, border, 24) {
                prop_assert_eq!(steps.start, next);
                prop_assert!(steps.end > steps.start);
                next = steps.end;
            }
            prop_assert_eq!(next, 24);
        }
    }
}
