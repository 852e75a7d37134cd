//! Gives committed events their numbers: without gaps, one transaction at a time per merchant.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use entity::event::{self, EventKind};
use entity::{Instant, MerchantId, event_head};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use super::Event;
use super::lock;
use crate::db::Db;
use crate::error::Error;

/// How many events one transaction numbers.
pub const BATCH: usize = 1_000;

/// Which merchants are being numbered here; a commit during it asks for another round.
#[derive(Debug, Default)]
pub struct Numbering(Mutex<HashMap<MerchantId, bool>>);

impl Numbering {
    /// Whether the caller is to start numbering; otherwise somebody does, and will look again.
    pub fn begin(&self, merchant_id: MerchantId) -> bool {
        let mut running = lock(&self.0);
        match running.get_mut(&merchant_id) {
            Some(again) => {
                *again = true;
                false
            }
            None => {
                running.insert(merchant_id, false);
                true
            }
        }
    }

    /// Whether something was committed since the round began; if not, numbering ends.
    pub fn again(&self, merchant_id: MerchantId) -> bool {
        let mut running = lock(&self.0);
        match running.get_mut(&merchant_id) {
            Some(again) if *again => {
                *again = false;
                true
            }
            _ => {
                running.remove(&merchant_id);
                false
            }
        }
    }
}

/// Numbers what is committed and has no number, and returns it in order.
pub async fn number(db: &Db, merchant_id: MerchantId) -> Result<Vec<Arc<Event>>, DbErr> {
    db.transaction_of(merchant_id, |txn| async move {
        number_in(&txn, merchant_id).await
    })
    .await
    .map_err(|error| match error {
        Error::Database(error) => DbErr::clone(&error),
        other => DbErr::Custom(other.code().to_owned()),
    })
}

async fn number_in(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Vec<Arc<Event>>, Error> {
    let head = lock_head(txn, merchant_id).await?;
    let mut fresh = Numbered::find_by_statement(statement(txn, merchant_id, head.last_seq))
        .all(txn)
        .await?;
    let Some(last) = fresh.iter().map(|event| event.seq).max() else {
        return Ok(Vec::new());
    };
    event_head::Entity::update_of(merchant_id)
        .col_expr(event_head::Column::LastSeq, Expr::value(last))
        .exec(txn)
        .await?;
    fresh.sort_unstable_by_key(|event| event.seq);
    Ok(fresh.into_iter().map(|row| Arc::new(row.into())).collect())
}

/// Locks a merchant's head until the end of the transaction; makes it where it is missing.
async fn lock_head(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<event_head::Model, DbErr> {
    if let Some(head) = event_head::Entity::of(merchant_id)
        .lock_exclusive()
        .one(txn)
        .await?
    {
        return Ok(head);
    }
    event_head::Entity::insert(event_head::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        last_seq: ActiveValue::Set(0),
        pruned_seq: ActiveValue::Set(0),
    })
    .on_conflict(
        OnConflict::column(event_head::Column::MerchantId)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(txn)
    .await?;
    event_head::Entity::of(merchant_id)
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("event head".to_owned()))
}

/// The update, in the order in which the database took the events: no instance's clock decides.
fn statement(txn: &DatabaseTransaction, merchant_id: MerchantId, last_seq: i64) -> Statement {
    let backend = txn.get_database_backend();
    let taken = match backend {
        DbBackend::Sqlite => "rowid",
        _ => "position",
    };
    let sql = format!(
        "UPDATE events SET seq = fresh.seq FROM ( \
            SELECT id, $2 + row_number() OVER (ORDER BY {taken}) AS seq \
            FROM events WHERE merchant_id = $1 AND seq IS NULL ORDER BY {taken} LIMIT {BATCH} \
         ) AS fresh \
         WHERE events.merchant_id = $1 AND events.id = fresh.id \
         RETURNING events.seq, events.kind, events.subject_id, events.occurred_at"
    );
    Statement::from_sql_and_values(backend, sql, [merchant_id.into(), last_seq.into()])
}

#[derive(FromQueryResult)]
struct Numbered {
    seq: i64,
    kind: EventKind,
    subject_id: i64,
    occurred_at: Instant,
}

impl From<Numbered> for Event {
    fn from(row: Numbered) -> Self {
        Self {
            seq: row.seq,
            kind: row.kind,
            subject_id: row.subject_id,
            occurred_at: row.occurred_at,
        }
    }
}

/// A merchant's head, where it has one.
pub async fn head(db: &Db, merchant_id: MerchantId) -> Result<Option<event_head::Model>, DbErr> {
    event_head::Entity::of(merchant_id)
        .one(&db.reads(merchant_id))
        .await
}

/// The numbers up to which these merchants' events are numbered.
pub async fn heads(db: &Db, merchants: Vec<MerchantId>) -> Result<Vec<(MerchantId, i64)>, DbErr> {
    let heads = event_head::Entity::of_all(merchants)
        .all(db.reads_across())
        .await?;
    Ok(heads
        .into_iter()
        .map(|head| (head.merchant_id, head.last_seq))
        .collect())
}

/// Merchants with committed events that have no number: an instance died before it numbered them.
pub async fn left_behind(db: &Db) -> Result<Vec<MerchantId>, DbErr> {
    event::Entity::unnumbered()
        .select_only()
        .column(event::Column::MerchantId)
        .distinct()
        .limit(1_000)
        .into_tuple()
        .all(db.reads_across())
        .await
}

/// The numbered events after a number, in order.
pub async fn after(
    db: &Db,
    merchant_id: MerchantId,
    seq: i64,
    limit: u64,
) -> Result<Vec<Arc<Event>>, DbErr> {
    let rows = event::Entity::of(merchant_id)
        .filter(event::Column::Seq.gt(seq))
        .order_by_asc(event::Column::Seq)
        .limit(limit)
        .all(&db.reads(merchant_id))
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(Arc::new(Event {
                seq: row.seq?,
                kind: row.kind,
                subject_id: row.subject_id,
                occurred_at: row.occurred_at,
            }))
        })
        .collect())
}

/// Removes events older than `before`, and remembers up to which number they are gone.
pub async fn prune(db: &Db, merchant_id: MerchantId, before: Instant) -> Result<u64, Error> {
    db.transaction_of(merchant_id, |txn| async move {
        let txn = &*txn;
        let head = lock_head(txn, merchant_id).await?;
        let oldest_kept: Option<Option<i64>> = event::Entity::of(merchant_id)
            .filter(event::Column::Seq.gt(head.pruned_seq))
            .filter(event::Column::OccurredAt.gte(before))
            .select_only()
            .column_as(event::Column::Seq.min(), "seq")
            .into_tuple()
            .one(txn)
            .await?;
        let pruned = oldest_kept.flatten().map_or(head.last_seq, |seq| seq - 1);
        event_head::Entity::update_of(merchant_id)
            .col_expr(event_head::Column::PrunedSeq, Expr::value(pruned))
            .exec(txn)
            .await?;
        let removed = event::Entity::delete_of(merchant_id)
            .filter(event::Column::Seq.lte(pruned))
            .exec(txn)
            .await?;
        Ok(removed.rows_affected)
    })
    .await
}
