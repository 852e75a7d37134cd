//! What is missing until a tier is reached 距下一等级.

use entity::{Day, tier};

use super::ladder::Sums;

/// What is missing until a tier is reached: any one of these is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// To be spent, in minor units; none where the tier does not ask for it.
    pub spend_minor: Option<i64>,
    /// Points to be earned.
    pub points: Option<i64>,
    /// Orders to be paid.
    pub orders: Option<i64>,
    /// The last day on which all that is counted now still counts; none where nothing falls out.
    pub by: Option<Day>,
}

/// What is missing until figures reach a tier; nothing of what they reach already.
#[must_use]
pub fn missing(tier: &tier::Model, sums: &Sums) -> Missing {
    let figures = sums.over(tier.window_days);
    let rest = |threshold: Option<i64>, figure: i64| threshold.map(|it| (it - figure).max(0));
    let last = |first: Day, days: i32| Day(first.0.saturating_add(days).saturating_sub(1));
    Missing {
        spend_minor: rest(tier.spend_minor, figures.spent_minor),
        points: rest(tier.points, figures.points),
        orders: rest(tier.orders, figures.orders),
        by: figures
            .first_day
            .zip(tier.window_days)
            .map(|(first, days)| last(first, days)),
    }
}
