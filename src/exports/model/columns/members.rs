//! The columns of members.

use entity::member;

use super::Unit::{Currency as InCurrency, Plain, Zone};
use super::{Column, column};
use crate::exports::model::cell::Cell;
use crate::members::service::Totals;
use crate::money::Currency;

/// A member, with what their orders come to as far as that is wanted.
#[derive(Debug)]
pub struct KnownMember {
    /// The member.
    pub row: member::Model,
    /// What their orders come to.
    pub totals: Totals,
    /// The merchant's currency.
    pub currency: Currency,
}

/// The columns for which members' orders are read.
pub const TOTALS_COLUMNS: [&str; 2] = ["paidOrders", "spent"];

/// The columns of members.
pub static MEMBERS: &[Column<KnownMember>] = &[
    column("memberNo", "Member no.", "会员号", Plain, |it| {
        Cell::Text(it.row.member_no.clone())
    }),
    column(
        "createdAt",
        "First named",
        "首次出现时间",
        Zone,
        |it| Cell::made_at(it.row.id.made_at_ms()),
    ),
    column(
        "firstPaidAt",
        "First paid",
        "首次支付时间",
        Zone,
        |it| Cell::time(it.row.first_paid_at),
    ),
    column("paidOrders", "Paid orders", "支付笔数", Plain, |it| {
        Cell::Whole(it.totals.paid_orders)
    }),
    column("spent", "Spent", "累计消费", InCurrency, |it| {
        Cell::money(it.totals.spent_minor, it.currency)
    }),
];
