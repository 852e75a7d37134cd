//! What a member has bought, and has of it.

use std::collections::BTreeMap;

use entity::{Day, Instant, MemberId, MerchantId, OrderId, member, member_day};

use super::empty_purse;
use crate::demo::history::instant;
use crate::points::model::Purse;
use crate::tiers::model::{Figures, Held};

/// An order that was paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bought {
    day: Day,
    paid_ms: i64,
    minor: i64,
    refunded: i64,
    points: i64,
}

impl Bought {
    pub fn new(day: Day, minor: i64, points: i64) -> Self {
        Self {
            day,
            paid_ms: 0,
            minor,
            refunded: 0,
            points,
        }
    }
}

/// What a member has bought, and has of it.
#[derive(Debug)]
pub(super) struct Card {
    pub purse: Purse,
    pub held: Option<Held>,
    /// What was held before, each until when it was no longer.
    past: Vec<(i64, Option<Held>)>,
    orders: BTreeMap<OrderId, Bought>,
    last_paid_ms: Option<i64>,
}

impl Card {
    pub fn new(merchant_id: MerchantId, id: MemberId) -> Self {
        Self {
            purse: empty_purse(member::Model::nobody(merchant_id, id, String::new())),
            held: None,
            past: Vec::new(),
            orders: BTreeMap::new(),
            last_paid_ms: None,
        }
    }

    pub fn id(&self) -> MemberId {
        self.purse.member.id
    }

    pub fn buys(&mut self, id: OrderId, bought: Bought, at_ms: i64) {
        let bought = Bought {
            paid_ms: at_ms,
            ..bought
        };
        self.orders.insert(id, bought);
        self.last_paid_ms = self.last_paid_ms.max(Some(at_ms));
    }

    pub fn refunded(&self, id: OrderId) -> i64 {
        self.orders.get(&id).map_or(0, |order| order.refunded)
    }

    pub fn paid_ms(&self, id: OrderId) -> Option<i64> {
        self.orders.get(&id).map(|order| order.paid_ms)
    }

    pub fn gives_back(&mut self, id: OrderId, minor: i64, points: i64) {
        if let Some(order) = self.orders.get_mut(&id) {
            order.refunded += minor;
            order.points -= points;
        }
    }

    /// What is held from now on.
    pub fn has(&mut self, held: Option<Held>) {
        let since = held.map_or(i64::MAX, |held| held.since.0.timestamp_millis());
        self.past.push((since, self.held));
        self.held = held;
    }

    /// What was held when an order was paid.
    pub fn before(&self, paid_ms: Option<i64>) -> Option<Held> {
        let paid_ms = paid_ms?;
        let first = self.past.iter().find(|(until, _)| *until >= paid_ms)?;
        first.1
    }

    /// The orders that count, and their sums.
    fn sum<'a>(orders: impl Iterator<Item = &'a Bought>) -> (i64, i64, i64) {
        orders.fold((0, 0, 0), |(count, minor, points), order| {
            let whole = i64::from(order.refunded < order.minor);
            (
                count + whole,
                minor + order.minor - order.refunded,
                points + order.points,
            )
        })
    }

    pub fn figures(&self, window: Option<i32>, today: Day) -> Figures {
        let first = window.map(|days| Day(today.0 - days + 1));
        let within = |order: &&Bought| first.is_none_or(|first| order.day >= first);
        let (orders, spent_minor, points) = Self::sum(self.orders.values().filter(within));
        let days = self.orders.values().filter(within).map(|order| order.day);
        Figures {
            spent_minor,
            points,
            orders,
            first_day: days.min(),
        }
    }

    /// Writes into a member's row what they have.
    pub fn write_into(&self, row: &mut member::Model) {
        let (orders, spent_minor, _) = Self::sum(self.orders.values());
        row.paid_orders = orders;
        row.spent_minor = spent_minor;
        row.last_paid_at = self.last_paid_ms.map(instant);
        row.points = self.purse.member.points;
        row.points_pending = self.purse.member.points_pending;
        row.points_owed = self.purse.member.points_owed;
        row.tier_id = self.held.map(|held| held.tier_id);
        row.tier_since = self.held.map(|held| held.since);
        row.tier_until = self.held.and_then(|held| held.until);
        let first = self.orders.values().map(|order| order.paid_ms).min();
        let first = first.map(instant).filter(|at| at.0 < row.joined_at.0);
        row.joined_at = first.unwrap_or(row.joined_at);
    }

    /// What was bought, day by day.
    pub fn days_of(&self, row: &member::Model) -> Vec<member_day::Model> {
        let mut days: BTreeMap<i32, Vec<&Bought>> = BTreeMap::new();
        for order in self.orders.values() {
            days.entry(order.day.0).or_default().push(order);
        }
        let days = days.into_iter().map(|(day, orders)| {
            let (orders, spent_minor, points) = Self::sum(orders.into_iter());
            member_day::Model {
                merchant_id: row.merchant_id,
                member_id: row.id,
                day: Day(day),
                orders,
                spent_minor,
                points,
            }
        });
        days.collect()
    }

    /// How many points can be spent at a moment.
    pub fn available(&self, at: Instant) -> i64 {
        self.purse.available(at.0)
    }
}
