//! How figures have changed, as clients see it.

use async_graphql::Context;
use rust_decimal::Decimal;

use super::measures::{Shown, seconds, share};
use crate::graphql::Nullable;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::DecimalText;
use crate::money::Money;
use crate::statistics::model::{Measures, People};

/// By how many per cent a figure has changed, to a tenth; none where it was zero.
fn percent(now: i64, before: i64) -> Option<DecimalText> {
    if before == 0 {
        return None;
    }
    let difference = (i128::from(now) - i128::from(before)) * 1_000;
    let by = i128::from(before).abs();
    let half = if difference < 0 { -(by / 2) } else { by / 2 };
    let tenths = i64::try_from((difference + half) / by).ok()?;
    Some(DecimalText(Decimal::new(tenths, 1).normalize()))
}

/// How a number of things has changed.
#[derive(Clone, Copy, Debug)]
pub struct CountChange(i64, i64);

plain_object! {
    /// How a number of things has changed 变化.
    CountChange(self) {
        /// By how many.
        value / "value": i64 = self.0 - self.1;
        /// By how many per cent, to a tenth: `"-12.5"`; null where it was zero.
        percent / "percent": Option<DecimalText> = percent(self.0, self.1);
    }
}

/// How an amount has changed.
#[derive(Clone, Copy, Debug)]
pub struct MoneyChange {
    now: i64,
    before: i64,
    shown: Shown,
}

plain_object! {
    /// How an amount has changed 变化.
    MoneyChange(self) {
        /// By how much.
        value / "value": Money = self.shown.money(self.now - self.before);
        /// By how many per cent, to a tenth: `"-12.5"`; null where it was zero.
        percent / "percent": Option<DecimalText> = percent(self.now, self.before);
    }
}

/// How a share has changed, in millionths.
#[derive(Clone, Copy, Debug)]
pub struct RateChange(i64, i64);

plain_object! {
    /// How a share has changed 变化.
    RateChange(self) {
        /// By how much: from `"0.9"` to `"0.92"` is `"0.02"`.
        value / "value": DecimalText = share(self.0 - self.1);
        /// By how many per cent of what it was, to a tenth; null where it was zero.
        percent / "percent": Option<DecimalText> = percent(self.0, self.1);
    }
}

/// How figures have changed.
#[derive(Clone, Copy, Debug)]
pub struct StatisticsChange {
    /// Now.
    pub now: Measures,
    /// What it is compared with.
    pub before: Measures,
    /// How many members bought now, and how many before, where that is asked and can be told.
    pub people: Option<(People, People)>,
    /// How it is shown.
    pub shown: Shown,
}

impl StatisticsChange {
    fn count(&self, of: impl Fn(&Measures) -> i64) -> Lean<CountChange> {
        Lean(CountChange(of(&self.now), of(&self.before)))
    }

    fn money(&self, of: impl Fn(&Measures) -> i64) -> Lean<MoneyChange> {
        Lean(MoneyChange {
            now: of(&self.now),
            before: of(&self.before),
            shown: self.shown,
        })
    }

    fn people(&self, of: impl Fn(People) -> i64) -> Option<Lean<CountChange>> {
        let (now, before) = self.people?;
        Some(Lean(CountChange(of(now), of(before))))
    }

    fn both<T>(&self, of: impl Fn(&Measures) -> Option<T>) -> Option<(T, T)> {
        of(&self.now).zip(of(&self.before))
    }

    fn average(&self) -> Option<Lean<MoneyChange>> {
        let both = self.both(Measures::average_minor);
        let (now, before) = both.filter(|_| self.shown.whole_orders)?;
        Some(Lean(MoneyChange {
            now,
            before,
            shown: self.shown,
        }))
    }

    fn fees_of(&self) -> Lean<MoneyChange> {
        self.money(|of| of.fee_minor)
    }

    fn net_of(&self) -> Lean<MoneyChange> {
        self.money(Measures::net_minor)
    }
}

plain_object! {
    /// How figures have changed 变化: from what they are compared with to what they are.
    StatisticsChange(self) {
        /// Orders that were made 下单笔数.
        orders / "orders": Lean<CountChange> = self.count(|of| of.orders);
        /// How many of these have been paid.
        converted / "converted": Lean<CountChange> = self.count(|of| of.converted);
        /// The share of orders made that have been paid 支付成功率; null where either is.
        success_rate / "successRate": Option<Lean<RateChange>> = self
            .both(Measures::success_ppm)
            .map(|(now, before)| Lean(RateChange(now, before)));
        /// Orders that were paid 支付笔数.
        paid_orders / "paidOrders": Lean<CountChange> = self.count(|of| of.paid_orders);
        /// What they were before discounts 销售总额.
        gross / "gross": Lean<MoneyChange> = self.money(|of| of.gross_minor);
        /// What was taken off them 优惠金额.
        discounts / "discounts": Lean<MoneyChange> = self.money(|of| of.discount_minor);
        /// What was paid 实付金额.
        paid / "paid": Lean<MoneyChange> = self.money(Measures::paid_minor);
        /// Refunds that succeeded 退款笔数.
        refunds / "refunds": Lean<CountChange> = self.count(|of| of.refunds);
        /// What they gave back 退款金额.
        refunded / "refunded": Lean<MoneyChange> = self.money(|of| of.refunded_minor);
        /// What a paid order came to 客单价; null where either is, and by category or of some.
        average_order_value / "averageOrderValue": Option<Lean<MoneyChange>> = self.average();
        /// From making an order to paying it, on average 平均支付用时, in seconds; null where either is.
        average_pay_seconds / "averagePaySeconds": Option<Lean<CountChange>> = self
            .both(Measures::average_pay_ms)
            .map(|(now, before)| Lean(CountChange(seconds(now), seconds(before))));
        /// Members who paid for an order 购买会员数; null by category and of some categories.
        buyers / "buyers": Option<Lean<CountChange>> = self.people(|people| people.buyers);
        /// Those whose first payment of all it was 新会员数; null where `buyers` is.
        new_members / "newMembers": Option<Lean<CountChange>> =
            self.people(|people| people.new_members);
        /// The other buyers 回头会员数; null where `buyers` is.
        returning_members / "returningMembers": Option<Lean<CountChange>> =
            self.people(People::returning);
    }
    fetched {
        "fees" => self.shown.fees.then(|| self.fees_of());
        "net" => self.shown.fees.then(|| self.net_of());
    }
    {
        /// What payments cost 手续费. Needs `ledger:read`.
        async fn fees(&self, _ctx: &Context<'_>) -> Nullable<Lean<MoneyChange>> {
            self.shown.of_fees(self.fees_of())
        }

        /// What is left 净收入. Needs `ledger:read`.
        async fn net(&self, _ctx: &Context<'_>) -> Nullable<Lean<MoneyChange>> {
            self.shown.of_fees(self.net_of())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_per_cent_to_a_tenth() {
        for (now, before, expected) in [
            (150, 100, Some("50")),
            (100, 150, Some("-33.3")),
            (0, 3, Some("-100")),
            (3, 0, None),
            (1, -2, Some("150")),
            (1_001, 1_000, Some("0.1")),
            (10_005, 10_000, Some("0.1")),
            (10_004, 10_000, Some("0")),
        ] {
            let told = percent(now, before).map(|told| told.0.to_string());
            assert_eq!(told.as_deref(), expected, "{before} to {now}");
        }
    }
}
