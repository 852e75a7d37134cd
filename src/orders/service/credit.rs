//! Books a payment: takes its fee, names the day on which the rest becomes available, and posts both.

use entity::channel::{self, FundsMode};
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{Instant, ReconciliationItemId, fee_rule, merchant, order, payment};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::pay::currency;
use crate::app::App;
use crate::error::Error;
use crate::ledger::model::Posting;
use crate::ledger::service::post;
use crate::merchant::zone_of;
use crate::orders::model::{Booking, book, set_aside};
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
        let terms = Terms::of(merchant, self.channel);
        // Of the row at hand: a transaction that waits for a second connection may wait for itself.
        let zone = zone_of(merchant)?;
        let settles_on = terms.settles_on(now.0, zone, &app.calendar);
        let Booking { payment, changes } = book(
            order,
            self.channel,
            &self.rules,
            terms.cycle,
            settles_on,
            now,
        );
        payment::Entity::insert(payment.into_active_model())
            .exec_without_returning(txn)
            .await?;
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
            changes: set_aside(received_minor),
        };
        post(app, txn, order.merchant_id, currency(order)?, &posting).await?;
        Ok(())
    }
}
