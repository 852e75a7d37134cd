//! Which tier a member is to have: reached, kept, lapsed, undone by a refund, given by a person.

use entity::tier::DowngradeRule;
use entity::tier_change::TierChangeReason;
use entity::{Day, Instant, TierId, member, member_day, tier};

use super::calendar::Moment;
use super::ladder::{Figures, Ladder, Sums, Window, first_day, reaches};

/// A tier that a member has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub tier_id: TierId,
    /// Since when.
    pub since: Instant,
    /// Until when it is kept whatever happens; none for ever.
    pub until: Option<Instant>,
}

impl Held {
    /// What a member has.
    #[must_use]
    pub fn of(member: &member::Model) -> Option<Self> {
        member.tier_id.map(|tier_id| Self {
            tier_id,
            since: member.tier_since.unwrap_or(member.joined_at),
            until: member.tier_until,
        })
    }

    /// A tier that is had from now on, for as long as it says.
    #[must_use]
    pub fn fresh(tier: &tier::Model, at: Moment) -> Self {
        Self {
            tier_id: tier.id,
            since: at.now,
            until: end_of(tier, at),
        }
    }

    fn is_due(&self, at: Moment) -> bool {
        self.until.is_some_and(|until| until.0 <= at.now.0)
    }
}

fn end_of(tier: &tier::Model, at: Moment) -> Option<Instant> {
    tier.retention_days.map(|days| at.end_after(days))
}

/// A change of what a member has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What they have from now on.
    pub to: Option<Held>,
    /// Why.
    pub reason: TierChangeReason,
}

/// What changes for a member by itself; none where nothing does. What is reached is had at once; what is not reached
/// any more is had until its end.
#[must_use]
pub fn decide(ladder: &Ladder, held: Option<Held>, sums: &Sums, at: Moment) -> Option<Step> {
    let reached = ladder.reached(sums);
    let fresh = |tier: &tier::Model| Held::fresh(tier, at);
    let Some(held) = held else {
        return reached.map(|tier| Step {
            to: Some(fresh(tier)),
            reason: TierChangeReason::Reached,
        });
    };
    let Some(tier) = ladder.find(held.tier_id) else {
        return Some(Step {
            to: reached.map(fresh),
            reason: TierChangeReason::Removed,
        });
    };
    match reached {
        Some(reached) if reached.rank > tier.rank => Some(Step {
            to: Some(fresh(reached)),
            reason: TierChangeReason::Reached,
        }),
        _ if !held.is_due(at) => None,
        Some(reached) if reached.rank == tier.rank => Some(Step {
            to: Some(Held {
                until: end_of(tier, at),
                ..held
            }),
            reason: TierChangeReason::Retained,
        }),
        _ => Some(Step {
            to: lapsed(ladder, tier, reached).map(fresh),
            reason: TierChangeReason::Lapsed,
        }),
    }
}

/// What is had behind a tier that is over and not reached again.
fn lapsed<'a>(
    ladder: &'a Ladder,
    tier: &tier::Model,
    reached: Option<&'a tier::Model>,
) -> Option<&'a tier::Model> {
    match tier.downgrade {
        DowngradeRule::Qualified => reached,
        DowngradeRule::OneStep => reached.max_by_rank(ladder.below(tier)),
    }
}

trait ByRank {
    fn max_by_rank(self, other: Self) -> Self;
}

impl ByRank for Option<&tier::Model> {
    fn max_by_rank(self, other: Self) -> Self {
        [self, other]
            .into_iter()
            .flatten()
            .max_by_key(|tier| tier.rank)
    }
}

/// What a refund undoes: a tier that was had by something since the order was paid, and was not reached without it, nor
/// is now.
/// `before` is what was had when the order was paid: that is had again, to its own end, or what would have come of it.
#[must_use]
pub fn undone(
    ladder: &Ladder,
    held: Held,
    before: Option<Held>,
    sums: &Sums,
    at: Moment,
) -> Option<Step> {
    let tier = ladder.find(held.tier_id)?;
    let reached = ladder.reached(sums);
    if reached.is_some_and(|reached| reached.rank >= tier.rank) {
        return None;
    }
    let again = before.and_then(|before| {
        let tier = ladder.find(before.tier_id)?;
        if before.is_due(at) {
            let tier = lapsed(ladder, tier, reached)?;
            return Some((tier.rank, Held::fresh(tier, at)));
        }
        Some((tier.rank, before))
    });
    let reached = reached.map(|tier| (tier.rank, Held::fresh(tier, at)));
    // Of two of one rank the last counts: what was had before keeps its end.
    let best = [reached, again]
        .into_iter()
        .flatten()
        .max_by_key(|(rank, _)| *rank);
    if best.is_some_and(|(rank, _)| rank >= tier.rank) {
        return None;
    }
    Some(Step {
        to: best.map(|(_, held)| held),
        reason: TierChangeReason::Refunded,
    })
}

/// Whether a tier, or a higher one, was reached on a day or on any later one, by what is counted now: what was refunded
/// since does not count. Days are in their order, from the begin of the widest window on.
#[must_use]
pub fn reached_since(
    ladder: &Ladder,
    tier: &tier::Model,
    days: &[member_day::Model],
    from: Day,
) -> bool {
    let visits = days.iter().map(|row| row.day).filter(|day| *day > from);
    let looked_at: Vec<Day> = std::iter::once(from).chain(visits).collect();
    ladder
        .tiers()
        .iter()
        .filter(|other| other.rank >= tier.rank)
        .any(|other| {
            let is_reached =
                |today: &Day| reaches(other, &sums_on(days, other.window_days, *today));
            looked_at.iter().any(is_reached)
        })
}

/// What was bought over a window that ended on a day.
fn sums_on(days: &[member_day::Model], window: Window, today: Day) -> Sums {
    let mut figures = Figures::default();
    let first = first_day(window, today);
    for row in days.iter().filter(|row| (first..=today).contains(&row.day)) {
        figures.spent_minor += row.spent_minor;
        figures.points += row.points;
        figures.orders += row.orders;
    }
    Sums::of(vec![(window, figures)])
}

/// What a member has when another becomes a part of them: the highest of what both have and what they reach together.
#[must_use]
pub fn merged(
    ladder: &Ladder,
    held: Option<Held>,
    other: Option<Held>,
    sums: &Sums,
    at: Moment,
) -> Option<Step> {
    let step = decide(ladder, held, sums, at);
    let mine = step.map_or(held, |step| step.to);
    let ends = |held: Held| {
        held.until
            .map_or(i64::MAX, |until| until.0.timestamp_millis())
    };
    // Of two alike, the one that is kept longer.
    let worth = |held: Held| Some((ladder.find(held.tier_id)?.rank, ends(held)));
    let other = other.filter(|other| !other.is_due(at));
    let theirs = other.and_then(worth);
    if theirs > mine.and_then(worth) {
        return Some(Step {
            to: other,
            reason: TierChangeReason::Merged,
        });
    }
    step
}

/// What a member has when a person gives them a tier: until a time, or for as long as the tier says.
#[must_use]
pub fn assigned(tier: &tier::Model, until: Option<Instant>, at: Moment) -> Held {
    Held {
        tier_id: tier.id,
        since: at.now,
        until: until.or_else(|| end_of(tier, at)),
    }
}
