//! What a merchant would have sold without a campaign: as on the same weekdays of the weeks before.
//!
//! Each day is taken as the mean of its weekday and a deviation. The deviations of all weekdays have one variance,
//! which the days before tell. The sum of the campaign's days deviates by each day's own deviation and by what the
//! means themselves are off.

use super::spread::{ONE, root, student};
use super::{Estimate, narrow, rounded};

/// So many weeks before a campaign are looked at.
pub const WEEKS_BEFORE: u64 = 8;
/// So many of each weekday are needed before it.
pub const FEWEST_OF_A_WEEKDAY: usize = 3;
/// So many days of a campaign are needed.
pub const FEWEST_DAYS: usize = 3;
/// So many days of a campaign are compared: the first half year. What comes later, eight weeks tell nothing of.
pub const MOST_DAYS: u64 = 182;
/// More than any merchant sells in a day: what is above counts as this, so that no square overflows.
const MOST_OF_A_DAY: i64 = 10_000_000_000_000;

/// What a merchant sold on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfSales {
    /// Its weekday, Monday 0.
    pub weekday: usize,
    /// What was paid, in minor units.
    pub paid_minor: i64,
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEnough {
    /// Fewer than three whole days of the campaign are over.
    CampaignTooShort,
    /// Of a weekday on which it ran there are fewer than three in the weeks before it.
    HistoryTooShort,
    /// Nothing was sold in the weeks before it.
    NothingSoldBefore,
}

/// What would have been sold, and what the campaign brought beyond it 对照基线.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// What would have been expected of its days, in minor units.
    pub expected_minor: i64,
    /// What was sold on them, in minor units.
    pub actual_minor: i64,
    /// How much more that is, in minor units; below zero where it is less.
    pub uplift_minor: Estimate,
    /// The same as a share of what was expected, in millionths.
    pub uplift_ppm: Estimate,
    /// What would have been expected of each weekday, Monday first, in minor units.
    pub by_weekday: [i64; 7],
}

/// The days of one weekday.
#[derive(Clone, Copy, Debug, Default)]
struct Weekday {
    days: i128,
    sum: i128,
    squares: i128,
    /// How many days of the campaign there are.
    wanted: i128,
}

/// Compares a campaign's days with the days before it. Those on which the merchant had not sold anything yet are
/// left out by whoever asks.
pub fn baseline(before: &[DayOfSales], during: &[DayOfSales]) -> Result<Baseline, NotEnough> {
    if during.len() < FEWEST_DAYS {
        return Err(NotEnough::CampaignTooShort);
    }
    let mut week = [Weekday::default(); 7];
    for day in before {
        let paid = i128::from(day.paid_minor.clamp(0, MOST_OF_A_DAY));
        let weekday = &mut week[day.weekday % 7];
        weekday.days += 1;
        weekday.sum += paid;
        weekday.squares += paid * paid;
    }
    let mut actual = 0;
    for day in during {
        actual += i128::from(day.paid_minor.clamp(0, MOST_OF_A_DAY));
        week[day.weekday % 7].wanted += 1;
    }
    let fewest = i128::try_from(FEWEST_OF_A_WEEKDAY).unwrap_or(i128::MAX);
    if week.iter().any(|it| it.wanted > 0 && it.days < fewest) {
        return Err(NotEnough::HistoryTooShort);
    }
    let known = || week.iter().filter(|it| it.days > 0);
    // In millionths of a minor unit.
    let expected: i128 = known().map(|it| it.wanted * it.sum * ONE / it.days).sum();
    if expected <= 0 {
        return Err(NotEnough::NothingSoldBefore);
    }
    let residual: i128 = known()
        .map(|it| (it.days * it.squares - it.sum * it.sum) / it.days)
        .sum();
    let freedom = known().map(|it| it.days - 1).sum::<i128>();
    let of_days = i128::try_from(during.len()).unwrap_or(0) * ONE;
    let of_means: i128 = known()
        .map(|it| it.wanted * it.wanted * ONE / it.days)
        .sum();
    // In millionths of a squared minor unit, so the root is in thousandths of one.
    let variance = residual / freedom.max(1) * (of_days + of_means);
    let off = root(variance) * student(narrow(freedom)) / 1_000;
    // Of what is told as expected: whoever adds up what they read finds the same.
    let uplift = actual * ONE - rounded(expected, ONE) * ONE;
    let minor = |value: i128| narrow(rounded(value, ONE));
    let share = |value: i128| narrow(rounded(value, (expected / ONE).max(1)));
    let mut by_weekday = [0; 7];
    for (place, it) in week.iter().enumerate().filter(|(_, it)| it.days > 0) {
        by_weekday[place] = narrow(rounded(it.sum, it.days));
    }
    let estimate = |of: &dyn Fn(i128) -> i64| Estimate {
        value: of(uplift),
        low: of(uplift - off),
        high: of(uplift + off),
    };
    Ok(Baseline {
        expected_minor: minor(expected),
        actual_minor: narrow(actual),
        uplift_minor: estimate(&minor),
        uplift_ppm: estimate(&share),
        by_weekday,
    })
}
