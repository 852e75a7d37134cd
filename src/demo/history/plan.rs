//! What a history tells: orders one by one, and what is left behind when it is over.

use entity::{
    channel_latency, channel_traffic, member, order, order_line, order_timeline, payment,
    reconciliation_item, reconciliation_run, refund, refund_line,
};

use super::{Closing, Posted, Redeemed, Remembered, Watched};

/// An order with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The order.
    pub order: order::Model,
    /// Its lines.
    pub lines: Vec<order_line::Model>,
    /// Its timeline.
    pub timeline: Vec<order_timeline::Model>,
    /// Its payment, where it was paid.
    pub payment: Option<payment::Model>,
    /// Its refunds.
    pub refunds: Vec<refund::Model>,
    /// Their lines.
    pub refund_lines: Vec<refund_line::Model>,
    /// What the ledger says of all these.
    pub postings: Vec<Posted>,
    /// A payment that it did not need.
    pub item: Option<reconciliation_item::Model>,
}

/// What a history leaves behind when its last order is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Settlements and balances.
    pub books: Closing,
    /// Bills that were compared.
    pub runs: Vec<reconciliation_run::Model>,
    /// What did not fit.
    pub items: Vec<reconciliation_item::Model>,
    /// What went through channels in the last weeks, by hour.
    pub hours: Vec<channel_traffic::Model>,
    /// How long that took.
    pub times: Vec<channel_latency::Model>,
    /// How channels were.
    pub watched: Watched,
    /// Whom the shop knows again.
    pub members: Vec<member::Model>,
    /// What campaigns and coupons left behind.
    pub redeemed: Redeemed,
    /// What orders did for members.
    pub remembered: Remembered,
}
