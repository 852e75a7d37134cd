//! A merchant's tiers from the lowest to the highest, and which of them figures reach.

use entity::{Day, TierId, tier};

/// Over how many days is counted, today included; none for all time.
pub type Window = Option<i32>;

/// The first day of a window that ends on a day.
#[must_use]
pub fn first_day(window: Window, today: Day) -> Day {
    window.map_or(Day(i32::MIN), |days| {
        Day(today.0.saturating_sub(days).saturating_add(1))
    })
}

/// What a member has bought over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What was paid, less what was refunded, in minor units.
    pub spent_minor: i64,
    /// Points that orders have earned, less what was clawed back.
    pub points: i64,
    /// Orders that were paid and not refunded in full.
    pub orders: i64,
    /// The first day of the window on which there is anything.
    pub first_day: Option<Day>,
}

/// What a member has bought over each of some windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums(Vec<(Window, Figures)>);

impl Sums {
    /// Figures by window.
    #[must_use]
    pub fn of(figures: Vec<(Window, Figures)>) -> Self {
        Self(figures)
    }

    /// Those of a window; nothing where they were not summed.
    #[must_use]
    pub fn over(&self, window: Window) -> Figures {
        let found = self.0.iter().find(|(known, _)| *known == window);
        found.map(|(_, figures)| *figures).unwrap_or_default()
    }
}

/// A merchant's tiers, from the lowest to the highest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    tiers: Vec<tier::Model>,
}

impl Ladder {
    /// The tiers that there are, in the order of their ranks.
    #[must_use]
    pub fn of(mut tiers: Vec<tier::Model>) -> Self {
        tiers.retain(|tier| tier.removed_at.is_none());
        tiers.sort_by_key(|tier| tier.rank);
        Self { tiers }
    }

    /// From the lowest to the highest.
    #[must_use]
    pub fn tiers(&self) -> &[tier::Model] {
        &self.tiers
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tiers.is_empty()
    }

    /// A tier by id; none where it was taken away.
    #[must_use]
    pub fn find(&self, id: TierId) -> Option<&tier::Model> {
        self.tiers.iter().find(|tier| tier.id == id)
    }

    /// Over which windows has to be summed, each once.
    #[must_use]
    pub fn windows(&self) -> Vec<Window> {
        let asking = self.tiers.iter().filter(|tier| is_reachable(tier));
        let mut windows: Vec<Window> = asking.map(|tier| tier.window_days).collect();
        windows.sort_unstable();
        windows.dedup();
        windows
    }

    /// The highest tier that figures reach.
    #[must_use]
    pub fn reached(&self, sums: &Sums) -> Option<&tier::Model> {
        self.tiers.iter().rev().find(|tier| reaches(tier, sums))
    }

    /// The next higher tier that can be reached.
    #[must_use]
    pub fn above(&self, held: Option<&tier::Model>) -> Option<&tier::Model> {
        let rank = held.map_or(i32::MIN, |tier| tier.rank);
        self.tiers
            .iter()
            .find(|tier| tier.rank > rank && is_reachable(tier))
    }

    /// The next lower tier that can be reached.
    #[must_use]
    pub fn below(&self, held: &tier::Model) -> Option<&tier::Model> {
        self.tiers
            .iter()
            .rev()
            .find(|tier| tier.rank < held.rank && is_reachable(tier))
    }
}

/// Whether a tier has a threshold: without one it is given by people alone.
#[must_use]
pub fn is_reachable(tier: &tier::Model) -> bool {
    tier.spend_minor.is_some() || tier.points.is_some() || tier.orders.is_some()
}

/// Whether figures reach a tier: any of its thresholds is enough.
#[must_use]
pub fn reaches(tier: &tier::Model, sums: &Sums) -> bool {
    let figures = sums.over(tier.window_days);
    let is_met = |threshold: Option<i64>, figure: i64| threshold.is_some_and(|it| figure >= it);
    is_met(tier.spend_minor, figures.spent_minor)
        || is_met(tier.points, figures.points)
        || is_met(tier.orders, figures.orders)
}
