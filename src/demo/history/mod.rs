//! A shop's history: complete orders with everything that belongs to them, in the order in which they
//! were made. The same seed and range give the same history; no clock is asked.

mod basket;
mod bills;
mod books;
mod checkout;
mod draft;
mod funds;
mod health;
mod lines;
mod loyalty;
mod members;
mod moments;
mod numbers;
mod offer_counters;
mod offers;
mod payout_records;
mod payouts;
mod plan;
mod reasons;
mod refunds;
mod returns;
mod story;
mod traffic;
mod transfers;

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone, Utc};
use entity::channel::PaymentMethod;
use entity::ids::TAIL_BITS;
use entity::order::{PaymentCodeKind, PaymentState, RefundState};
use entity::{Instant, OrderId, TimelineEntryId, order, order_line, order_timeline};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) use self::basket::choose;
use self::basket::{Basket, Menu};
use self::bills::Bills;
use self::books::Books;
pub use self::books::{Closing, Posted};
pub use self::draft::{DraftLine, OrderDraft, live_order};
use self::funds::Funds;
use self::health::Health;
pub use self::health::Watched;
use self::lines::{lines, title};
use self::loyalty::Loyalty;
pub use self::loyalty::Remembered;
use self::members::Members;
pub use self::members::member_no;
use self::offers::Offers;
pub use self::offers::Redeemed;
pub use self::payouts::PaidOut;
pub use self::plan::{Ending, Plan};
pub(super) use self::reasons::draw as reason;
use self::returns::Returns;
pub use self::story::Doer;
use self::story::{EXPIRY_MS, Story};
use self::traffic::Traffic;
use super::people::Customer;
use super::shop::Shop;
use super::store::Store;
use crate::working_days::Calendar;

/// Milliseconds in an hour.
const HOUR_MS: i64 = 3_600_000;
/// Milliseconds in a day.
const DAY_MS: i64 = 24 * HOUR_MS;
/// Orders are not younger than this at the end of a history: what must have followed has.
const SETTLED_MS: i64 = 2_000;

/// Makes the plans of one store, from the oldest order to the newest.
#[derive(Debug)]
pub struct History {
    store: Arc<Store>,
    menu: Menu,
    rng: ChaCha8Rng,
    moments: std::vec::IntoIter<i64>,
    books: Books,
    returns: Returns,
    bills: Option<Bills>,
    traffic: Traffic,
    health: Option<Health>,
    offers: Offers,
    members: Members,
    loyalty: Loyalty,
    until_ms: i64,
    serial: u64,
    last_id: i64,
}

impl History {
    /// The history of `orders` orders between `from` and `until`; settlements follow the calendar. Two
    /// stores with the same seed differ where their `stream` does.
    #[must_use]
    pub fn new(
        store: Arc<Store>,
        calendar: &Calendar,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        orders: u64,
        seed: u64,
        stream: u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        let newest = until - chrono::TimeDelta::milliseconds(SETTLED_MS);
        let moments = moments::draw(&mut rng, &store, from, newest, orders);
        Self {
            menu: Menu::new(store.shop),
            books: Books::open(Arc::clone(&store), calendar, until, orders),
            returns: Returns::new(seed, stream),
            bills: None,
            traffic: Traffic::open(store.merchant.id, until.timestamp_millis()),
            health: None,
            offers: Offers::open(Arc::clone(&store), until.timestamp_millis()),
            loyalty: Loyalty::open(Arc::clone(&store), until.timestamp_millis()),
            members: Members::new(store.shop, store.merchant.id, orders, seed, stream),
            store,
            rng,
            moments: moments.into_iter(),
            until_ms: until.timestamp_millis(),
            serial: 0,
            last_id: 0,
        }
    }

    /// The same with the bills of a channel compared, in the last days, by a member of staff.
    #[must_use]
    pub fn reconciled(mut self, importer: String) -> Self {
        self.bills = Bills::open(&self.books, importer);
        self
    }

    /// The same with its channels watched in the last weeks, and somebody who knew of each incident.
    #[must_use]
    pub fn watched(mut self, by: String) -> Self {
        let (_, offset_ms) = local_time(self.store.shop, self.until_ms);
        self.health = Some(Health::open(&self.store, by, self.until_ms, offset_ms));
        self
    }

    /// What is left when the last order is told.
    #[must_use]
    pub fn end(self) -> Ending {
        let importer = self.bills.as_ref().map(|bills| bills.importer.clone());
        let compared = self.bills.map(|bills| bills.close(&self.books));
        let (mut runs, mut items) = compared.unwrap_or_default();
        let (hours, times) = self.traffic.close();
        let books = self.books.close();
        let mut members = self.members.close(self.until_ms);
        let remembered = self.loyalty.close(&mut members);
        if let Some(club) = &self.store.club {
            members::introduce(&mut members, club);
        }
        let sent = &books.paid_out.payouts;
        let left = importer.and_then(|by| transfers::compare(sent, &by, self.until_ms));
        if let Some((run, item)) = left {
            runs.push(run);
            items.push(item);
        }
        Ending {
            hours,
            times,
            watched: self.health.map(Health::close).unwrap_or_default(),
            redeemed: self.offers.close(&members),
            remembered,
            members,
            books,
            runs,
            items,
        }
    }

    fn next_id(&mut self, made_ms: i64) -> OrderId {
        let tail: i64 = self.rng.random_range(0..1 << (TAIL_BITS - 1));
        let id = (OrderId::first_at(made_ms).0 | tail).max(self.last_id + 1);
        self.last_id = id;
        OrderId(id)
    }

    fn plan(&mut self, made_ms: i64) -> Plan {
        let id = self.next_id(made_ms);
        self.serial += 1;
        let store = Arc::clone(&self.store);
        let rng = &mut self.rng;
        let shop = store.shop;
        let (local, offset_ms) = local_time(shop, made_ms);
        let mut basket = self.menu.fill(rng, local);
        // Some come back often: the smaller of two draws.
        let customer = match store.customers.len() {
            0 => None,
            many => {
                let place = rng.random_range(0..many).min(rng.random_range(0..many));
                store.customers.get(place)
            }
        };
        let country = match customer {
            Some(customer) => customer.country,
            None => basket::choose(rng, shop.countries).unwrap_or("CN"),
        };
        let method = basket::method(rng, shop, country);
        let outcome = basket::outcome(rng, shop);
        let mut story = Story::tell(rng, outcome, made_ms, self.until_ms);
        if shop.ships {
            let pieces = basket.picks.iter().map(|pick| pick.quantity).sum();
            story.ship(rng, country, pieces, offset_ms, self.until_ms);
        }
        let member = self.members.next(id);
        let tier_id = member.and_then(|known| self.loyalty.tier(known.id, made_ms));
        let given = self.give(id, &mut basket, (&story, method), (member, tier_id));
        let lines = lines(&store, id, &basket, story.fulfillment);
        let mut order = self.order(id, &basket, &story, (method, country), customer);
        order.member_id = member.map(|known| known.id);
        order.tier_id = tier_id;
        self.members.note(&order);
        let broken = self
            .health
            .as_mut()
            .is_some_and(|health| health.note(&order));
        self.traffic.note(&order, offset_ms, broken);
        let plan = self.settle(order, lines, story);
        self.offers.note(&plan.order, given, &plan.refunds);
        self.loyalty.note(&plan);
        plan
    }

    fn order(
        &mut self,
        id: OrderId,
        basket: &Basket,
        story: &Story,
        (method, country): (PaymentMethod, &'static str),
        customer: Option<&Customer>,
    ) -> order::Model {
        let (store, rng) = (&self.store, &mut self.rng);
        let shop = store.shop;
        let made_ms = id.made_at_ms();
        let (local, _) = local_time(shop, made_ms);
        let account = store.merchant.id.0.unsigned_abs();
        let pending = story.payment == PaymentState::Pending;
        order::Model {
            merchant_id: store.merchant.id,
            id,
            merchant_order_no: numbers::merchant_order_no(shop.letters, local, self.serial),
            title: title(shop, basket),
            currency: store.merchant.currency.clone(),
            amount_minor: basket.amount_minor,
            discount_minor: basket.discount_minor,
            paid_minor: story
                .paid_ms
                .map_or(0, |_| basket.amount_minor - basket.discount_minor),
            channel_id: store.channel(method),
            method,
            country: Some(country.to_owned()),
            payment_state: story.payment,
            refund_state: RefundState::None,
            fulfillment_state: story.fulfillment,
            late: story.late,
            provider_trade_no: story
                .paid_ms
                .map(|_| numbers::provider_trade_no(rng, method, local, account, self.serial)),
            paid_at: story.paid_ms.map(instant),
            expires_at: instant(made_ms + EXPIRY_MS),
            closed_at: story.closed_ms.map(instant),
            fulfilled_at: story.fulfilled_ms.map(instant),
            payment_code_kind: pending.then_some(PaymentCodeKind::QrCode),
            payment_code: pending.then(|| numbers::payment_code(rng, method)),
            sealed_buyer: customer.map(|customer| customer.sealed.clone()),
            next_query_at: story.next_query_ms.map(instant),
            query_attempts: story.query_attempts,
            updated_at: instant(story.updated_ms()),
            refunded_minor: 0,
            refunding_minor: 0,
            member_id: None,
            tier_id: None,
        }
    }

    /// Books the payment of an order, and what is given back of it.
    fn settle(
        &mut self,
        mut order: order::Model,
        lines: Vec<order_line::Model>,
        mut story: Story,
    ) -> Plan {
        let left = self.moments.len();
        let books = &mut self.books;
        let funds = story
            .paid_ms
            .and_then(|paid_ms| Funds::credit(books, &order, paid_ms, self.serial));
        let happened = &mut story.happened;
        let mut item = None;
        let settled = funds.map(|funds| {
            let (returns, bills) = (&mut self.returns, &mut self.bills);
            let mut settled = returns.tell(books, funds, &mut order, &lines, happened, left);
            if let Some(bills) = bills {
                item = bills.note(books, &order, &mut settled, happened);
            }
            settled
        });
        let mut plan = Plan {
            timeline: timeline(&self.store, order.id, &story),
            order,
            lines,
            payment: None,
            refunds: Vec::new(),
            refund_lines: Vec::new(),
            postings: Vec::new(),
            item,
        };
        if let Some(settled) = settled {
            plan.payment = Some(settled.funds.payment);
            plan.postings = settled.funds.postings;
            plan.refunds = settled.refunds;
            plan.refund_lines = settled.refund_lines;
        }
        plan
    }
}

impl Iterator for History {
    type Item = Plan;

    fn next(&mut self) -> Option<Plan> {
        let made_ms = self.moments.next()?;
        Some(self.plan(made_ms))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.moments.size_hint()
    }
}

/// Milliseconds since 1970 as tables keep them.
fn instant(ms: i64) -> Instant {
    Instant(DateTime::from_timestamp_millis(ms).unwrap_or(DateTime::UNIX_EPOCH))
}

/// The time on the shop's wall, and how far it is ahead of UTC.
fn local_time(shop: &Shop, ms: i64) -> (NaiveDateTime, i64) {
    let utc = instant(ms).0.naive_utc();
    let offset = shop.time_zone.offset_from_utc_datetime(&utc).fix();
    (utc + offset, i64::from(offset.local_minus_utc()) * 1_000)
}

fn timeline(store: &Store, order_id: OrderId, story: &Story) -> Vec<order_timeline::Model> {
    let tail = order_id.0 & ((1 << (TAIL_BITS - 1)) - 1);
    let mut last = 0;
    story
        .happened
        .iter()
        .map(|one| {
            let id = (TimelineEntryId::first_at(one.at_ms).0 | tail).max(last + 1);
            last = id;
            order_timeline::Model {
                merchant_id: store.merchant.id,
                order_id,
                id: TimelineEntryId(id),
                kind: one.kind,
                actor: store.crew.name(one.by),
                note: one.note.clone(),
                occurred_at: instant(one.at_ms),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
