//! Whom a shop knows again: of its orders almost half name a member, one of its regulars or a passer-by.

use std::collections::HashMap;

use entity::ids::TAIL_BITS;
use entity::{MemberId, MerchantId, OrderId, member, order};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::demo::club::Club;
use crate::demo::shop::{Regulars, Shop};

/// The part of the regulars who are known from the beginning, in a hundred.
const KNOWN_EARLY: u64 = 20;
/// How many days a shop's usual year has.
const DAYS_A_YEAR: u64 = 365;
/// What is mixed into the seed, so that members are drawn apart from everything else.
const APART: u64 = 0x6d65_6d62_6572;

/// The shop's number of a member.
pub fn member_no(number: u64) -> String {
    format!("M{number:07}")
}

/// How many regulars a shop has in the end, of a history of so many orders.
fn regulars(shop: &Shop, orders: u64) -> u64 {
    match shop.crowd.regulars {
        Regulars::OfOrders(many) => (orders / many).max(5),
        Regulars::Known(known) => {
            let year = (shop.orders_a_day * DAYS_A_YEAR).max(1);
            (known * orders / year).clamp(5, known.max(5))
        }
    }
}

/// The number of somebody who buys, where the shop knows who: the smallest of some draws comes back often.
fn draw(rng: &mut impl Rng, shop: &Shop, orders: u64, known: u64) -> Option<u64> {
    if rng.random_range(0..100) >= shop.crowd.named {
        return None;
    }
    let is_regular = rng.random_range(0..100) < shop.crowd.regular;
    let draws = (0..shop.crowd.draws).map(|_| rng.random_range(0..known));
    let regular = draws.min();
    if is_regular {
        return regular;
    }
    let passers_by = (orders / 2).max(5);
    Some(regulars(shop, orders) + rng.random_range(0..passers_by))
}

/// The number of who buys in a shop just now, where it knows who.
pub fn live_member(rng: &mut impl Rng, shop: &Shop) -> Option<String> {
    let orders = shop.orders_a_day * DAYS_A_YEAR;
    draw(rng, shop, orders, regulars(shop, orders)).map(member_no)
}

/// Who buys, where the shop knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub id: MemberId,
    /// What their number is made of: see [`member_no`].
    pub number: u64,
    /// When they first paid, as far as that is told.
    pub first_paid_ms: Option<i64>,
}

/// The members of a history, as they come.
#[derive(Debug)]
pub struct Members {
    shop: &'static Shop,
    merchant_id: MerchantId,
    /// The place of who made the last order that names one.
    last: usize,
    rng: ChaCha8Rng,
    orders: u64,
    told: u64,
    last_id: i64,
    places: HashMap<u64, usize>,
    rows: Vec<member::Model>,
}

impl Members {
    /// Of a history of so many orders, before the first.
    pub fn new(
        shop: &'static Shop,
        merchant_id: MerchantId,
        orders: u64,
        seed: u64,
        stream: u64,
    ) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ APART);
        rng.set_stream(stream);
        Self {
            shop,
            merchant_id,
            last: 0,
            rng,
            orders,
            told: 0,
            last_id: 0,
            places: HashMap::new(),
            rows: Vec::new(),
        }
    }

    /// Says who makes an order, where the shop knows.
    pub(super) fn next(&mut self, order_id: OrderId) -> Option<Known> {
        let all = regulars(self.shop, self.orders);
        let early = all * KNOWN_EARLY / 100;
        let joined = (all - early) * self.told / self.orders.max(1);
        self.told += 1;
        let known = (early + joined).clamp(1, all);
        let number = draw(&mut self.rng, self.shop, self.orders, known)?;
        let place = match self.places.get(&number) {
            Some(place) => *place,
            None => self.join(order_id, number),
        };
        let row = &self.rows[place];
        self.last = place;
        Some(Known {
            id: row.id,
            number,
            first_paid_ms: row.first_paid_at.map(|at| at.0.timestamp_millis()),
        })
    }

    /// Remembers which order was paid first of who made the last one.
    pub fn note(&mut self, order: &order::Model) {
        let row = self.rows.get_mut(self.last);
        let Some(row) = row.filter(|row| order.member_id == Some(row.id)) else {
            return;
        };
        let is_first = |at: entity::Instant| row.first_paid_at.is_none_or(|first| at.0 < first.0);
        if order.paid_at.is_some_and(is_first) {
            row.first_paid_at = order.paid_at;
            row.first_order_id = Some(order.id);
            row.first_channel_id = Some(order.channel_id);
            row.first_method = Some(order.method);
            row.first_country.clone_from(&order.country);
            row.first_tier_id = order.tier_id;
        }
    }

    /// Somebody is named for the first time.
    fn join(&mut self, order_id: OrderId, number: u64) -> usize {
        let tail = order_id.0 & ((1 << (TAIL_BITS - 1)) - 1);
        let made = MemberId::first_at(order_id.made_at_ms()).0 | tail;
        self.last_id = made.max(self.last_id + 1);
        let place = self.rows.len();
        self.places.insert(number, place);
        let id = MemberId(self.last_id);
        let nobody = member::Model::nobody(self.merchant_id, id, member_no(number));
        self.rows.push(nobody);
        place
    }

    /// All who were named, and of a shop that knows them by name those who never bought: they joined some time.
    pub fn close(mut self, until_ms: i64) -> Vec<member::Model> {
        if let Regulars::Known(_) = self.shop.crowd.regulars {
            let first_ms = self
                .rows
                .first()
                .map_or(until_ms, |row| row.id.made_at_ms());
            let all = regulars(self.shop, self.orders);
            for number in (0..all).filter(|number| !self.places.contains_key(number)) {
                let at_ms = self.rng.random_range(first_ms..=until_ms);
                let tail: i64 = self.rng.random_range(0..1 << (TAIL_BITS - 1));
                let id = MemberId(MemberId::first_at(at_ms).0 | tail);
                let nobody = member::Model::nobody(self.merchant_id, id, member_no(number));
                self.rows.push(nobody);
            }
            self.rows.sort_by_key(|row| row.id);
        }
        self.rows
    }
}

/// Writes into members' rows what their shop knows of them and is no secret.
pub(super) fn introduce(members: &mut [member::Model], club: &Club) {
    for row in members {
        let Some(person) = club.people.get(&row.member_no) else {
            continue;
        };
        row.birthday = person.birthday;
        row.consented_at = person.consents.then_some(row.joined_at);
        row.locale = Some(person.locale.to_owned());
    }
}
