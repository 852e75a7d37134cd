//! What a buyer puts into a basket, how it is reduced, and how it is paid.

use chrono::{Datelike, NaiveDateTime, Timelike, Weekday};
use entity::channel::PaymentMethod;
use rand::{Rng, RngExt};

use super::story::Outcome;
use crate::demo::shop::{Course, Product, Shop, Weighted};

/// What is wanted of one product.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    /// Its place among the shop's products.
    pub product: usize,
    /// How many.
    pub quantity: i32,
}

/// A basket: what is bought, and how much is taken off.
#[derive(Debug)]
pub struct Basket {
    /// What is bought; each product once.
    pub picks: Vec<Pick>,
    /// The sum of the lines, in minor units.
    pub amount_minor: i64,
    /// What is taken off, in minor units.
    pub discount_minor: i64,
    /// What of it falls to each pick, in minor units, where it is known.
    pub shares: Option<Vec<i64>>,
}

/// What a shop sells, ready to choose from: by month and course, with sums of weights.
#[derive(Debug)]
pub struct Menu {
    shop: &'static Shop,
    lists: Vec<Vec<(u32, usize)>>,
}

const COURSES: [Course; 3] = [Course::Main, Course::Staple, Course::Drink];

impl Menu {
    /// The menu of a shop.
    pub fn new(shop: &'static Shop) -> Self {
        let list = |month: u32, course: Course| {
            let mut sum = 0;
            let weight = |one: &Product| one.weight * one.season.in_month(month);
            shop.products
                .iter()
                .enumerate()
                .filter(|(_, one)| one.course == course)
                .map(|(place, one)| {
                    sum += weight(one);
                    (sum, place)
                })
                .collect()
        };
        let lists = (1..=12)
            .flat_map(|month| COURSES.map(|course| list(month, course)))
            .collect();
        Self { shop, lists }
    }

    /// Puts something of a course into the basket; what is in it already is taken once more.
    fn pick(
        &self,
        rng: &mut impl Rng,
        month: u32,
        course: Course,
        quantity: i32,
        picks: &mut Vec<Pick>,
    ) {
        let course = COURSES.iter().position(|one| *one == course).unwrap_or(0);
        let list = usize::try_from(month.saturating_sub(1)).unwrap_or(0) * COURSES.len() + course;
        let Some(list) = self.lists.get(list) else {
            return;
        };
        let Some((sum, _)) = list.last() else { return };
        let wanted = rng.random_range(0..*sum);
        let place = list.partition_point(|(sum, _)| *sum <= wanted);
        let product = list[place].1;
        match picks.iter_mut().find(|pick| pick.product == product) {
            Some(pick) => pick.quantity += quantity,
            None => picks.push(Pick { product, quantity }),
        }
    }

    /// Fills a basket at a time of the shop's own day.
    pub fn fill(&self, rng: &mut impl Rng, local: NaiveDateTime) -> Basket {
        let mut picks = Vec::with_capacity(4);
        if self.shop.ships {
            self.fill_cart(rng, local, &mut picks);
        } else {
            self.fill_table(rng, local, &mut picks);
        }
        let amount_minor = picks
            .iter()
            .map(|pick| self.shop.products[pick.product].price_minor * i64::from(pick.quantity))
            .sum();
        let discount_minor = self.discount(rng, local, amount_minor);
        Basket {
            picks,
            amount_minor,
            discount_minor,
            shares: None,
        }
    }

    /// A table: dishes, then rice or noodles and something to drink for the guests.
    fn fill_table(&self, rng: &mut impl Rng, local: NaiveDateTime, picks: &mut Vec<Pick>) {
        let month = local.month();
        let dinner = local.hour() >= 16;
        let feast = dinner && matches!(local.weekday(), Weekday::Fri | Weekday::Sat);
        let (guests, dishes, with_staple, with_drink) = match (dinner, feast) {
            (false, _) => (rng.random_range(1..=3), rng.random_range(2..=5) / 2, 45, 22),
            (true, false) => (rng.random_range(1..=4), rng.random_range(1..=3), 50, 42),
            (true, true) => (rng.random_range(2..=7), rng.random_range(2..=4), 55, 60),
        };
        for _ in 0..dishes {
            self.pick(rng, month, Course::Main, 1, picks);
        }
        if rng.random_range(0..100) < with_staple {
            self.pick(rng, month, Course::Staple, guests, picks);
        }
        if rng.random_range(0..100) < with_drink {
            self.pick(rng, month, Course::Drink, guests, picks);
        }
    }

    /// A cart: mostly one piece; fuller on a sale day.
    fn fill_cart(&self, rng: &mut impl Rng, local: NaiveDateTime, picks: &mut Vec<Pick>) {
        let luck = rng.random_range(0..100);
        let pieces = match luck
            + if self.shop.is_sale_day(local.date()) {
                30
            } else {
                0
            } {
            ..62 => 1,
            62..88 => 2,
            88..100 => 3,
            _ => 4,
        };
        for _ in 0..pieces {
            self.pick(rng, local.month(), Course::Main, 1, picks);
        }
    }

    /// 满减: so much off each full step; the restaurant's is a coupon that some guests have.
    fn discount(&self, rng: &mut impl Rng, local: NaiveDateTime, amount_minor: i64) -> i64 {
        let luck = rng.random_range(0..100);
        if !self.shop.ships {
            return match amount_minor {
                30_000.. if luck < 22 => 4_000,
                10_000.. if luck < 14 => 1_000,
                _ => 0,
            };
        }
        let sale = self.shop.is_sale_day(local.date());
        match luck {
            ..85 if sale => amount_minor / 30_000 * 5_000 + amount_minor / 10,
            ..12 => amount_minor / 30_000 * 3_000,
            // A new customer's 95 折, in whole yuan.
            12..20 => amount_minor / 2_000 * 100,
            _ => 0,
        }
    }
}

/// Chooses by weight.
pub fn choose<T: Copy>(rng: &mut impl Rng, among: &[Weighted<T>]) -> Option<T> {
    let sum: u32 = among.iter().map(|(_, weight)| weight).sum();
    if sum == 0 {
        return None;
    }
    let mut wanted = rng.random_range(0..sum);
    among
        .iter()
        .find_map(|(one, weight)| match wanted.checked_sub(*weight) {
            Some(rest) => {
                wanted = rest;
                None
            }
            None => Some(*one),
        })
}

/// What a buyer from a country pays with.
pub fn method(rng: &mut impl Rng, shop: &Shop, country: &str) -> PaymentMethod {
    let among = if country == "CN" {
        shop.methods_at_home
    } else {
        shop.methods_abroad
    };
    choose(rng, among).unwrap_or(PaymentMethod::Alipay)
}

/// What becomes of an order, in thousandths: 882 are paid.
pub fn outcome(rng: &mut impl Rng, shop: &Shop) -> Outcome {
    let quick: i64 = if shop.ships { 12_000 } else { 4_000 };
    let after_ms = match rng.random_range(0..100) {
        // Somebody looks for the telephone first.
        ..8 => rng.random_range(90_000..900_000),
        _ => quick + rng.random_range(0..40_000),
    };
    match rng.random_range(0..1_000) {
        ..869 => Outcome::Pays { after_ms },
        869..879 => Outcome::RefusedOnce { after_ms },
        879..882 => Outcome::PaysLate {
            after_ms: rng.random_range(30_000..2_400_000),
        },
        882..980 => Outcome::Abandoned,
        _ => Outcome::Refused,
    }
}
