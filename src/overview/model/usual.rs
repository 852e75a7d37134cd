//! Whether a figure is as usual, in integers.

/// What is to be said of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It lies in the band.
    Usual,
    /// It lies above.
    UnusuallyHigh,
    /// It lies below.
    UnusuallyLow,
    /// There are too few days to compare it with.
    NotEnoughData,
}

/// A figure beside what is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The figure; none where there is none, such as a share of nothing.
    pub value: Option<i64>,
    /// The median of the same weekday of the four weeks before; none where there were too few.
    pub usual: Option<i64>,
    /// Where the band begins and ends; none where nobody can say.
    pub band: Option<(i64, i64)>,
    /// What is to be said of it.
    pub verdict: Verdict,
}

/// How many days it takes to say what is usual.
const LEAST_DAYS: usize = 4;
/// Three standard deviations, of median deviations: 3 × 1.4826, in thousandths.
const DEVIATIONS: i128 = 4_448;

/// How narrow a band may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// A share of the median, in thousandths.
    pub per_mille: i64,
    /// At the least.
    pub least: i64,
}

/// Sets a figure beside those of days before, the newest first. `recent` of them say what is usual.
#[must_use]
pub fn compared(value: Option<i64>, before: &[i64], recent: usize, floor: Floor) -> Compared {
    let near = before.get(..recent.min(before.len())).unwrap_or_default();
    if before.len() < LEAST_DAYS {
        return Compared {
            value,
            usual: None,
            band: None,
            verdict: Verdict::NotEnoughData,
        };
    }
    let usual = median(near.to_vec());
    let middle = median(before.to_vec()).unwrap_or_default();
    let deviations = before.iter().map(|day| day.abs_diff(middle));
    let deviations = deviations.map(|far| i64::try_from(far).unwrap_or(i64::MAX));
    let deviation = median(deviations.collect()).unwrap_or_default();
    let spread = i128::from(deviation) * DEVIATIONS / 1_000;
    let share = i128::from(middle).abs() * i128::from(floor.per_mille) / 1_000;
    let width = spread.max(share).max(i128::from(floor.least));
    let width = i64::try_from(width).unwrap_or(i64::MAX);
    let band = (
        middle.saturating_sub(width).max(0),
        middle.saturating_add(width),
    );
    let verdict = match value {
        None => Verdict::NotEnoughData,
        Some(value) if value > band.1 => Verdict::UnusuallyHigh,
        Some(value) if value < band.0 => Verdict::UnusuallyLow,
        Some(_) => Verdict::Usual,
    };
    Compared {
        value,
        usual,
        band: Some(band),
        verdict,
    }
}

/// The middle one; of two, half of both, rounded down.
fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get(middle.checked_sub(1)?)?;
    i64::try_from((i128::from(lower) + i128::from(upper)).div_euclid(2)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT: Floor = Floor {
        per_mille: 250,
        least: 3,
    };

    #[test]
    fn a_figure_is_unusual_only_outside_the_band() {
        let before = [100, 104, 98, 101, 99, 103, 97, 102];
        for (value, verdict) in [
            (100, Verdict::Usual),
            (125, Verdict::Usual),
            (126, Verdict::UnusuallyHigh),
            (75, Verdict::Usual),
            (74, Verdict::UnusuallyLow),
        ] {
            let told = compared(Some(value), &before, 4, COUNT);
            assert_eq!(told.verdict, verdict, "{value}");
            assert_eq!(told.usual, Some(100));
            assert_eq!(told.band, Some((75, 125)));
        }
    }

    #[test]
    fn a_restless_shop_has_a_wide_band() {
        let told = compared(Some(300), &[100, 220, 40, 180, 90, 260, 30, 150], 4, COUNT);
        assert_eq!(told.verdict, Verdict::Usual);
    }

    #[test]
    fn with_three_days_nobody_can_say() {
        let told = compared(Some(1_000), &[1, 2, 3], 4, COUNT);
        assert_eq!(told.verdict, Verdict::NotEnoughData);
        assert_eq!((told.usual, told.band), (None, None));
    }

    #[test]
    fn a_quiet_shop_is_not_alarmed_by_three_orders() {
        let told = compared(Some(3), &[0, 0, 0, 0], 4, COUNT);
        assert_eq!(told.verdict, Verdict::Usual);
        let told = compared(Some(4), &[0, 0, 0, 0], 4, COUNT);
        assert_eq!(told.verdict, Verdict::UnusuallyHigh);
    }

    #[test]
    fn the_middle_of_two_is_between_them() {
        assert_eq!(median(vec![4, 1, 3, 2]), Some(2));
        assert_eq!(median(vec![5]), Some(5));
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![i64::MAX, i64::MAX]), Some(i64::MAX));
    }
}
