//! The columns of fees.

use entity::payment;

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::Cell;
use crate::exports::model::words;
use crate::money::Currency;
use crate::orders::model::order_no;

/// A fee that was taken.
#[derive(Debug)]
pub struct TakenFee {
    /// The payment that it was taken from.
    pub row: payment::Model,
    /// What the payment's channel is called.
    pub channel: String,
}

impl TakenFee {
    fn money(&self, minor: i64) -> Cell {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        Cell::money(minor, currency)
    }
}

/// The columns of fees.
pub static FEES: &[Column<TakenFee>] = &[
    column("orderNo", "Order no.", "平台订单号", Plain, |it| {
        Cell::Text(order_no(it.row.order_id))
    }),
    column("takenAt", "Taken at", "扣费时间", Zone, |it| {
        Cell::Time(it.row.credited_at.0)
    }),
    column("base", "Payment", "计费金额", InCurrency, |it| {
        it.money(it.row.paid_minor)
    }),
    column("rate", "Rate", "费率", Plain, |it| {
        Cell::Rate(it.row.fee_rate_ppm)
    }),
    column("fixed", "Fixed part", "固定费用", InCurrency, |it| {
        it.money(it.row.fee_fixed_minor)
    }),
    column("amount", "Fee", "手续费", InCurrency, |it| {
        it.money(it.row.fee_minor)
    }),
    column("returned", "Returned", "退还手续费", InCurrency, |it| {
        it.money(it.row.fee_returned_minor)
    }),
    column(
        "net",
        "Fee less returned",
        "净手续费",
        InCurrency,
        |it| it.money(it.row.fee_minor - it.row.fee_returned_minor),
    ),
    column("channel", "Channel", "支付渠道", Plain, |it| {
        Cell::Text(it.channel.clone())
    }),
    column("method", "Method", "支付方式", Plain, |it| {
        words::method(it.row.method)
    }),
    column("country", "Country", "国家/地区", Plain, |it| {
        Cell::text(it.row.country.as_deref())
    }),
    column("ruleId", "Rule", "费率规则", Plain, |it| {
        let rule = it.row.fee_rule_id.map(|id| id.to_string());
        Cell::text(rule.as_deref())
    }),
    column(
        "ruleVersion",
        "Version of the rule",
        "规则版本",
        Plain,
        |it| {
            it.row
                .fee_rule_version
                .map_or(Cell::Empty, |version| Cell::Whole(version.into()))
        },
    ),
    column("settlesOn", "Settles on", "预计结算日", Plain, |it| {
        it.row
            .settles_on
            .map_or(Cell::Empty, |day| Cell::Day(day.into()))
    }),
];
