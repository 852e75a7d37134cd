//! Writes what a comparison found: the run, its items, and what it clears, in one transaction.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::event::EventKind;
use entity::reconciliation_item::{self, ActiveModel, Column, ReconciliationKind, Resolution};
use entity::reconciliation_run::{self, BillFormat};
use entity::{Day, Instant, ReconciliationItemId, ReconciliationRunId, channel};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::events;
use crate::money::Currency;
use crate::reconciliation::model::{Compared, Difference, Here, Listed, is_known};

/// How many items one statement writes: SQLite binds 32,766 values at the most.
const SOME: usize = 1_500;
/// Who clears what another day's bill has.
const SYSTEM: &str = "system";

/// A compared bill.
pub(super) struct Import<'a> {
    /// The channel.
    pub channel: &'a channel::Model,
    /// The merchant's currency.
    pub currency: Currency,
    /// How the bill is written.
    pub format: BillFormat,
    /// Its day.
    pub day: NaiveDate,
    /// SHA-256 of its text.
    pub hash: Vec<u8>,
    /// Who imports it.
    pub imported_by: String,
    /// What was found.
    pub compared: Compared,
    /// Items of earlier bills that were missing here, near midnight.
    pub waiting: &'a [reconciliation_item::Model],
    /// What it was compared with.
    pub here: &'a Here,
}

/// Items of earlier bills by reference: payments, refunds and payouts that were missing there.
type Known = HashMap<String, reconciliation_item::Model>;

/// Writes the run once: where another instance was faster, its run is given. Bills of one channel are written
/// one after the other, so that of two days each sees what the other has found.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    import: &Import<'_>,
) -> Result<reconciliation_run::Model, Error> {
    let merchant_id = import.channel.merchant_id;
    // As an update would: orders, which refer to the channel, go on being made.
    channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.eq(import.channel.id))
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?
        .ok_or(Error::NotFound)?;
    let known = reconciliation_run::Entity::of(merchant_id)
        .filter(reconciliation_run::Column::ChannelId.eq(import.channel.id))
        .filter(reconciliation_run::Column::BillOn.eq(Day::from(import.day)))
        .filter(reconciliation_run::Column::FileHash.eq(import.hash.clone()))
        .one(txn)
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let known = missing_there(app, txn, import).await?;
    let differences: Vec<&Difference> = import
        .compared
        .differences
        .iter()
        .filter(|difference| !is_carried(difference, &known))
        .collect();
    let cleared = cleared(import, &known);
    let now = app.clock.instant();
    let run = reconciliation_run::Model {
        merchant_id,
        id: app.ids.next(),
        channel_id: import.channel.id,
        format: import.format,
        bill_on: import.day.into(),
        file_hash: import.hash.clone(),
        rows: count(import.compared.rows),
        matched: count(import.compared.matched),
        differences: count(differences.len()),
        carried: count(cleared.len()),
        imported_by: import.imported_by.clone(),
        imported_at: now,
    };
    reconciliation_run::Entity::insert(run.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    let opened = differences
        .iter()
        .map(|difference| opened(app, import, run.id, difference, now));
    insert(txn, opened.collect()).await?;
    tell_opened(app, txn, &run, now).await?;
    let listed = import
        .compared
        .listed
        .iter()
        .filter(|listed| !known.contains_key(&listed.reference))
        .map(|listed| remembered(app, import, run.id, listed, now));
    insert(txn, listed.collect()).await?;
    clear(app, txn, import, &cleared, now).await?;
    let kind = EventKind::ReconciliationImported;
    events::record(txn, &app.ids, now, merchant_id, kind, run.id).await?;
    Ok(run)
}

/// What earlier bills lacked of what this one lists, or lacks.
async fn missing_there(
    app: &App,
    txn: &DatabaseTransaction,
    import: &Import<'_>,
) -> Result<Known, Error> {
    let missing = import
        .compared
        .differences
        .iter()
        .filter(|difference| difference.kind == ReconciliationKind::MissingThere)
        .map(|difference| &difference.about);
    let references: Vec<String> = missing
        .chain(&import.compared.listed)
        .map(|about| about.reference.clone())
        .collect();
    let mut known = Known::new();
    for some in references.chunks(SOME) {
        let items = reconciliation_item::Entity::of(import.channel.merchant_id)
            .filter(Column::ChannelId.eq(import.channel.id))
            .filter(Column::Kind.eq(ReconciliationKind::MissingThere))
            .filter(any_text_of(&app.db, Column::Reference, some))
            .all(txn)
            .await?;
        known.extend(items.into_iter().map(|item| (item.reference.clone(), item)));
    }
    Ok(known)
}

/// Whether another day's bill has what this one lacks.
fn is_carried(difference: &Difference, known: &Known) -> bool {
    difference.kind == ReconciliationKind::MissingThere
        && known
            .get(&difference.about.reference)
            .is_some_and(|item| item.resolution == Some(Resolution::Carried))
}

/// The open items of other days that this bill clears: what was missing there and stands in it, and what was
/// missing here and has become known.
fn cleared(import: &Import<'_>, known: &Known) -> Vec<ReconciliationItemId> {
    let there = import
        .compared
        .listed
        .iter()
        .filter_map(|listed| known.get(&listed.reference))
        .filter(|item| item.resolved_at.is_none());
    let here = import
        .waiting
        .iter()
        .filter(|item| is_known(item, import.here));
    let mut cleared: Vec<_> = there.chain(here).map(|item| item.id).collect();
    cleared.sort_unstable();
    cleared.dedup();
    cleared
}

/// An item for a difference.
fn opened(
    app: &App,
    import: &Import<'_>,
    run_id: ReconciliationRunId,
    difference: &Difference,
    now: Instant,
) -> ActiveModel {
    ActiveModel {
        kind: ActiveValue::Set(difference.kind),
        detail: ActiveValue::Set(difference.detail.clone()),
        carried: ActiveValue::Set(difference.carried),
        resolved_at: ActiveValue::Set(None),
        resolved_by: ActiveValue::Set(None),
        resolution: ActiveValue::Set(None),
        ..item(app, import, run_id, &difference.about, now)
    }
}

/// An item for what a bill of another day than its own lists, settled from the beginning: the own day's bill
/// need not have it.
fn remembered(
    app: &App,
    import: &Import<'_>,
    run_id: ReconciliationRunId,
    listed: &Listed,
    now: Instant,
) -> ActiveModel {
    ActiveModel {
        kind: ActiveValue::Set(ReconciliationKind::MissingThere),
        detail: ActiveValue::Set(Some(format!("on the bill of {}", import.day))),
        carried: ActiveValue::Set(true),
        resolved_at: ActiveValue::Set(Some(now)),
        resolved_by: ActiveValue::Set(Some(SYSTEM.to_owned())),
        resolution: ActiveValue::Set(Some(Resolution::Carried)),
        ..item(app, import, run_id, listed, now)
    }
}

fn item(
    app: &App,
    import: &Import<'_>,
    run_id: ReconciliationRunId,
    about: &Listed,
    now: Instant,
) -> ActiveModel {
    ActiveModel {
        merchant_id: ActiveValue::Set(import.channel.merchant_id),
        id: ActiveValue::Set(app.ids.next()),
        reference: ActiveValue::Set(about.reference.clone()),
        channel_id: ActiveValue::Set(import.channel.id),
        order_id: ActiveValue::Set(about.order_id),
        refund_id: ActiveValue::Set(about.refund_id),
        payout_id: ActiveValue::Set(about.payout_id),
        run_id: ActiveValue::Set(Some(run_id)),
        provider_trade_no: ActiveValue::Set(about.trade_no.clone()),
        expected_minor: ActiveValue::Set(about.expected_minor),
        received_minor: ActiveValue::Set(about.received_minor),
        currency: ActiveValue::Set(import.currency.code().to_owned()),
        created_at: ActiveValue::Set(now),
        ..ActiveModel::default()
    }
}

/// Inserts items; what is listed already stays as it is.
async fn insert(txn: &DatabaseTransaction, mut items: Vec<ActiveModel>) -> Result<(), Error> {
    let once = [
        Column::MerchantId,
        Column::ChannelId,
        Column::Reference,
        Column::Kind,
    ];
    while !items.is_empty() {
        let some = items.split_off(items.len().saturating_sub(SOME));
        reconciliation_item::Entity::insert_many(some)
            .on_conflict(OnConflict::columns(once).do_nothing().to_owned())
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// Tells of the items that the run opened.
async fn tell_opened(
    app: &App,
    txn: &DatabaseTransaction,
    run: &reconciliation_run::Model,
    now: Instant,
) -> Result<(), Error> {
    let ids: Vec<i64> = reconciliation_item::Entity::of(run.merchant_id)
        .filter(Column::RunId.eq(run.id))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(txn)
        .await?;
    let kind = EventKind::ReconciliationItemOpened;
    Ok(events::record_many(txn, &app.ids, now, run.merchant_id, kind, &ids).await?)
}

/// Settles items of other days that this bill clears.
async fn clear(
    app: &App,
    txn: &DatabaseTransaction,
    import: &Import<'_>,
    ids: &[ReconciliationItemId],
    now: Instant,
) -> Result<(), Error> {
    let merchant_id = import.channel.merchant_id;
    let note = format!("on the bill of {}", import.day);
    for some in ids.chunks(SOME) {
        reconciliation_item::Entity::update_of(merchant_id)
            .filter(any_of(&app.db, Column::Id, some))
            .filter(Column::ResolvedAt.is_null())
            .col_expr(Column::ResolvedAt, Expr::value(now))
            .col_expr(Column::ResolvedBy, Expr::value(SYSTEM))
            .col_expr(Column::Resolution, Expr::value(Resolution::Carried))
            .col_expr(Column::ResolutionNote, Expr::value(note.as_str()))
            .exec(txn)
            .await?;
    }
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let kind = EventKind::ReconciliationItemResolved;
    Ok(events::record_many(txn, &app.ids, now, merchant_id, kind, &ids).await?)
}

/// A count as the table keeps it.
fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
