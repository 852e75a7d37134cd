//! What orders did for the members who made them: what these have bought, and where the shop has a club, their points
//! and tiers, by the gateway's own rules, one thing after the other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::sync::Arc;

use entity::order::PaymentState;
use entity::point_entry::{self, PointKind};
use entity::point_lot;
use entity::refund::{RefundKind, RefundStatus};
use entity::{
    Day, Instant, MemberId, OrderId, PointEntryId, RefundId, TierChangeId, TierId, member,
    member_day, order_point, tier_change,
};

use super::{Plan, instant};
use crate::demo::store::Store;
use crate::points::model::Purse;
use crate::tiers::model::{Figures, Held, Ladder, Moment, Step, Sums, decide, undone};

mod card;
mod till;
mod treats;

use card::{Bought, Card};
use till::OrderPoints;
pub use treats::Treated;
use treats::Treats;

/// What is left behind of members' orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// What members bought, day by day.
    pub days: Vec<member_day::Model>,
    /// Their points.
    pub lots: Vec<point_lot::Model>,
    /// Every change of these.
    pub entries: Vec<point_entry::Model>,
    /// What orders have to do with them.
    pub orders: Vec<order_point::Model>,
    /// Changes of tiers.
    pub changes: Vec<tier_change::Model>,
    /// What points were given for.
    pub treated: Treated,
}

/// Something that happens to a member's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    Closed {
        order_id: OrderId,
    },
    Paid {
        order_id: OrderId,
        minor: i64,
        tier_id: Option<TierId>,
    },
    Refunded {
        order_id: OrderId,
        refund_id: RefundId,
        minor: i64,
    },
}

/// What lies ahead, the next first.
type Ahead = BinaryHeap<Reverse<(i64, MemberId, Happening)>>;

/// Members' cards under way.
#[derive(Debug)]
pub(super) struct Loyalty {
    store: Arc<Store>,
    ladder: Ladder,
    treats: Treats,
    until_ms: i64,
    ahead: Ahead,
    cards: HashMap<MemberId, Card>,
    orders: BTreeMap<OrderId, OrderPoints>,
    entries: Vec<point_entry::Model>,
    changes: Vec<tier_change::Model>,
    last_id: i64,
}

impl Loyalty {
    /// Before the first order.
    pub fn open(store: Arc<Store>, until_ms: i64) -> Self {
        let tiers = store.club.iter().flat_map(|club| club.tiers.clone());
        Self {
            ladder: Ladder::of(tiers.collect()),
            treats: Treats::open(&store),
            store,
            until_ms,
            ahead: Ahead::new(),
            cards: HashMap::new(),
            orders: BTreeMap::new(),
            entries: Vec::new(),
            changes: Vec::new(),
            last_id: 0,
        }
    }

    /// The tier that a member has at a moment.
    pub fn tier(&mut self, member: MemberId, at_ms: i64) -> Option<TierId> {
        self.live(at_ms);
        let card = self.cards.get(&member)?;
        card.held.map(|held| held.tier_id)
    }

    /// Remembers what becomes of an order, where a member made it.
    pub fn note(&mut self, plan: &Plan) {
        let order = &plan.order;
        let Some(member) = order.member_id else {
            return;
        };
        let held = self.orders.contains_key(&order.id);
        let mut add = |at: Instant, happening| {
            let at_ms = at.0.timestamp_millis();
            self.ahead.push(Reverse((at_ms, member, happening)));
        };
        if let Some(closed_at) = order.closed_at.filter(|_| held) {
            add(closed_at, Happening::Closed { order_id: order.id });
        }
        let (PaymentState::Paid, Some(paid_at)) = (order.payment_state, order.paid_at) else {
            return;
        };
        let paid = Happening::Paid {
            order_id: order.id,
            minor: order.paid_minor,
            tier_id: order.tier_id,
        };
        add(paid_at, paid);
        let succeeded = plan.refunds.iter().filter(|refund| {
            (refund.kind, refund.state) == (RefundKind::Order, RefundStatus::Succeeded)
        });
        for refund in succeeded {
            if let Some(at) = refund.succeeded_at {
                let happening = Happening::Refunded {
                    order_id: order.id,
                    refund_id: refund.id,
                    minor: refund.amount_minor,
                };
                add(at, happening);
            }
        }
    }

    /// Lets everything happen up to a moment.
    fn live(&mut self, until_ms: i64) {
        while let Some(Reverse((at_ms, ..))) = self.ahead.peek()
            && *at_ms <= until_ms
        {
            let Some(Reverse((at_ms, member, happening))) = self.ahead.pop() else {
                return;
            };
            self.happens(at_ms, member, &happening);
        }
    }

    fn happens(&mut self, at_ms: i64, id: MemberId, happening: &Happening) {
        let merchant_id = self.store.merchant.id;
        let mut card = self
            .cards
            .remove(&id)
            .unwrap_or_else(|| Card::new(merchant_id, id));
        match happening {
            Happening::Closed { order_id } => self.let_go(&mut card, at_ms, *order_id),
            Happening::Paid {
                order_id,
                minor,
                tier_id,
            } => self.paid(&mut card, at_ms, *order_id, (*minor, *tier_id)),
            Happening::Refunded {
                order_id,
                refund_id,
                minor,
            } => self.refunded(&mut card, at_ms, *order_id, (*refund_id, *minor)),
        }
        self.cards.insert(id, card);
    }

    fn day(&self, at_ms: i64) -> Day {
        let zone = self.store.shop.time_zone;
        Day::from(instant(at_ms).0.with_timezone(&zone).date_naive())
    }

    fn paid(
        &mut self,
        card: &mut Card,
        at_ms: i64,
        order_id: OrderId,
        (minor, tier_id): (i64, Option<TierId>),
    ) {
        let points = self.earn(card, at_ms, order_id, (minor, tier_id));
        let day = self.day(at_ms);
        card.buys(order_id, Bought::new(day, minor, points), at_ms);
        self.look(card, at_ms, None);
        let store = Arc::clone(&self.store);
        if let Some(taken) = self.treats.take(&store, card, (at_ms, self.until_ms)) {
            self.write(card, at_ms + 1, (Some(taken.0), 0));
        }
    }

    fn refunded(
        &mut self,
        card: &mut Card,
        at_ms: i64,
        order_id: OrderId,
        (refund_id, minor): (RefundId, i64),
    ) {
        let refunded = card.refunded(order_id) + minor;
        let clawed = self.undo(card, at_ms, order_id, (refund_id, refunded));
        card.gives_back(order_id, minor, clawed);
        self.look(card, at_ms, Some(order_id));
    }

    /// Looks at a member's tier again, after a payment or the refund of one.
    fn look(&mut self, card: &mut Card, at_ms: i64, refunded: Option<OrderId>) {
        if self.ladder.is_empty() {
            return;
        }
        let at = Moment {
            now: instant(at_ms),
            zone: self.store.shop.time_zone,
        };
        let windows = self.ladder.windows().into_iter();
        let sums = windows.map(|window| (window, card.figures(window, at.today())));
        let sums = Sums::of(sums.collect::<Vec<(Option<i32>, Figures)>>());
        let step = match (refunded, card.held) {
            (Some(order_id), Some(held)) => {
                let since = card.paid_ms(order_id);
                let later = since.is_some_and(|ms| held.since.0.timestamp_millis() >= ms);
                let undo = || undone(&self.ladder, held, card.before(since), &sums, at);
                later.then(undo).flatten()
            }
            (Some(_), None) => None,
            (None, held) => decide(&self.ladder, held, &sums, at),
        };
        if let Some(step) = step {
            self.change(card, at_ms, &step);
        }
    }

    fn change(&mut self, card: &mut Card, at_ms: i64, step: &Step) {
        let id = self.next_id(TierChangeId::first_at(at_ms).0);
        self.changes.push(tier_change::Model {
            merchant_id: self.store.merchant.id,
            id: TierChangeId(id),
            member_id: card.id(),
            from_tier_id: card.held.map(|held| held.tier_id),
            to_tier_id: step.to.map(|held| held.tier_id),
            reason: step.reason,
            until: step.to.and_then(|held: Held| held.until),
            actor: "system".to_owned(),
            note: None,
        });
        card.has(step.to);
    }

    /// An id not smaller than that, and above all before it.
    fn next_id(&mut self, first: i64) -> i64 {
        self.last_id = first.max(self.last_id + 1);
        self.last_id
    }

    /// Writes what was done to a purse as entries: for what, and which time.
    fn write(&mut self, card: &mut Card, at_ms: i64, (source_id, round): (Option<i64>, i32)) {
        for step in std::mem::take(&mut card.purse.moves) {
            let id = self.next_id(PointEntryId::first_at(at_ms).0);
            let by_itself = matches!(step.kind, PointKind::Expired | PointKind::Released);
            self.entries.push(point_entry::Model {
                merchant_id: self.store.merchant.id,
                id: PointEntryId(id),
                member_id: card.id(),
                lot_id: step.lot_id,
                kind: step.kind,
                points: step.points,
                pending: step.pending,
                owed: step.owed,
                balance: step.balance,
                source_id: source_id.filter(|_| !by_itself),
                round,
                actor: "system".to_owned(),
                note: None,
            });
        }
    }

    /// Lets everything else happen, and writes into members' rows what they have.
    pub fn close(mut self, members: &mut [member::Model]) -> Remembered {
        let until_ms = self.until_ms;
        self.live(until_ms);
        let mut cards = std::mem::take(&mut self.cards);
        let mut rest = Remembered::default();
        for row in members {
            let Some(mut card) = cards.remove(&row.id) else {
                continue;
            };
            card.purse.settle(instant(until_ms).0);
            self.write(&mut card, until_ms, (None, 0));
            card.write_into(row);
            rest.days.extend(card.days_of(row));
            rest.lots.extend(card.purse.lots);
        }
        rest.lots.sort_by_key(|lot| lot.id);
        rest.orders = self.orders.into_values().map(|order| order.row).collect();
        rest.entries = self.entries;
        rest.changes = self.changes;
        rest.treated = self.treats.close();
        rest
    }
}

/// A purse in which nothing is yet.
fn empty_purse(member: member::Model) -> Purse {
    Purse::of(member, Vec::new())
}
