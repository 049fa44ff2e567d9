//! Order statistics.

/// The value below which the share `rank` (0 to 1) of the finite `values` lies, interpolated; `None` without any.
#[must_use]
pub fn quantile(values: &[f64], rank: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let place = rank.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (lower, upper) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(lower + (upper - lower) * place.fract())
}

/// The mean of what is finite, `None` without any.
pub(super) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
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
    fn quantiles_are_interpolated_and_leave_out_what_is_not_finite() {
        assert_eq!(quantile(&[3.0, f64::NAN, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[0.0, 10.0], 0.95), Some(9.5));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(mean([1.0, f64::INFINITY, 3.0]), Some(2.0));
    }
}
