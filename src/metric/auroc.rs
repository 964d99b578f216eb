//! How well a score tells two sets apart.

/// The area under the receiver operating characteristic of a score that should be higher for `high` than for `low`: the share of
/// pairs that it orders so, ties counted by half (Mann & Whitney 1947). `None` where one set is empty or a score is no number.
pub fn auroc(high: &[f32], low: &[f32]) -> Option<f64> {
    if high.is_empty() || low.is_empty() || high.iter().chain(low).any(|score| score.is_nan()) {
        return None;
    }
    let mut sorted = low.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let below = |score: f32| sorted.partition_point(|&other| other < score);
    let upto = |score: f32| sorted.partition_point(|&other| other <= score);
    let twice: f64 = high.iter().map(|&score| (below(score) + upto(score)) as f64).sum();
    Some(twice / (2.0 * high.len() as f64 * low.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_and_ties_by_half() {
        assert_eq!(auroc(&[3.0, 4.0], &[1.0, 2.0]), Some(1.0));
        assert_eq!(auroc(&[1.0, 2.0], &[3.0, 4.0]), Some(0.0));
        assert_eq!(auroc(&[1.0, 2.0], &[2.0, 1.0]), Some(0.5));
        // −0 is 0.
        assert_eq!(auroc(&[0.0], &[-0.0]), Some(0.5));
        // Of six pairs: 5 > 1, 5 > 5 by half, 5 < 7; 2 > 1, 2 < 5, 2 < 7.
        assert_eq!(auroc(&[5.0, 2.0], &[1.0, 5.0, 7.0]), Some(2.5 / 6.0));
        assert_eq!([auroc(&[], &[1.0]), auroc(&[1.0], &[]), auroc(&[f32::NAN], &[1.0])], [None; 3]);
    }
}
