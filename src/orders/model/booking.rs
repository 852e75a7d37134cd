//! Decides how a payment is booked: its fee, when the rest becomes available, and what the accounts show.

use chrono::NaiveDate;
use entity::channel::{self, FundsMode, SettlementCycle};
use entity::ledger_entry::LedgerAccount;
use entity::{Day, Instant, fee_rule, order, payment};

use crate::fees::model::{Assessed, Fee, assess};
use crate::ledger::model::Balances;

/// A payment, ready for the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Its row.
    pub payment: payment::Model,
    /// What it does to the accounts; nothing where it was paid directly and costs no fee.
    pub changes: Balances,
}

/// Books the payment of an order: the fee by the rule in effect at that instant, the rest for the day that
/// the channel's terms name.
#[must_use]
pub fn book(
    order: &order::Model,
    channel: &channel::Model,
    rules: &[fee_rule::Model],
    cycle: SettlementCycle,
    settles_on: Option<NaiveDate>,
    at: Instant,
) -> Booking {
    let paid_minor = order.amount_minor - order.discount_minor;
    let fee = assess(
        rules,
        &Assessed {
            channel_id: order.channel_id,
            method: order.method,
            country: order.country.as_deref(),
            amount_minor: paid_minor,
            at: at.0,
        },
    );
    let collected = channel.funds_mode == FundsMode::Collect;
    let waits = collected && cycle != SettlementCycle::Instant;
    let net = paid_minor - fee.minor;
    let (rule_id, rule_version) = fee.rule.unzip();
    let payment = payment::Model {
        merchant_id: order.merchant_id,
        order_id: order.id,
        channel_id: order.channel_id,
        method: order.method,
        country: order.country.clone(),
        currency: order.currency.clone(),
        paid_minor,
        credited_at: at,
        funds_mode: channel.funds_mode,
        fee_rule_id: rule_id,
        fee_rule_version: rule_version,
        fee_rate_ppm: fee.tariff.rate_ppm,
        fee_fixed_minor: fee.tariff.fixed_minor,
        fee_min_minor: fee.tariff.min_minor,
        fee_max_minor: fee.tariff.max_minor,
        fee_minor: fee.minor,
        returns_fee: channel.refund_returns_fee,
        fee_returned_minor: 0,
        settles_on: settles_on.filter(|_| collected).map(Day::from),
        unsettled_minor: if waits { net } else { 0 },
        pending_reserved_minor: 0,
        settlement_id: None,
    };
    Booking {
        payment,
        changes: changes(channel.funds_mode, waits, &fee),
    }
}

/// What a payment does to the accounts: collected, it is shared between merchant and fee; settled directly,
/// only the fee is ours to take.
fn changes(mode: FundsMode, waits: bool, fee: &Fee) -> Balances {
    let fees = Balances::default().with(LedgerAccount::FeeIncome, fee.minor);
    match mode {
        FundsMode::Direct => fees.with(LedgerAccount::Prepaid, -fee.minor),
        FundsMode::Collect => {
            let account = if waits {
                LedgerAccount::Pending
            } else {
                LedgerAccount::Available
            };
            fees.with(account, fee.base_minor - fee.minor)
                .with(LedgerAccount::ChannelClearing, -fee.base_minor)
        }
    }
}

/// What a payment does to the accounts that its order did not need: it is set aside.
#[must_use]
pub fn set_aside(received_minor: i64) -> Balances {
    Balances::default()
        .with(LedgerAccount::ChannelClearing, -received_minor)
        .with(LedgerAccount::Reserved, received_minor)
}
