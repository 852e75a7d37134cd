//! What is here, as a bill is compared with it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::order::PaymentState;
use entity::payout::PayoutStatus;
use entity::refund::{RefundKind, RefundStatus};
use entity::{BankAccountId, OrderId, PayoutId, RefundId};

/// What is known here of a bill's rows, and what of its day its rows must list.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// Orders that the bill names, and those that were paid on its day, all of the channel.
    pub orders: HashMap<OrderId, OrderHere>,
    /// The orders among them by the platform's number of their payment.
    pub by_trade_no: HashMap<String, OrderId>,
    /// Payments that their orders did not need (`SECOND_PAYMENT` items), by the platform's number.
    pub extras: HashMap<String, Extra>,
    /// Refunds that the bill names, and those that succeeded on its day, all of the channel.
    pub refunds: HashMap<RefundId, RefundHere>,
    /// Payouts that the list of transfers names, and those of the channel that were sent on its day.
    pub payouts: HashMap<PayoutId, PayoutHere>,
    /// The payouts among them by the number of the bank behind the platform.
    pub by_bank_no: HashMap<String, PayoutId>,
    /// Bank accounts whose checks the list names, and those of the channel to which a small amount went on its day.
    pub checks: HashMap<BankAccountId, CheckHere>,
}

impl Here {
    /// Adds a payout.
    pub fn add_payout(&mut self, payout: PayoutHere) {
        if let Some(bank_no) = &payout.bank_no {
            self.by_bank_no.insert(bank_no.clone(), payout.id);
        }
        self.payouts.insert(payout.id, payout);
    }

    /// Adds an order.
    pub fn add(&mut self, order: OrderHere) {
        if let Some(trade_no) = &order.trade_no {
            self.by_trade_no.insert(trade_no.clone(), order.id);
        }
        self.orders.insert(order.id, order);
    }
}

/// An order, as a bill is compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderHere {
    /// Which.
    pub id: OrderId,
    /// What is to be paid, in minor units.
    pub payable_minor: i64,
    /// Where its payment stands.
    pub state: PaymentState,
    /// The platform's number of its payment.
    pub trade_no: Option<String>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// What its payment cost, in minor units; none where no fee was taken down.
    pub fee_minor: Option<i64>,
    /// What went back to the payer.
    pub refunded: RefundedHere,
}

/// What went back to the payer of an order, in minor units. A list may have been written before a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundedHere {
    /// What had gone back when the bill's day was over.
    pub least: i64,
    /// What may have gone back by now, refunds in flight included.
    pub most: i64,
}

/// A payment that its order did not need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extra {
    /// The order.
    pub order_id: OrderId,
    /// What was received, in minor units.
    pub received_minor: Option<i64>,
    /// When it was found.
    pub found_at: DateTime<Utc>,
}

/// A refund, as a bill is compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundHere {
    /// Which.
    pub id: RefundId,
    /// What it gives back.
    pub kind: RefundKind,
    /// The order.
    pub order_id: OrderId,
    /// The platform's number of the payment.
    pub trade_no: Option<String>,
    /// What the payer gets, in minor units.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: RefundStatus,
    /// How much of the fee came back with it, in minor units.
    pub fee_returned_minor: i64,
    /// When it succeeded.
    pub succeeded_at: Option<DateTime<Utc>>,
}

impl RefundHere {
    /// When it was asked for.
    #[must_use]
    pub fn asked_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.id.made_at_ms()).unwrap_or_default()
    }
}

/// A payout, as a list of transfers is compared with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutHere {
    /// Which.
    pub id: PayoutId,
    /// What arrives, in minor units.
    pub net_minor: i64,
    /// What it costs, in minor units.
    pub fee_minor: i64,
    /// Where it stands.
    pub state: PayoutStatus,
    /// The number of the bank behind the platform.
    pub bank_no: Option<String>,
    /// When it was last sent; none where it never was.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether its channel is the one whose list it is.
    pub of_channel: bool,
}

/// The check of a bank account, as a list of transfers is compared with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckHere {
    /// Which account.
    pub id: BankAccountId,
    /// The small amount, in minor units.
    pub amount_minor: i64,
    /// Whether it is known here that it was sent.
    pub sent: bool,
    /// When the platform was last asked to send it.
    pub asked_at: Option<DateTime<Utc>>,
    /// Whether the account's channel is the one whose list it is.
    pub of_channel: bool,
}
