//! Seals committed entries: in the order in which the database took them, one transaction at a time per merchant.

use std::collections::HashMap;

use aws_lc_rs::rand;
use entity::{AuditEntryId, MerchantId, audit_entry, audit_head, audit_seal, audit_unsealed};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::record::is_proven;
use crate::app::App;
use crate::audit::model::ChainKey;
use crate::error::Error;

/// How many entries one transaction seals.
const BATCH: usize = 500;

/// How many merchants are looked at in one round.
const MERCHANTS: u64 = 1_000;

/// Seals what waits of all merchants.
pub async fn seal_all(app: &App) -> Result<(), Error> {
    let merchants: Vec<MerchantId> = audit_unsealed::Entity::merchants()
        .limit(MERCHANTS)
        .into_tuple()
        .all(app.db.reads_across())
        .await?;
    for merchant_id in merchants {
        // One whose chain is broken keeps no other waiting.
        if let Err(error) = seal(app, merchant_id).await {
            tracing::warn!(%merchant_id, ?error, "audit entries were not sealed");
        }
    }
    Ok(())
}

/// Seals what waits of a merchant. Who seals at the same time waits, and finds nothing more to do.
pub async fn seal(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    loop {
        let sealed = app
            .db
            .transaction_of(merchant_id, |txn| async move {
                seal_in(app, &txn, merchant_id).await
            })
            .await?;
        if sealed < BATCH {
            return Ok(());
        }
    }
}

async fn seal_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<usize, Error> {
    let head = lock_head(app, txn, merchant_id).await?;
    let waiting = audit_unsealed::Entity::of(merchant_id)
        .order_by_asc(Expr::cust(match txn.get_database_backend() {
            DbBackend::Sqlite => "rowid",
            _ => "position",
        }))
        .limit(BATCH as u64)
        .all(txn)
        .await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let ids: Vec<AuditEntryId> = waiting.iter().map(|row| row.entry_id).collect();
    let entries = entries(txn, merchant_id, &ids).await?;
    let key = open_key(app, &head)?;
    let (mut seq, mut hash) = (head.last_seq, head.last_hash);
    let mut seals = Vec::with_capacity(waiting.len());
    for row in &waiting {
        let entry = entries.get(&row.entry_id);
        let Some(entry) = entry.filter(|entry| is_proven(app, entry, &row.proof)) else {
            // It stays without a seal, and the proof of the chain tells of it.
            tracing::error!(%merchant_id, entry_id = %row.entry_id,
                "an audit entry is not what Yigate wrote, and is not sealed");
            continue;
        };
        seq += 1;
        hash = key.seal(&hash, seq, entry);
        let seal = audit_seal::Model {
            merchant_id,
            seq,
            entry_id: entry.id,
            hash: hash.clone(),
        };
        seals.push(seal.into_active_model());
    }
    if !seals.is_empty() {
        audit_seal::Entity::insert_many(seals)
            .exec_without_returning(txn)
            .await?;
        let proof = key.head(merchant_id, seq, &hash);
        audit_head::Entity::update_of(merchant_id)
            .col_expr(audit_head::Column::LastSeq, Expr::value(seq))
            .col_expr(audit_head::Column::LastHash, Expr::value(hash))
            .col_expr(audit_head::Column::Proof, Expr::value(proof))
            .exec(txn)
            .await?;
    }
    audit_unsealed::Entity::delete_of(merchant_id)
        .filter(audit_unsealed::Column::EntryId.is_in(ids))
        .exec(txn)
        .await?;
    Ok(waiting.len())
}

/// Entries by id.
pub(super) async fn entries(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    ids: &[AuditEntryId],
) -> Result<HashMap<AuditEntryId, audit_entry::Model>, Error> {
    let rows = audit_entry::Entity::of(merchant_id)
        .filter(audit_entry::Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Locks a merchant's chain until the end of the transaction; begins it where there is none.
async fn lock_head(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<audit_head::Model, Error> {
    let locked = || {
        audit_head::Entity::of(merchant_id)
            .lock(LockType::NoKeyUpdate)
            .one(txn)
    };
    if let Some(head) = locked().await? {
        return Ok(head);
    }
    begin(app, txn, merchant_id).await?;
    let head = locked().await?;
    head.ok_or_else(|| Error::internal("an audit chain that cannot begin"))
}

/// Begins a merchant's chain, with a key of its own, where there is none: in the transaction that makes the merchant,
/// so that a log that was wiped is told from one that never was.
pub async fn begin(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<(), Error> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    let first = audit_head::Model {
        merchant_id,
        last_seq: 0,
        last_hash: Vec::new(),
        sealed_key: app.key.seal(&bytes, &bound_to(merchant_id))?,
        proof: ChainKey::of_bytes(&bytes).head(merchant_id, 0, &[]),
    };
    audit_head::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(audit_head::Column::MerchantId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// The key of a chain: under the master key, or one before it.
pub(super) fn open_key(app: &App, head: &audit_head::Model) -> Result<ChainKey, Error> {
    let bytes = app
        .key
        .open(&head.sealed_key, &bound_to(head.merchant_id))?;
    Ok(ChainKey::of_bytes(&bytes))
}

/// What the key of a merchant's chain is bound to.
pub(super) fn bound_to(merchant_id: MerchantId) -> String {
    format!("audit chain {merchant_id}")
}
