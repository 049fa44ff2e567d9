//! Percentiles and means, the same wherever figures are shown.

/// The values that are finite, the least first: what [`percentile`] reads.
#[must_use]
pub fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The value below which the share `share` (0 to 1, others count as the nearer end) of the `sorted` values lies; `None`
/// without any. Between two of them it is interpolated.
///
/// Source: Hyndman and Fan 1996, "Sample Quantiles in Statistical Packages", definition 7.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (lower, upper) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(lower + (upper - lower) * place.fract())
}

/// The mean of the values that are finite; `None` without any.
#[must_use]
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_interpolated() {
        let hundred = sorted((1..=100).rev().map(f64::from));
        assert_eq!(percentile(&hundred, 0.5), Some(50.5));
        assert!((percentile(&hundred, 0.95).expect("values") - 95.05).abs() < 1e-9);
        assert_eq!(percentile(&[0.0, 10.0], 0.95), Some(9.5));
        assert_eq!((percentile(&hundred, 0.0), percentile(&hundred, 1.0)), (Some(1.0), Some(100.0)));
        assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
        assert_eq!(percentile(&[], 0.5), None);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(sorted([3.0, f64::NAN, 1.0, f64::INFINITY, 2.0]), [1.0, 2.0, 3.0]);
        assert_eq!(mean([1.0, f64::INFINITY, 3.0]), Some(2.0));
        assert_eq!(mean([f64::NAN]), None);
    }

    #[test]
    fn a_share_out_of_range_is_the_nearer_end() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!(percentile(&values, -0.5), Some(1.0));
        assert_eq!(percentile(&values, 7.0), Some(4.0));
    }
}
