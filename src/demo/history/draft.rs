//! An order that somebody might make just now, through the front door.

use chrono::{DateTime, Utc};
use entity::channel::PaymentMethod;
use rand::{Rng, RngExt};

use super::basket::{self, Menu};
use super::members::live_member;
use super::story::Outcome;
use super::{local_time, numbers, title};
use crate::demo::people::{self, Buyer};
use crate::demo::shop::Shop;

/// A line of an order that is still to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftLine {
    /// The product's title.
    pub title: &'static str,
    /// The product's category.
    pub category: &'static str,
    /// How many.
    pub quantity: i32,
    /// The price of one, in minor units.
    pub unit_price_minor: i64,
}

/// An order that is still to be made, through the front door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDraft {
    /// The shop's own number.
    pub merchant_order_no: String,
    /// What is bought, in a line.
    pub title: String,
    /// What is bought.
    pub lines: Vec<DraftLine>,
    /// What is taken off, in minor units.
    pub discount_minor: i64,
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// The buyer's country.
    pub country: &'static str,
    /// Who buys, where the shop asks.
    pub buyer: Option<Buyer>,
    /// After how many seconds it is paid; none where it never is.
    pub pays_after_s: Option<u32>,
    /// The member who buys, where the shop knows them.
    pub member_no: Option<String>,
}

/// Draws an order that somebody might make in the shop just now.
pub fn live_order(rng: &mut impl Rng, shop: &'static Shop, now: DateTime<Utc>) -> OrderDraft {
    let (local, _) = local_time(shop, now.timestamp_millis());
    let basket = Menu::new(shop).fill(rng, local);
    let buyer = shop.ships.then(|| people::buyer(rng, shop));
    let country = match &buyer {
        Some(buyer) => buyer.country,
        None => basket::choose(rng, shop.countries).unwrap_or("CN"),
    };
    let pays_after_s = match basket::outcome(rng, shop) {
        Outcome::Pays { after_ms } | Outcome::RefusedOnce { after_ms } => {
            u32::try_from(after_ms / 1_000).ok()
        }
        Outcome::PaysLate { .. } | Outcome::Abandoned | Outcome::Refused => None,
    };
    let lines = basket.picks.iter().map(|pick| {
        let product = &shop.products[pick.product];
        DraftLine {
            title: product.title,
            category: product.category,
            quantity: pick.quantity,
            unit_price_minor: product.price_minor,
        }
    });
    OrderDraft {
        merchant_order_no: numbers::merchant_order_no(shop.letters, local, rng.random()),
        title: title(shop, &basket),
        lines: lines.collect(),
        discount_minor: basket.discount_minor,
        method: basket::method(rng, shop, country),
        country,
        buyer,
        pays_after_s,
        member_no: live_member(rng, shop),
    }
}
