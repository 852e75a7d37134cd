//! Writes down balances every hour, so that those of any past moment are found without summing up years.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{LedgerTransactionId, MerchantId, ledger_balance, ledger_checkpoint};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, EntityTrait};

use super::balance::{between, last_checkpoint};
use crate::app::App;
use crate::error::Error;
use crate::ledger::model::Balances;

/// How long after its moment a checkpoint is written: no transaction that began before is still open then.
const SETTLED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Every merchant that has a ledger.
pub async fn merchants(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(ledger_balance::Entity::merchants()
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

/// Writes a merchant's checkpoint of the last full hour, where anything was posted since the one before.
pub async fn checkpoint(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    let before_id = LedgerTransactionId::first_at(last_hour(app.clock.now()).timestamp_millis());
    let (begin, balances) = last_checkpoint(app, merchant_id, before_id).await?;
    if begin == before_id {
        return Ok(());
    }
    let since = between(app, merchant_id, begin, before_id).await?;
    if since == Balances::default() {
        return Ok(());
    }
    let [
        pending,
        available,
        reserved,
        prepaid,
        channel_clearing,
        fee_income,
        payout_clearing,
        adjustment,
    ] = balances.plus(&since).0;
    ledger_checkpoint::Entity::insert(ledger_checkpoint::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        before_id: ActiveValue::Set(before_id),
        pending_minor: ActiveValue::Set(pending),
        available_minor: ActiveValue::Set(available),
        reserved_minor: ActiveValue::Set(reserved),
        prepaid_minor: ActiveValue::Set(prepaid),
        channel_clearing_minor: ActiveValue::Set(channel_clearing),
        fee_income_minor: ActiveValue::Set(fee_income),
        payout_clearing_minor: ActiveValue::Set(payout_clearing),
        adjustment_minor: ActiveValue::Set(adjustment),
    })
    .on_conflict(
        OnConflict::columns([
            ledger_checkpoint::Column::MerchantId,
            ledger_checkpoint::Column::BeforeId,
        ])
        .do_nothing()
        .to_owned(),
    )
    .exec_without_returning(&app.db.writes(merchant_id))
    .await?;
    Ok(())
}

fn last_hour(now: DateTime<Utc>) -> DateTime<Utc> {
    let ms = (now - SETTLED_AFTER).timestamp_millis();
    DateTime::from_timestamp_millis(ms - ms.rem_euclid(3_600_000)).unwrap_or_default()
}
