//! Why money went back, as clients see it.

use async_graphql::SimpleObject;

use super::products::share;
use crate::graphql::scalars::DecimalText;
use crate::money::{Currency, Money};
use crate::overview::service::ReasonRow;
use crate::refunds::schema::enums::RefundReason;

/// Refunds of a reason 退款原因.
#[derive(Debug, SimpleObject)]
pub struct RefundReasonRow {
    /// Why.
    pub reason: RefundReason,
    /// How many succeeded.
    pub refunds: i64,
    /// What they gave back.
    pub amount: Money,
    /// Their share of what all of them gave back: 0.25 is 25 %.
    pub share: DecimalText,
}

pub(super) fn shown(rows: &[ReasonRow], currency: Currency) -> Vec<RefundReasonRow> {
    let all = rows.iter().map(|row| row.amount_minor).sum();
    let rows = rows.iter().map(|row| RefundReasonRow {
        reason: row.reason.into(),
        refunds: row.refunds,
        amount: Money::of_minor(row.amount_minor, currency),
        share: share(row.amount_minor, all),
    });
    rows.collect()
}
