//! Releases pending money on its day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{ChannelId, Day, Instant, MerchantId, SettlementId, channel, payment, settlement};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::events;
use crate::ledger::{
    self,
    model::{Balances, Posting},
};
use crate::merchant::Merchant;
use crate::settlements::model::Terms;

/// How many payments are released in one transaction.
const BATCH: u64 = 2_000;

/// Merchants with money that is due at the latest on `day`, or whose day was not known.
pub async fn due(app: &App, day: NaiveDate) -> Result<Vec<MerchantId>, Error> {
    Ok(payment::Entity::merchants_due(Day::from(day))
        .into_tuple()
        .all(app.db.reads())
        .await?)
}

/// Releases what is due of a merchant; whether some may be left. Two instances at once release each
/// payment once: each takes the rows that the other has not locked.
pub async fn release(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let merchant = &merchant;
    app.write(merchant_id, |txn| async move {
        name_days(app, &txn, merchant).await?;
        let payments = take_due(app, &txn, merchant).await?;
        let mut settlements: BTreeMap<(ChannelId, Day), Vec<payment::Model>> = BTreeMap::new();
        let taken = payments.len() as u64;
        for payment in payments {
            let day = payment.settles_on.unwrap_or(Day(0));
            let of = (payment.channel_id, day);
            settlements.entry(of).or_default().push(payment);
        }
        for ((channel_id, day), payments) in settlements {
            settle(app, &txn, merchant, (channel_id, day), &payments).await?;
        }
        Ok(taken == BATCH)
    })
    .await
}

/// Locks the payments whose day has come.
async fn take_due(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &Merchant,
) -> Result<Vec<payment::Model>, Error> {
    let today = app.clock.now().with_timezone(&merchant.zone).date_naive();
    let mut due = payment::Entity::of(merchant.row.id)
        .filter(payment::Column::UnsettledMinor.gt(0))
        .filter(payment::Column::SettlesOn.lte(Day::from(today)))
        .order_by_asc(payment::Column::SettlesOn)
        .limit(BATCH);
    if app.db.backend() == DbBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    Ok(due.all(txn).await?)
}

/// Releases payments of one channel and day.
async fn settle(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &Merchant,
    (channel_id, settles_on): (ChannelId, Day),
    payments: &[payment::Model],
) -> Result<(), Error> {
    let merchant_id = merchant.row.id;
    let id: SettlementId = app.ids.next();
    let now: Instant = app.clock.instant();
    let amount_minor = payments.iter().map(|one| one.unsettled_minor).sum();
    let row = settlement::Model {
        merchant_id,
        id,
        channel_id,
        currency: merchant.currency.code().to_owned(),
        amount_minor,
        payments: i32::try_from(payments.len()).unwrap_or(i32::MAX),
        settles_on,
        released_at: now,
    };
    settlement::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    let orders: Vec<_> = payments.iter().map(|one| one.order_id).collect();
    payment::Entity::update_of(merchant_id)
        .filter(any_of(&app.db, payment::Column::OrderId, &orders))
        .col_expr(payment::Column::UnsettledMinor, Expr::value(0_i64))
        .col_expr(payment::Column::SettlementId, Expr::value(id))
        .exec(txn)
        .await?;
    let changes = Balances::default()
        .with(LedgerAccount::Pending, -amount_minor)
        .with(LedgerAccount::Available, amount_minor);
    let posting = Posting {
        source: LedgerSource::Settlement,
        source_id: id.0,
        step: LedgerStep::Released,
        round: 1,
        changes,
    };
    ledger::service::post(app, txn, merchant_id, merchant.currency, &posting).await?;
    let kind = EventKind::SettlementReleased;
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, id).await?)
}

/// Gives a day to payments that had none, where the calendar knows it by now.
async fn name_days(app: &App, txn: &DatabaseTransaction, merchant: &Merchant) -> Result<(), Error> {
    let merchant_id = merchant.row.id;
    let nameless = payment::Entity::of(merchant_id)
        .filter(payment::Column::UnsettledMinor.gt(0))
        .filter(payment::Column::SettlesOn.is_null())
        .limit(BATCH)
        .lock_exclusive()
        .all(txn)
        .await?;
    if nameless.is_empty() {
        return Ok(());
    }
    let channels = channel::Entity::of(merchant_id).all(txn).await?;
    for payment in nameless {
        let channel = channels.iter().find(|one| one.id == payment.channel_id);
        let Some(channel) = channel else { continue };
        let terms = Terms::of(&merchant.row, channel);
        let day = terms.settles_on(payment.credited_at.0, merchant.zone, &app.calendar);
        let Some(day) = day else { continue };
        payment::Entity::update_of(merchant_id)
            .filter(payment::Column::OrderId.eq(payment.order_id))
            .col_expr(payment::Column::SettlesOn, Expr::value(Day::from(day)))
            .exec(txn)
            .await?;
    }
    Ok(())
}
