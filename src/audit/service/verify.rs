//! Proves a merchant's chain, from its beginning, in batches: memory does not grow with the log.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::{
    AuditEntryId, Instant, MerchantId, audit_entry, audit_head, audit_seal, audit_unsealed,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::seal::{entries, open_key};
use crate::app::App;
use crate::audit::model::{Break, BreakKind, Known, Walk};
use crate::db::any_of;
use crate::error::Error;

/// How many seals are read at once.
const BATCH: u64 = 1_000;

/// How long an entry may wait for its seal.
const PATIENCE: TimeDelta = TimeDelta::minutes(1);

/// What the proof of a chain has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries are sealed, up to where the chain was followed.
    pub seq: i64,
    /// The hash there: who keeps it elsewhere can prove later that nothing before it was taken away.
    pub hash: Vec<u8>,
    /// Where it breaks first.
    pub broken: Option<Break>,
}

/// Follows a merchant's chain to its end, and by a head that was there before, where one is known. What is written
/// meanwhile is left to the next time.
pub async fn verify(
    app: &App,
    merchant_id: MerchantId,
    known: Option<&Known>,
) -> Result<Verified, Error> {
    let begun = app.clock.now();
    let mut walk = Walk::default();
    let broken = match follow(app, merchant_id, &mut walk, known).await? {
        Some(broken) => Some(broken),
        None => stray(app, merchant_id, Instant(begun - PATIENCE)).await?,
    };
    Ok(Verified {
        seq: walk.seq,
        hash: walk.hash,
        broken,
    })
}

/// Follows the seals up to where the head says.
async fn follow(
    app: &App,
    merchant_id: MerchantId,
    walk: &mut Walk,
    known: Option<&Known>,
) -> Result<Option<Break>, Error> {
    let db = &app.db.reads(merchant_id);
    let changed = Break {
        kind: BreakKind::HeadChanged,
        seq: None,
        entry_id: None,
    };
    // Read first: a head is never behind its seals.
    let last: Option<Option<i64>> = audit_seal::Entity::of(merchant_id)
        .select_only()
        .column_as(audit_seal::Column::Seq.max(), "last")
        .into_tuple()
        .one(db)
        .await?;
    let last = last.flatten().unwrap_or_default();
    // Each merchant is made with one: without it, the log was wiped.
    let Some(head) = audit_head::Entity::of(merchant_id).one(db).await? else {
        return Ok(Some(changed));
    };
    let Ok(key) = open_key(app, &head) else {
        return Ok(Some(changed));
    };
    while walk.seq < head.last_seq {
        let seals = audit_seal::Entity::of(merchant_id)
            .filter(audit_seal::Column::Seq.gt(walk.seq))
            .filter(audit_seal::Column::Seq.lte(head.last_seq))
            .order_by_asc(audit_seal::Column::Seq)
            .limit(BATCH)
            .all(db)
            .await?;
        let ids: Vec<AuditEntryId> = seals.iter().map(|seal| seal.entry_id).collect();
        let entries = entries(db, merchant_id, &ids).await?;
        for seal in &seals {
            if let Err(broken) = walk.step(&key, seal, entries.get(&seal.entry_id)) {
                return Ok(Some(broken));
            }
            if known.is_some_and(|known| known.seq == walk.seq && known.hash != walk.hash) {
                return Ok(Some(at(BreakKind::OtherHead, walk.seq)));
            }
        }
        if seals.is_empty() {
            return Ok(Some(at(BreakKind::SealMissing, walk.seq + 1)));
        }
    }
    if last > head.last_seq {
        return Ok(Some(at(BreakKind::Changed, head.last_seq + 1)));
    }
    let is_proven = key.head(merchant_id, head.last_seq, &head.last_hash) == head.proof
        && head.last_hash == walk.hash;
    if !is_proven {
        return Ok(Some(changed));
    }
    let is_shorter = |known: &&Known| known.seq > walk.seq;
    Ok(known
        .filter(is_shorter)
        .map(|_| at(BreakKind::SealMissing, walk.seq + 1)))
}

fn at(kind: BreakKind, seq: i64) -> Break {
    Break {
        kind,
        seq: Some(seq),
        entry_id: None,
    }
}

/// The first entry without a seal that nobody has put in the line of those that wait for one, or that waits longer than
/// since a moment. All entries are looked at, in batches by id: what somebody puts in may have any id, and any date.
async fn stray(
    app: &App,
    merchant_id: MerchantId,
    before: Instant,
) -> Result<Option<Break>, Error> {
    let db = &app.db.reads(merchant_id);
    let mut after = AuditEntryId(i64::MIN);
    loop {
        let ids: Vec<AuditEntryId> = audit_entry::Entity::of(merchant_id)
            .filter(audit_entry::Column::Id.gt(after))
            .order_by_asc(audit_entry::Column::Id)
            .limit(BATCH)
            .select_only()
            .column(audit_entry::Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        let Some(last) = ids.last() else {
            return Ok(None);
        };
        after = *last;
        // Before the seals: what is sealed meanwhile is in one of the two.
        let waiting: HashSet<AuditEntryId> = audit_unsealed::Entity::of(merchant_id)
            .filter(any_of(&app.db, audit_unsealed::Column::EntryId, &ids))
            .select_only()
            .column(audit_unsealed::Column::EntryId)
            .into_tuple()
            .all(db)
            .await?
            .into_iter()
            .collect();
        let sealed: HashSet<AuditEntryId> = audit_seal::Entity::of(merchant_id)
            .filter(any_of(&app.db, audit_seal::Column::EntryId, &ids))
            .select_only()
            .column(audit_seal::Column::EntryId)
            .into_tuple()
            .all(db)
            .await?
            .into_iter()
            .collect();
        let patient = AuditEntryId::first_at(before.0.timestamp_millis());
        let kind = |id: &AuditEntryId| match waiting.contains(id) {
            _ if sealed.contains(id) => None,
            true => (*id < patient).then_some(BreakKind::Unsealed),
            false => Some(BreakKind::Inserted),
        };
        if let Some((id, kind)) = ids.iter().find_map(|id| Some((*id, kind(id)?))) {
            return Ok(Some(Break {
                kind,
                seq: None,
                entry_id: Some(id),
            }));
        }
    }
}
