//! Adds up what was sold of each product, by day and month, and says which of these a time is read from.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};
use chrono_tz::Tz;
use entity::statistic_product::{self, Grain};
use entity::{ChannelId, Day, MerchantId, ProductId};

use super::calendar::{begins_a_day, first_day};
use super::query;
use crate::time_range::{TimeRange, start_of_day};

/// The channel of rows that are of all channels together.
pub const ALL_CHANNELS: ChannelId = ChannelId(0);

/// What was sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    /// How many.
    pub quantity: i64,
    /// In how many orders.
    pub orders: i64,
    /// What was paid for them, in minor units.
    pub paid_minor: i64,
}

impl Sold {
    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        self.quantity += other.quantity;
        self.orders += other.orders;
        self.paid_minor += other.paid_minor;
    }
}

/// What a row is about, in the order of the table's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProductBucket {
    /// A day or a month.
    pub grain: Grain,
    /// The channel; 0 where it is of all of them together.
    pub channel_id: ChannelId,
    /// The day since 1970, of a month the first.
    pub starts: i64,
    /// The product.
    pub product_id: ProductId,
}

impl ProductBucket {
    /// The table's row.
    #[must_use]
    pub fn row(
        self,
        merchant_id: MerchantId,
        generation: i16,
        sold: &Sold,
    ) -> statistic_product::Model {
        statistic_product::Model {
            merchant_id,
            generation,
            grain: self.grain,
            channel_id: self.channel_id,
            starts: self.starts,
            product_id: self.product_id,
            quantity: sold.quantity,
            orders: sold.orders,
            paid_minor: sold.paid_minor,
        }
    }

    /// What a row of the table is about, and what was sold.
    #[must_use]
    pub fn read(row: &statistic_product::Model) -> (Self, Sold) {
        let bucket = Self {
            grain: row.grain,
            channel_id: row.channel_id,
            starts: row.starts,
            product_id: row.product_id,
        };
        let sold = Sold {
            quantity: row.quantity,
            orders: row.orders,
            paid_minor: row.paid_minor,
        };
        (bucket, sold)
    }
}

/// What was sold of each product on each day, by channel. Every other row is a sum of these.
#[derive(Clone, Debug, Default)]
pub struct Products(BTreeMap<(NaiveDate, ChannelId, ProductId), Sold>);

impl Products {
    /// Adds what an order sold of a product on a day.
    pub fn add(
        &mut self,
        day: NaiveDate,
        channel_id: ChannelId,
        product_id: ProductId,
        sold: &Sold,
    ) {
        let place = (day, channel_id, product_id);
        self.0.entry(place).or_default().add(sold);
    }

    /// Takes out what was sold before a day.
    #[must_use]
    pub fn take_before(&mut self, day: i64) -> Self {
        let is_before = |date: &NaiveDate| number(*date) < day;
        let (before, rest) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|((date, _, _), _)| is_before(date));
        self.0 = rest;
        Self(before)
    }

    /// How many sums there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every row that these make, in the order of the table's key.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<ProductBucket, Sold> {
        let mut rows: BTreeMap<ProductBucket, Sold> = BTreeMap::new();
        for ((day, channel_id, product_id), sold) in &self.0 {
            let month = first_day(*day, query::Grain::Month);
            for (grain, first) in [(Grain::Day, *day), (Grain::Month, month)] {
                for channel_id in [ALL_CHANNELS, *channel_id] {
                    let bucket = ProductBucket {
                        grain,
                        channel_id,
                        starts: number(first),
                        product_id: *product_id,
                    };
                    rows.entry(bucket).or_default().add(sold);
                }
            }
        }
        rows
    }
}

fn number(day: NaiveDate) -> i64 {
    i64::from(Day::from(day).0)
}

/// What a time is read from: whole months, whole days beside them, and what is left at both ends from orders.
/// Each span is half open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductSpans {
    /// First days of months since 1970.
    pub months: Option<(i64, i64)>,
    /// Days since 1970.
    pub days: Vec<(i64, i64)>,
    /// Instants.
    pub orders: Vec<TimeRange>,
}

/// What a time is read from.
#[must_use]
pub fn product_spans(range: TimeRange, zone: Tz) -> ProductSpans {
    let mut first = range.from.with_timezone(&zone).date_naive();
    if !begins_a_day(range.from, zone) {
        first = first + Days::new(1);
    }
    let end = range.to.with_timezone(&zone).date_naive();
    if first >= end {
        return ProductSpans {
            orders: vec![range],
            ..ProductSpans::default()
        };
    }
    let ends = [
        (range.from, start_of_day(first, zone)),
        (start_of_day(end, zone), range.to),
    ];
    let orders = ends.into_iter().filter(|(from, to)| from < to);
    let mut first_month = first_day(first, query::Grain::Month);
    if first_month < first {
        first_month = first_month + Months::new(1);
    }
    let end_month = first_day(end, query::Grain::Month);
    let (months, days) = if first_month < end_month {
        let days = vec![(first, first_month), (end_month, end)];
        (Some((number(first_month), number(end_month))), days)
    } else {
        (None, vec![(first, end)])
    };
    let days = days.into_iter().filter(|(from, to)| from < to);
    ProductSpans {
        months,
        days: days.map(|(from, to)| (number(from), number(to))).collect(),
        orders: orders.map(|(from, to)| TimeRange { from, to }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_from_months_days_and_orders_that_touch_and_do_not_overlap() {
        let zone = chrono_tz::Asia::Shanghai;
        let day = |text: &str| number(text.parse().unwrap());
        for (from, to, months, days, orders) in [
            // A year of whole days.
            (
                "2025-11-23T16:00:00Z",
                "2026-11-23T16:00:00Z",
                Some(("2025-12-01", "2026-11-01")),
                vec![("2025-11-24", "2025-12-01"), ("2026-11-01", "2026-11-24")],
                0,
            ),
            // A whole month.
            (
                "2026-09-30T16:00:00Z",
                "2026-10-31T16:00:00Z",
                Some(("2026-10-01", "2026-11-01")),
                vec![],
                0,
            ),
            // Days within two months.
            (
                "2026-10-29T16:00:00Z",
                "2026-11-02T16:00:00Z",
                None,
                vec![("2026-10-30", "2026-11-03")],
                0,
            ),
            // From noon to noon.
            (
                "2026-10-30T04:00:00Z",
                "2026-11-02T04:00:00Z",
                None,
                vec![("2026-10-31", "2026-11-02")],
                2,
            ),
            // Hours of a day.
            (
                "2026-11-02T04:00:00Z",
                "2026-11-02T05:00:00Z",
                None,
                vec![],
                1,
            ),
        ] {
            let (range_from, range_to) = (from.parse().unwrap(), to.parse().unwrap());
            let range = TimeRange {
                from: range_from,
                to: range_to,
            };
            let spans = product_spans(range, zone);
            let span = |(from, to): (&str, &str)| (day(from), day(to));
            assert_eq!(spans.months, months.map(span), "{from}");
            let days: Vec<_> = days.into_iter().map(span).collect();
            assert_eq!(spans.days, days, "{from}");
            assert_eq!(spans.orders.len(), orders, "{from}");
        }
    }

    #[test]
    fn what_is_sold_is_in_its_day_and_its_month_of_its_channel_and_of_all() {
        let mut products = Products::default();
        let sold = Sold {
            quantity: 2,
            orders: 1,
            paid_minor: 7_200,
        };
        let on = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (day, channel) in [("2026-11-02", 1), ("2026-11-02", 2), ("2026-11-03", 1)] {
            products.add(on(day), ChannelId(channel), ProductId(9), &sold);
        }
        let rows = products.rows();
        let orders = |grain, channel, day: &str| {
            let bucket = ProductBucket {
                grain,
                channel_id: ChannelId(channel),
                starts: number(on(day)),
                product_id: ProductId(9),
            };
            rows.get(&bucket).map(|sold| sold.orders)
        };
        assert_eq!(orders(Grain::Month, 0, "2026-11-01"), Some(3));
        assert_eq!(orders(Grain::Month, 1, "2026-11-01"), Some(2));
        assert_eq!(orders(Grain::Day, 0, "2026-11-02"), Some(2));
        assert_eq!(orders(Grain::Day, 2, "2026-11-02"), Some(1));
        assert_eq!(orders(Grain::Day, 2, "2026-11-03"), None);
        assert_eq!(rows.len(), 2 + 3 + 1 + 2);
    }
}
