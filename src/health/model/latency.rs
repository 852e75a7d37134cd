//! How long things take, as a histogram on a geometric scale: each bucket reaches √2 times as far as the one
//! before, so that a percentile is right within 41 % from a millisecond to weeks.

use std::collections::BTreeMap;

/// The last bucket; what takes longer is in it, too.
pub const LAST: i16 = 60;

/// The bucket that a duration in milliseconds falls into: the first that reaches so far.
#[must_use]
pub fn bucket(ms: i64) -> i16 {
    let ms = u128::try_from(ms.max(1)).unwrap_or(1);
    // The first power of two that is not below the square.
    let square = ms * ms;
    let bits = u128::BITS - (square - 1).leading_zeros();
    i16::try_from(bits).unwrap_or(LAST).min(LAST)
}

/// How far a bucket reaches, in milliseconds: what took longer is in the next one.
#[must_use]
pub fn upper_ms(bucket: i16) -> i64 {
    let bucket = u32::try_from(bucket.clamp(0, LAST)).unwrap_or(0);
    i64::try_from((1_u128 << bucket).isqrt()).unwrap_or(i64::MAX)
}

/// Where a bucket begins, in milliseconds: what took as long is in the one before.
#[must_use]
pub fn lower_ms(bucket: i16) -> i64 {
    if bucket <= 0 { 0 } else { upper_ms(bucket - 1) }
}

/// The time that so many per cent did not exceed, in milliseconds; none where nothing was measured. Buckets may
/// come in any order, and more than once; within one, times are taken to lie evenly.
#[must_use]
pub fn percentile(buckets: &[(i16, i64)], per_cent: u32) -> Option<i64> {
    let mut sorted = BTreeMap::new();
    for (bucket, count) in buckets.iter().filter(|(_, count)| *count > 0) {
        *sorted.entry(*bucket).or_insert(0_i64) += count;
    }
    let total: i64 = sorted.values().sum();
    if total == 0 {
        return None;
    }
    let wanted = (total.saturating_mul(i64::from(per_cent.min(100))) + 99) / 100;
    let wanted = wanted.max(1);
    let mut before = 0;
    for (bucket, count) in sorted {
        if before + count >= wanted {
            let (from, to) = (lower_ms(bucket), upper_ms(bucket));
            return Some(from + (to - from) * (wanted - before) / count);
        }
        before += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bucket_holds_what_lies_between_its_bounds() {
        for (ms, expected) in [
            (-5, 0),
            (0, 0),
            (1, 0),
            (2, 2),
            (3, 4),
            (4, 4),
            (5, 5),
            (6, 6),
            (1_000, 20),
            (10_000, 27),
            (i64::MAX, LAST),
        ] {
            assert_eq!(bucket(ms), expected, "{ms} ms");
        }
    }

    #[test]
    fn a_percentile_is_that_of_the_times() {
        let times: Vec<(i16, i64)> = (1..=1_000).map(|ms| (bucket(ms), 1)).collect();
        assert_eq!(percentile(&times, 0), Some(1));
        for (per_cent, exact) in [(50, 500), (95, 950), (100, 1_000)] {
            let told = percentile(&times, per_cent).unwrap();
            assert!(
                (told - exact).abs() * 100 <= exact * 8,
                "{per_cent}: {told}"
            );
        }
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[(3, 0)], 50), None);
    }

    proptest! {
        #[test]
        fn buckets_meet_and_do_not_overlap(ms in 1_i64..1_000_000_000) {
            let found = bucket(ms);
            prop_assert!(ms <= upper_ms(found));
            prop_assert!(ms > lower_ms(found) || ms == 1);
        }

        #[test]
        fn a_percentile_grows_with_its_share(
            buckets in prop::collection::vec((0_i16..=LAST, 0_i64..1_000), 0..20), share in 0_u32..100,
        ) {
            let (less, more) = (percentile(&buckets, share), percentile(&buckets, share + 1));
            prop_assert!(less <= more);
        }
    }
}
