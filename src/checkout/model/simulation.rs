//! What rules would have cost: past orders, in the order in which they were made, priced with them alone, limits and
//! budget counted as the checkout counts them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use entity::{CampaignId, Day, MemberId};

use super::{Applied, Cart, NotApplied, Offer, OfferId, Taken, price};
use crate::campaigns::model::Rules;

/// The offer that is tried out; nothing else has this number.
const TRIED: OfferId = OfferId::Campaign(CampaignId(0));

/// An order that was paid.
#[derive(Clone, Debug)]
pub struct PastOrder {
    /// What was bought, how, by whom and when: as the checkout would have seen it.
    pub cart: Cart,
    /// The merchant's day on which it was made.
    pub day: Day,
    /// Who bought, where that is known.
    pub member: Option<MemberId>,
}

/// What a day of the past would have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimulatedDay {
    /// How many orders were paid that were made on it.
    pub orders: i64,
    /// How many of them would have had it.
    pub given: i64,
    /// What would have come off them, in minor units.
    pub cost_minor: i64,
}

/// What rules would have cost 模拟结果.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// How many orders were replayed.
    pub orders: i64,
    /// How many of them would have had it.
    pub given: i64,
    /// How many different members that would have been.
    pub members: i64,
    /// How many of those orders were nobody's that is known.
    pub without_member: i64,
    /// What would have come off, in minor units.
    pub cost_minor: i64,
    /// What those orders came to before anything came off, in minor units.
    pub amount_minor: i64,
    /// When the first order had to do without, because what was left of the budget did not reach.
    pub budget_out_at: Option<DateTime<Utc>>,
    /// When the first order had to do without, because as many as may had had it.
    pub used_up_at: Option<DateTime<Utc>>,
    /// How many orders had to do without because of limits and budget.
    pub too_late: i64,
    /// How many orders were short of the threshold.
    pub below_threshold: i64,
    /// By the day on which orders were made, with each day on which one was.
    pub days: BTreeMap<Day, SimulatedDay>,
}

impl Simulation {
    /// What came off an order that had it, in minor units, rounded half up; none where none had.
    #[must_use]
    pub fn average_minor(&self) -> Option<i64> {
        (self.given > 0).then(|| (self.cost_minor + self.given / 2) / self.given)
    }

    /// Which share of orders would have had it, in millionths; none where there were none.
    #[must_use]
    pub fn share_ppm(&self) -> Option<i64> {
        let share = || i128::from(self.given) * 1_000_000 / i128::from(self.orders);
        (self.orders > 0).then(|| i64::try_from(share()).unwrap_or(0))
    }
}

/// Rules that are being tried out.
#[derive(Debug)]
pub struct Simulator {
    rules: Rules,
    taken: Taken,
    today: (Day, i64),
    by_member: HashMap<MemberId, i64>,
    result: Simulation,
}

impl Simulator {
    /// Tries out rules. When a campaign begins and ends does not matter: it is as if it had run all the time.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            taken: Taken::default(),
            today: (Day(i32::MIN), 0),
            by_member: HashMap::new(),
            result: Simulation::default(),
        }
    }

    /// Replays an order; they come in the order in which they were made. What came off it is told.
    pub fn replay(&mut self, past: &PastOrder) -> Option<Applied> {
        if self.today.0 != past.day {
            self.today = (past.day, 0);
        }
        let of_member = past.member.and_then(|id| self.by_member.get(&id));
        let offer = Offer {
            id: TRIED,
            from: DateTime::<Utc>::MIN_UTC,
            to: None,
            rules: &self.rules,
            taken: Taken {
                today: self.today.1,
                by_member: of_member.copied().unwrap_or(0),
                ..self.taken
            },
            held_out: false,
        };
        let priced = price(&past.cart, &[offer]);
        let (result, at) = (&mut self.result, past.cart.at.with_timezone(&Utc));
        result.orders += 1;
        let day = result.days.entry(past.day).or_default();
        day.orders += 1;
        match priced.not_applied.first() {
            Some((_, NotApplied::OverBudget)) => {
                result.too_late += 1;
                result.budget_out_at.get_or_insert(at);
            }
            Some((_, NotApplied::UsedUp)) => {
                result.too_late += 1;
                result.used_up_at.get_or_insert(at);
            }
            Some((_, NotApplied::UsedUpToday | NotApplied::UsedUpByMember)) => {
                result.too_late += 1;
            }
            Some((_, NotApplied::BelowThreshold(_) | NotApplied::BelowThresholdOfRest(_))) => {
                result.below_threshold += 1
            }
            _ => {}
        }
        let applied = priced.applied.into_iter().next()?;
        let off = applied.off_minor;
        day.given += 1;
        day.cost_minor += off;
        result.given += 1;
        result.cost_minor += off;
        result.amount_minor += priced.amount_minor;
        self.taken.total += 1;
        self.taken.spent_minor += off;
        self.today.1 += 1;
        match past.member {
            Some(id) => {
                let times = self.by_member.entry(id).or_default();
                result.members += i64::from(*times == 0);
                *times += 1;
            }
            None => result.without_member += 1,
        }
        Some(applied)
    }

    /// What all of it would have cost.
    #[must_use]
    pub fn end(self) -> Simulation {
        self.result
    }
}

#[cfg(test)]
mod tests;
