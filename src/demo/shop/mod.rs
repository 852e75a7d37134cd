//! A shop as data: what it sells, to whom, how it is paid, and when people come.

mod calendar;
mod coffee;
mod contract;
mod fashion;
mod restaurant;

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;

pub use coffee::MUMIAN;
pub use contract::{Contract, FeeTerm};
pub use fashion::YUNSHANG;
pub use restaurant::HUIXIAN;

/// Something that is chosen with a weight.
pub type Weighted<T> = (T, u32);

/// A shop: the pattern that a merchant's orders follow.
#[derive(Debug)]
pub struct Shop {
    /// Its name.
    pub name: &'static str,
    /// What its order numbers begin with.
    pub letters: &'static str,
    /// Where its days begin and end.
    pub time_zone: Tz,
    /// How many orders an average day brings.
    pub orders_a_day: u64,
    /// Whether what it sells is sent to the buyer.
    pub ships: bool,
    /// What it sells.
    pub products: &'static [Product],
    /// How it is paid.
    pub channels: &'static [Way],
    /// What its payments cost.
    pub fees: &'static [FeeTerm],
    /// Refunds above this amount wait for a second person, in minor units.
    pub approval_above_minor: i64,
    /// Of a thousand paid orders, how many are given back, wholly or in part.
    pub refunds_permille: u32,
    /// Where buyers come from.
    pub countries: &'static [Weighted<&'static str>],
    /// What buyers at home pay with.
    pub methods_at_home: &'static [Weighted<PaymentMethod>],
    /// What buyers from abroad pay with.
    pub methods_abroad: &'static [Weighted<PaymentMethod>],
    /// How busy each hour of a day is, by weekday from Monday.
    pub week: [&'static [u32; 24]; 7],
    /// The hours of a sale day.
    pub sale_hours: &'static [u32; 24],
    /// How busy the season makes a day, in thousandths.
    pub season: fn(NaiveDate) -> u32,
    /// How many times busier a sale makes a day, in thousandths: 1000 on a day without sale.
    pub sale: fn(NaiveDate) -> u32,
    /// Whom it knows again.
    pub crowd: Crowd,
}

/// Whom a shop knows again.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    /// Of a hundred orders, how many name a member.
    pub named: u32,
    /// Of a hundred of these, how many are a regular's.
    pub regular: u32,
    /// How many regulars there are.
    pub regulars: Regulars,
    /// Of how many draws the smallest says which of them it is: the more, the more a few buy most.
    pub draws: u32,
}

/// How many regulars a shop has in the end.
#[derive(Clone, Copy, Debug)]
pub enum Regulars {
    /// One to so many orders.
    OfOrders(u64),
    /// So many, in a year of the shop's usual size.
    Known(u64),
}

impl Crowd {
    /// Almost half of the orders name somebody: one of the regulars, or a passer-by.
    pub const USUAL: Self = Self {
        named: 45,
        regular: 65,
        regulars: Regulars::OfOrders(30),
        draws: 2,
    };
}

/// Something that a shop sells.
#[derive(Debug)]
pub struct Product {
    /// Its title.
    pub title: &'static str,
    /// Its category.
    pub category: &'static str,
    /// The price of one, in minor units.
    pub price_minor: i64,
    /// How often it is chosen.
    pub weight: u32,
    /// When it is chosen most.
    pub season: Season,
    /// What it is in a basket.
    pub course: Course,
}

/// When something sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// All year.
    Always,
    /// In the warm half of the year.
    Warm,
    /// In the cold half of the year.
    Cold,
}

/// What a product is in a basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// What the basket is about.
    Main,
    /// Rice and noodles, a portion a guest.
    Staple,
    /// Something to drink, a glass or a bottle a guest.
    Drink,
}

/// A way to pay that a shop offers.
#[derive(Debug)]
pub struct Way {
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// What the merchant calls it.
    pub name: &'static str,
    /// Whether it is open.
    pub enabled: bool,
    /// The largest amount it takes, in minor units.
    pub max_minor: Option<i64>,
    /// What was agreed upon.
    pub contract: Contract,
}

impl Season {
    /// How much a month (1–12) lets it sell, in hundredths.
    #[must_use]
    pub fn in_month(self, month: u32) -> u32 {
        const WARM: [u32; 12] = [15, 25, 60, 100, 150, 190, 200, 190, 140, 80, 30, 15];
        let place = usize::try_from(month.saturating_sub(1))
            .unwrap_or(0)
            .min(11);
        match self {
            Self::Always => 100,
            Self::Warm => WARM[place],
            Self::Cold => 215 - WARM[place],
        }
    }
}

impl Shop {
    /// How busy an hour of a day is, against an average one; weather aside.
    #[must_use]
    pub fn busy(&self, date: NaiveDate, hour: u32) -> u64 {
        let sale = (self.sale)(date);
        let weekday = match date.weekday() {
            Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu
                if calendar::is_holiday(date) =>
            {
                Weekday::Sun
            }
            weekday => weekday,
        };
        let weekday = usize::try_from(weekday.num_days_from_monday()).unwrap_or(0);
        let hours = if sale > 1_500 {
            self.sale_hours
        } else {
            self.week[weekday]
        };
        let hour = usize::try_from(hour).unwrap_or(0).min(23);
        u64::from(hours[hour]) * u64::from((self.season)(date)) * u64::from(sale) / 1_000
    }

    /// Whether a day is one of the shop's sale days.
    #[must_use]
    pub fn is_sale_day(&self, date: NaiveDate) -> bool {
        (self.sale)(date) > 1_500
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_that_buyers_use_has_an_open_channel() {
        for shop in [&HUIXIAN, &YUNSHANG, &MUMIAN] {
            for (method, _) in shop.methods_at_home.iter().chain(shop.methods_abroad) {
                assert!(
                    shop.channels
                        .iter()
                        .any(|way| way.method == *method && way.enabled)
                );
            }
        }
    }

    #[test]
    fn titles_are_unique_in_a_shop() {
        for shop in [&HUIXIAN, &YUNSHANG, &MUMIAN] {
            let mut titles: Vec<_> = shop.products.iter().map(|one| one.title).collect();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), shop.products.len());
        }
    }
}
