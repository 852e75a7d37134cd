//! Releases pending money on its day.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{
    ChannelId, Day, Instant, MerchantId, OrderId, SettlementId, channel, payment, settlement,
};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select,
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

/// Merchants with money whose day has come, in each one's own zone, or whose day was not known.
pub async fn due(app: &App) -> Result<Vec<MerchantId>, Error> {
    let now = app.clock.now();
    // The furthest zone is 14 hours ahead.
    let latest = (now + TimeDelta::hours(14)).date_naive();
    let waiting: Vec<(MerchantId, String, Option<Day>, bool)> =
        payment::Entity::waiting(Day::from(latest))
            .into_tuple()
            .all(app.db.reads_across())
            .await?;
    let is_due = |zone: &str, day: Day| {
        let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
        day <= Day::from(now.with_timezone(&zone).date_naive())
    };
    Ok(waiting
        .into_iter()
        .filter(|(_, zone, first, nameless)| {
            *nameless || first.is_some_and(|day| is_due(zone, day))
        })
        .map(|(id, ..)| id)
        .collect())
}

/// Releases what is due of a merchant; whether some may be left. Two instances at once release each
/// payment once: each takes the rows that the other has not locked.
pub async fn release(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let merchant = &merchant;
    app.write(merchant_id, |txn| async move {
        let more_days = name_days(app, &txn, merchant).await?;
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
        Ok(more_days || taken == BATCH)
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
    let due = payment::Entity::unsettled_of(merchant.row.id)
        .filter(payment::Column::SettlesOn.lte(Day::from(today)))
        .order_by_asc(payment::Column::SettlesOn)
        .limit(BATCH);
    Ok(locked(app, due).all(txn).await?)
}

/// Rows that nobody else holds, to be changed. SQLite has one writer.
fn locked(app: &App, select: Select<payment::Entity>) -> Select<payment::Entity> {
    match app.db.backend() {
        DbBackend::Postgres => {
            select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        }
        _ => select,
    }
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

/// Gives a day to payments that had none, where the calendar knows it by now; whether some may be left.
async fn name_days(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &Merchant,
) -> Result<bool, Error> {
    let merchant_id = merchant.row.id;
    let nameless =
        || payment::Entity::unsettled_of(merchant_id).filter(payment::Column::SettlesOn.is_null());
    if nameless().one(txn).await?.is_none() {
        return Ok(false);
    }
    let mut more = false;
    for channel in channel::Entity::of(merchant_id).all(txn).await? {
        let terms = Terms::of(&merchant.row, &channel);
        let mut known = nameless().filter(payment::Column::ChannelId.eq(channel.id));
        if let Some(end) = terms.unknown_from(merchant.zone, &app.calendar) {
            known = known.filter(payment::Column::CreditedAt.lt(Instant(end)));
        }
        let payments = locked(app, known.limit(BATCH)).all(txn).await?;
        more |= payments.len() as u64 == BATCH;
        let mut days: BTreeMap<Day, Vec<OrderId>> = BTreeMap::new();
        for payment in payments {
            let day = terms.settles_on(payment.credited_at.0, merchant.zone, &app.calendar);
            if let Some(day) = day {
                days.entry(day.into()).or_default().push(payment.order_id);
            }
        }
        for (day, orders) in days {
            payment::Entity::update_of(merchant_id)
                .filter(any_of(&app.db, payment::Column::OrderId, &orders))
                .col_expr(payment::Column::SettlesOn, Expr::value(day))
                .exec(txn)
                .await?;
        }
    }
    Ok(more)
}
