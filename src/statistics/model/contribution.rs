//! What an order and its refunds count, where and when: the same whether told by an event or read again.

use chrono_tz::Tz;
use entity::{ChannelId, ProductId, TierId};

use super::buckets::Buckets;
use super::calendar::day_and_hour;
use super::measures::Measures;
use super::products::{Products, Sold};
use crate::money::share_out;

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the order.
    pub line_no: i16,
    /// Its product.
    pub product_id: ProductId,
    /// How many.
    pub quantity: i64,
    /// Its category.
    pub category: String,
    /// Its total, in minor units.
    pub total_minor: i64,
    /// Its share of the order's discount, in minor units.
    pub discount_minor: i64,
}

/// An order, as far as it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// When it was made.
    pub made_ms: i64,
    /// The channel.
    pub channel_id: ChannelId,
    /// The buyer's country; empty where it is unknown.
    pub country: String,
    /// The tier that the buyer had when it was made; 0 where there was none.
    pub tier_id: TierId,
    /// What it is, in minor units.
    pub amount_minor: i64,
    /// What was taken off, in minor units.
    pub discount_minor: i64,
    /// When it was paid.
    pub paid_ms: Option<i64>,
    /// What its payment cost, in minor units.
    pub fee_minor: i64,
    /// Its lines, in their order.
    pub lines: Vec<Line>,
}

/// A refund, as far as it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenBack {
    /// When it succeeded, or when the bank returned it.
    pub at_ms: i64,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// How much of the fee came back then, or was taken again, in minor units.
    pub fee_minor: i64,
    /// What it names of the order's lines, with their shares of it; empty where it names none.
    pub lines: Vec<(i16, i64)>,
}

impl Sale {
    /// The line whose category its counts belong to: the largest, the first of equals.
    fn main(&self) -> usize {
        let largest = self.lines.iter().map(|line| line.total_minor).max();
        let is_largest = |line: &Line| Some(line.total_minor) == largest;
        self.lines.iter().position(is_largest).unwrap_or(0)
    }

    fn totals(&self) -> Vec<i64> {
        self.lines.iter().map(|line| line.total_minor).collect()
    }

    fn discounts(&self) -> Vec<i64> {
        self.lines.iter().map(|line| line.discount_minor).collect()
    }

    fn nets(&self) -> Vec<i64> {
        let net = |line: &Line| (line.total_minor - line.discount_minor).max(0);
        self.lines.iter().map(net).collect()
    }

    /// Adds, for each line, what falls to it; what cannot be shared out falls to the main one.
    fn add(&self, buckets: &mut Buckets, at_ms: i64, zone: Tz, parts: &[Measures]) {
        if self.lines.is_empty() {
            for part in parts {
                let place = (self.channel_id, self.country.as_str(), "", self.tier_id);
                buckets.add(at_ms, zone, place, part);
            }
        }
        for (line, part) in self.lines.iter().zip(parts) {
            let place = (
                self.channel_id,
                self.country.as_str(),
                line.category.as_str(),
                self.tier_id,
            );
            buckets.add(at_ms, zone, place, part);
        }
    }

    /// Nothing for each line, and `counts` for the main one.
    fn parts(&self, counts: Measures) -> Vec<Measures> {
        let mut parts = vec![Measures::default(); self.lines.len().max(1)];
        if let Some(main) = parts.get_mut(self.main()) {
            *main = counts;
        }
        parts
    }
}

/// Shares out over lines, also where there is none, and what is below zero.
fn shared(total: i64, weights: &[i64]) -> Vec<i64> {
    if weights.is_empty() {
        return vec![total];
    }
    let sign = total.signum();
    let shares = share_out(total.abs(), weights).into_iter();
    shares.map(|share| share * sign).collect()
}

/// An order was made.
pub fn made(buckets: &mut Buckets, sale: &Sale, zone: Tz) {
    let parts = sale.parts(Measures {
        orders: 1,
        ..Measures::default()
    });
    sale.add(buckets, sale.made_ms, zone, &parts);
}

/// An order was paid: it converts in the hour in which it was made, and is a sale in that in which it was paid.
pub fn paid(buckets: &mut Buckets, sale: &Sale, zone: Tz) {
    let Some(paid_ms) = sale.paid_ms else {
        return;
    };
    let converted = sale.parts(Measures {
        converted: 1,
        ..Measures::default()
    });
    sale.add(buckets, sale.made_ms, zone, &converted);
    let mut parts = sale.parts(Measures {
        paid_orders: 1,
        pay_ms: (paid_ms - sale.made_ms).max(0),
        ..Measures::default()
    });
    let gross = shared(sale.amount_minor, &sale.totals());
    let discounts = shared(sale.discount_minor, &sale.discounts());
    let fees = shared(sale.fee_minor, &sale.nets());
    for (place, part) in parts.iter_mut().enumerate() {
        part.gross_minor += gross[place];
        part.discount_minor += discounts[place];
        part.fee_minor += fees[place];
    }
    sale.add(buckets, paid_ms, zone, &parts);
    sold(&mut buckets.products, sale, paid_ms, zone);
}

/// What an order sold of each of its products, on the day on which it was paid. No refund takes it out again.
fn sold(products: &mut Products, sale: &Sale, paid_ms: i64, zone: Tz) {
    let (day, _) = day_and_hour(paid_ms, zone);
    for (place, line) in sale.lines.iter().enumerate() {
        let before = sale.lines.iter().take(place);
        let is_first = before
            .into_iter()
            .all(|it| it.product_id != line.product_id);
        let sold = Sold {
            quantity: line.quantity,
            orders: i64::from(is_first),
            paid_minor: line.total_minor - line.discount_minor,
        };
        products.add(day.into(), sale.channel_id, line.product_id, &sold);
    }
}

fn refund_parts(sale: &Sale, refund: &GivenBack) -> Vec<Measures> {
    let mut parts = sale.parts(Measures {
        refunds: 1,
        ..Measures::default()
    });
    let named = |line: &Line| {
        let same = refund.lines.iter().filter(|(no, _)| *no == line.line_no);
        same.map(|(_, minor)| (*minor).max(0)).sum::<i64>()
    };
    let mut weights: Vec<i64> = sale.lines.iter().map(named).collect();
    if weights.iter().sum::<i64>() == 0 {
        weights = sale.nets();
    }
    let refunded = shared(refund.amount_minor, &weights);
    let fees = shared(refund.fee_minor, &weights);
    for (place, part) in parts.iter_mut().enumerate() {
        part.refunded_minor += refunded[place];
        part.fee_minor -= fees[place];
    }
    parts
}

/// A refund succeeded.
pub fn given_back(buckets: &mut Buckets, sale: &Sale, refund: &GivenBack, zone: Tz) {
    let parts = refund_parts(sale, refund);
    sale.add(buckets, refund.at_ms, zone, &parts);
}

/// The bank returned a refund that had succeeded.
pub fn taken_back(buckets: &mut Buckets, sale: &Sale, refund: &GivenBack, zone: Tz) {
    let parts: Vec<Measures> = refund_parts(sale, refund)
        .into_iter()
        .map(Measures::negated)
        .collect();
    sale.add(buckets, refund.at_ms, zone, &parts);
}

#[cfg(test)]
mod tests;
