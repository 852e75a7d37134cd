//! Figures as clients see them.

use async_graphql::Context;
use rust_decimal::Decimal;

use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::Nullable;
use crate::graphql::plain::plain_object;
use crate::graphql::scalars::DecimalText;
use crate::money::{Currency, Money};
use crate::statistics::model::{Measures, People};

/// How figures are shown, and to whom.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The merchant's currency.
    pub currency: Currency,
    /// Whether the reader may see what payments cost.
    pub fees: bool,
    /// Whether they are of whole orders: by category, or of some, an order's money is split and the order is not.
    pub whole_orders: bool,
}

/// Figures.
#[derive(Clone, Copy, Debug)]
pub struct StatisticsMeasures {
    /// What was counted.
    pub measures: Measures,
    /// How many members bought, where that is asked and can be told.
    pub people: Option<People>,
    /// How it is shown.
    pub shown: Shown,
}

/// What somebody who may not see fees is told.
pub(super) fn no_fees() -> Error {
    Error::Forbidden {
        scope: Scope::LedgerRead.name(),
    }
}

impl Shown {
    /// An amount in the merchant's currency.
    pub fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }

    /// An amount that tells of fees, or why it is not told.
    pub fn of_fees<T>(&self, value: T) -> Nullable<T> {
        Some(if self.fees { Ok(value) } else { Err(no_fees()) })
    }
}

/// A share of millionths as a decimal.
pub(super) fn share(ppm: i64) -> DecimalText {
    DecimalText(Decimal::new(ppm, 6).normalize())
}

/// Milliseconds as whole seconds, half up.
pub(super) fn seconds(ms: i64) -> i64 {
    (ms + 500).div_euclid(1_000)
}

impl StatisticsMeasures {
    fn money(&self, minor: i64) -> Money {
        self.shown.money(minor)
    }

    fn fees_of(&self) -> Money {
        self.money(self.measures.fee_minor)
    }

    fn net_of(&self) -> Money {
        self.money(self.measures.net_minor())
    }

    fn average_of(&self) -> Option<Money> {
        let average = self.measures.average_minor();
        let average = average.filter(|_| self.shown.whole_orders);
        average.map(|minor| self.money(minor))
    }
}

plain_object! {
    /// Figures 指标. An order counts when it was made, a sale when it was paid, a refund when it succeeded; a
    /// refund never takes a sale out again.
    StatisticsMeasures(self) {
        /// Orders that were made 下单笔数.
        orders / "orders": i64 = self.measures.orders;
        /// How many of these have been paid, whenever that was.
        converted / "converted": i64 = self.measures.converted;
        /// The share of orders made that have been paid 支付成功率: `"0.92"`; null where none was made.
        success_rate / "successRate": Option<DecimalText> = self.measures.success_ppm().map(share);
        /// Orders that were paid 支付笔数.
        paid_orders / "paidOrders": i64 = self.measures.paid_orders;
        /// What they were before discounts 销售总额.
        gross / "gross": Money = self.money(self.measures.gross_minor);
        /// What was taken off them 优惠金额.
        discounts / "discounts": Money = self.money(self.measures.discount_minor);
        /// What was paid 实付金额: gross less discounts.
        paid / "paid": Money = self.money(self.measures.paid_minor());
        /// Refunds that succeeded 退款笔数, less those that the bank returned: each on its day, so there may be less
        /// than none. Refunds of second payments of an order are not among them.
        refunds / "refunds": i64 = self.measures.refunds;
        /// What they gave back 退款金额, less what the bank returned.
        refunded / "refunded": Money = self.money(self.measures.refunded_minor);
        /// What a paid order came to 客单价: paid by paid orders; null where none was paid, and by category or of
        /// some categories: an order's money is split over them, and the order itself counts in one alone.
        average_order_value / "averageOrderValue": Option<Money> = self.average_of();
        /// From making an order to paying it, on average 平均支付用时, in seconds; null where none was paid.
        average_pay_seconds / "averagePaySeconds": Option<i64> =
            self.measures.average_pay_ms().map(seconds);
        /// Members who paid for an order 购买会员数: each counted once in each row, and once in the totals, so that
        /// rows do not sum to these. Orders that name no member are nobody's. Counted from the orders themselves
        /// only when it is selected, perhaps a second ahead of `asOf`. Null by category and of some categories:
        /// an order has several.
        buyers / "buyers": Option<i64> = self.people.map(|people| people.buyers);
        /// Those of them whose first payment of all is among these 新会员数: each in one row of a time, so that rows
        /// sum to the totals. Null where `buyers` is.
        new_members / "newMembers": Option<i64> = self.people.map(|people| people.new_members);
        /// The other buyers, who had paid before, or through another channel and so on 回头会员数. Null where `buyers`
        /// is.
        returning_members / "returningMembers": Option<i64> =
            self.people.map(People::returning);
    }
    fetched {
        "fees" => self.shown.fees.then(|| self.fees_of());
        "net" => self.shown.fees.then(|| self.net_of());
    }
    {
        /// What payments cost 手续费, less what refunds returned of it. Needs `ledger:read`.
        async fn fees(&self, _ctx: &Context<'_>) -> Nullable<Money> {
            self.shown.of_fees(self.fees_of())
        }

        /// What is left 净收入: paid, less refunds and fees. Needs `ledger:read`.
        async fn net(&self, _ctx: &Context<'_>) -> Nullable<Money> {
            self.shown.of_fees(self.net_of())
        }
    }
}
