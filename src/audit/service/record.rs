//! Writes an entry in the transaction of what it tells of.

use aws_lc_rs::digest;
use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use entity::{AuditEntryId, Instant, audit_entry, audit_unsealed};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};

use crate::app::App;
use crate::audit::model::{By, Deed, canonical};
use crate::error::Error;

/// Writes who did what, in the transaction in which it is done: both are there, or neither. Writers never wait
/// for each other: the entry is sealed after the commit.
pub async fn record(
    app: &App,
    txn: &DatabaseTransaction,
    by: impl Into<By> + Send,
    deed: Deed,
) -> Result<(), Error> {
    let (id, now) = (app.ids.next(), app.clock.instant());
    record_at(app, txn, &by.into(), &deed, (id, now)).await
}

/// As [`record`], unless the same was told of the same actor, from the same address, not long ago.
pub async fn record_once(
    app: &App,
    txn: &DatabaseTransaction,
    by: impl Into<By> + Send,
    deed: Deed,
    within: TimeDelta,
) -> Result<(), Error> {
    use audit_entry::Column;
    let (by, now) = (by.into(), app.clock.instant());
    let entry = deed.entry(&by, app.ids.next(), now);
    let since = (now.0 - within).timestamp_millis();
    let told = audit_entry::Entity::of(entry.merchant_id)
        .filter(Column::Id.gt(AuditEntryId::first_at(since)))
        .filter(Column::Action.eq(entry.action.as_str()))
        .filter(Column::Actor.eq(entry.actor.as_str()))
        .filter(same(Column::Target, entry.target.as_ref()))
        .filter(same(Column::Ip, entry.ip.as_ref()))
        .count(txn)
        .await?;
    if told > 0 {
        return Ok(());
    }
    record_at(app, txn, &by, &deed, (entry.id, now)).await
}

fn same(column: audit_entry::Column, value: Option<&String>) -> Expr {
    value.map_or_else(|| column.is_null(), |value| column.eq(value.as_str()))
}

/// As [`record`], at another moment than now: for histories that are made up.
pub async fn record_at(
    app: &App,
    txn: &DatabaseTransaction,
    by: &By,
    deed: &Deed,
    (id, at): (AuditEntryId, Instant),
) -> Result<(), Error> {
    let entry = deed.entry(by, id, at);
    let waiting = audit_unsealed::Model {
        merchant_id: entry.merchant_id,
        entry_id: entry.id,
        proof: prove(app, &entry)?,
    };
    audit_entry::Entity::insert(entry.into_active_model())
        .exec_without_returning(txn)
        .await?;
    audit_unsealed::Entity::insert(waiting.into_active_model())
        .exec_without_returning(txn)
        .await?;
    app.audited.noted();
    Ok(())
}

/// Proves that whoever has the master key wrote an entry as it stands: until it is sealed, who can write the
/// database could slip in another.
fn prove(app: &App, entry: &audit_entry::Model) -> Result<Vec<u8>, Error> {
    app.key.seal(&[], &bound_to(entry))
}

/// Whether an entry that waits for its seal is what was written.
pub(super) fn is_proven(app: &App, entry: &audit_entry::Model, proof: &[u8]) -> bool {
    app.key.open(proof, &bound_to(entry)).is_ok()
}

fn bound_to(entry: &audit_entry::Model) -> String {
    let hash = digest::digest(&digest::SHA256, &canonical(entry));
    format!("audit entry {}", HEXLOWER.encode(hash.as_ref()))
}
