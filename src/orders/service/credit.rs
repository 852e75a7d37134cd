//! Books a payment: takes its fee, names the day on which the rest becomes available, and posts both.

use entity::channel::{self, FundsMode, SettlementCycle};
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{Day, Instant, ReconciliationItemId, fee_rule, merchant, order, payment};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};

use super::pay::currency;
use crate::app::App;
use crate::error::Error;
use crate::fees::model::{Assessed, Fee, assess};
use crate::ledger::model::{Balances, Posting};
use crate::ledger::service::post;
use crate::settlements::model::Terms;

/// What a payment is booked by: read before the transaction, which it shall not prolong.
pub(super) struct Books<'a> {
    /// The channel that it came through.
    pub channel: &'a channel::Model,
    /// The merchant's fee rules.
    pub rules: Vec<fee_rule::Model>,
}

impl<'a> Books<'a> {
    /// Reads the merchant's fee rules.
    pub async fn open(app: &App, channel: &'a channel::Model) -> Result<Self, Error> {
        let rules = crate::fees::service::rules(app, channel.merchant_id).await?;
        Ok(Self { channel, rules })
    }

    /// Books the payment of an order that becomes PAID in this transaction.
    pub async fn credit(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        merchant: &merchant::Model,
        order: &order::Model,
        now: Instant,
    ) -> Result<(), Error> {
        let paid_minor = order.amount_minor - order.discount_minor;
        let fee = assess(
            &self.rules,
            &Assessed {
                channel_id: order.channel_id,
                method: order.method,
                country: order.country.as_deref(),
                amount_minor: paid_minor,
                at: now.0,
            },
        );
        let terms = Terms::of(merchant, self.channel);
        let zone = crate::merchant::find(app, merchant.id).await?.zone;
        let settles_on = terms.settles_on(now.0, zone, &app.calendar).map(Day::from);
        let collected = self.channel.funds_mode == FundsMode::Collect;
        let waits = collected && terms.cycle != SettlementCycle::Instant;
        let net = paid_minor - fee.minor;
        let (rule_id, rule_version) = fee.rule.unzip();
        payment::Entity::insert(payment::ActiveModel {
            merchant_id: ActiveValue::Set(order.merchant_id),
            order_id: ActiveValue::Set(order.id),
            channel_id: ActiveValue::Set(order.channel_id),
            method: ActiveValue::Set(order.method),
            country: ActiveValue::Set(order.country.clone()),
            currency: ActiveValue::Set(order.currency.clone()),
            paid_minor: ActiveValue::Set(paid_minor),
            credited_at: ActiveValue::Set(now),
            funds_mode: ActiveValue::Set(self.channel.funds_mode),
            fee_rule_id: ActiveValue::Set(rule_id),
            fee_rule_version: ActiveValue::Set(rule_version),
            fee_rate_ppm: ActiveValue::Set(fee.tariff.rate_ppm),
            fee_fixed_minor: ActiveValue::Set(fee.tariff.fixed_minor),
            fee_min_minor: ActiveValue::Set(fee.tariff.min_minor),
            fee_max_minor: ActiveValue::Set(fee.tariff.max_minor),
            fee_minor: ActiveValue::Set(fee.minor),
            returns_fee: ActiveValue::Set(self.channel.refund_returns_fee),
            fee_returned_minor: ActiveValue::Set(0),
            settles_on: ActiveValue::Set(if collected { settles_on } else { None }),
            unsettled_minor: ActiveValue::Set(if waits { net } else { 0 }),
            pending_reserved_minor: ActiveValue::Set(0),
            settlement_id: ActiveValue::Set(None),
        })
        .exec_without_returning(txn)
        .await?;
        let changes = changes(self.channel.funds_mode, waits, &fee);
        if changes.amount() == 0 {
            return Ok(());
        }
        let posting = Posting {
            source: LedgerSource::Payment,
            source_id: order.id.0,
            step: LedgerStep::Credited,
            round: 1,
            changes,
        };
        post(app, txn, order.merchant_id, currency(order)?, &posting).await?;
        Ok(())
    }

    /// Sets aside a payment that its order did not need, until it goes back to the payer.
    pub async fn set_aside(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        order: &order::Model,
        item: ReconciliationItemId,
        received_minor: i64,
    ) -> Result<(), Error> {
        if self.channel.funds_mode != FundsMode::Collect {
            return Ok(());
        }
        let posting = Posting {
            source: LedgerSource::ExtraPayment,
            source_id: item.0,
            step: LedgerStep::Credited,
            round: 1,
            changes: Balances::default()
                .with(LedgerAccount::ChannelClearing, -received_minor)
                .with(LedgerAccount::Reserved, received_minor),
        };
        post(app, txn, order.merchant_id, currency(order)?, &posting).await?;
        Ok(())
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
