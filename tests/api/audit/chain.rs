//! The chain: whoever can write the database, without Yigate's triggers and even all at once, is found out.

use chrono::TimeDelta;
use data_encoding::BASE64;
use entity::{AuditEntryId, MerchantId, audit_head, audit_seal};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, DbBackend, QueryOrder};
use yigate::audit::model::{Break, BreakKind, Known};
use yigate::audit::service::{self, Verified};

use super::{makes_key, seal};
use crate::everywhere;
use crate::support::{Merchant, World};

/// Five entries, sealed, of a new merchant; and their ids.
async fn five(world: &World) -> (Merchant, Vec<AuditEntryId>) {
    let merchant = world.merchant("汇贤饭店").await;
    let owner = merchant.owner().await;
    for name in ["一", "二", "三", "四", "五"] {
        makes_key(&owner, name).await;
    }
    seal(&merchant).await;
    let seals = audit_seal::Entity::of(merchant.id)
        .order_by_asc(audit_seal::Column::Seq)
        .all(world.app().db.reads_across())
        .await;
    let ids = seals
        .expect("seals")
        .iter()
        .map(|seal| seal.entry_id)
        .collect();
    (merchant, ids)
}

async fn run(world: &World, statement: &str) {
    let done = world.app().db.writer().execute_unprepared(statement).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// What somebody does who has the database's password.
async fn switches_triggers_off(world: &World) {
    let tables = ["audit_entries", "audit_seals", "audit_heads"];
    if world.app().db.backend() == DbBackend::Sqlite {
        run(world, "PRAGMA foreign_keys = OFF").await;
        for table in tables {
            for event in ["update", "delete"] {
                run(
                    world,
                    &format!("DROP TRIGGER IF EXISTS {table}_refuse_{event}"),
                )
                .await;
            }
        }
        return;
    }
    for table in tables {
        run(world, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await;
    }
    let foreign = "ALTER TABLE audit_seals DROP CONSTRAINT audit_seals_merchant_id_entry_id_fkey";
    run(world, foreign).await;
}

async fn verified(world: &World, merchant: &Merchant) -> Verified {
    service::verify(world.app(), merchant.id, None)
        .await
        .expect("the log is read")
}

async fn broken(world: &World, merchant: &Merchant) -> Break {
    verified(world, merchant)
        .await
        .broken
        .expect("it is broken")
}

fn at(kind: BreakKind, seq: impl Into<Option<i64>>, entry_id: Option<AuditEntryId>) -> Break {
    Break {
        kind,
        seq: seq.into(),
        entry_id,
    }
}

/// An entry as somebody writes it who can write the table.
fn forged(merchant_id: MerchantId, id: AuditEntryId, at_ms: i64) -> String {
    format!(
        "INSERT INTO audit_entries (merchant_id, id, actor_kind, actor, action, outcome, happened_at) \
         VALUES ({}, {}, 'STAFF', 'stf_0', 'refundApprove', 'DONE', {at_ms})",
        merchant_id.0, id.0,
    )
}

fn bytes(world: &World, hex: &str) -> String {
    match world.app().db.backend() {
        DbBackend::Sqlite => format!("x'{hex}'"),
        _ => format!("'\\x{hex}'::bytea"),
    }
}

everywhere! {
    async fn a_chain_that_nobody_touched_is_whole(world: World) {
        let (merchant, _) = five(&world).await;
        let whole = verified(&world, &merchant).await;
        assert_eq!((whole.seq, whole.broken), (5, None));
        // Sealed again, and by two at once, nothing is sealed twice.
        makes_key(&merchant.owner().await, "六").await;
        futures_util::join!(seal(&merchant), seal(&merchant));
        let more = verified(&world, &merchant).await;
        assert_eq!((more.seq, more.broken), (6, None));
        let nobody = world.merchant("云裳时装").await;
        assert_eq!(verified(&world, &nobody).await.broken, None);
    }

    async fn what_was_changed_or_taken_away_is_found(world: World) {
        switches_triggers_off(&world).await;
        let (changed, ids) = five(&world).await;
        let statement = format!("UPDATE audit_entries SET actor = 'stf_0' WHERE id = {}", ids[2].0);
        run(&world, &statement).await;
        assert_eq!(broken(&world, &changed).await, at(BreakKind::Changed, 3, Some(ids[2])));

        let (missing, ids) = five(&world).await;
        run(&world, &format!("DELETE FROM audit_entries WHERE id = {}", ids[1].0)).await;
        assert_eq!(broken(&world, &missing).await, at(BreakKind::EntryMissing, 2, Some(ids[1])));

        let (unsealed, ids) = five(&world).await;
        run(&world, &format!("DELETE FROM audit_seals WHERE entry_id = {}", ids[3].0)).await;
        assert_eq!(broken(&world, &unsealed).await, at(BreakKind::SealMissing, 4, None));

        // The last ones, with their seals.
        let (shorter, ids) = five(&world).await;
        for table in ["audit_seals WHERE entry_id", "audit_entries WHERE id"] {
            run(&world, &format!("DELETE FROM {table} = {}", ids[4].0)).await;
        }
        assert_eq!(broken(&world, &shorter).await, at(BreakKind::SealMissing, 5, None));
        let of = format!("merchant_id = {}", shorter.id.0);
        let last = format!("(SELECT hash FROM audit_seals WHERE {of} AND seq = 4)");
        run(&world, &format!("UPDATE audit_heads SET last_seq = 4, last_hash = {last} WHERE {of}")).await;
        assert_eq!(broken(&world, &shorter).await, at(BreakKind::HeadChanged, None, None));

        let (headless, _) = five(&world).await;
        run(&world, &format!("DELETE FROM audit_heads WHERE merchant_id = {}", headless.id.0)).await;
        assert_eq!(broken(&world, &headless).await, at(BreakKind::HeadChanged, None, None));
    }

    async fn what_was_put_in_or_in_another_order_is_found(world: World) {
        switches_triggers_off(&world).await;
        let now_ms = world.clock.now().timestamp_millis();
        let (inserted, _) = five(&world).await;
        let id: AuditEntryId = world.app().ids.next();
        run(&world, &forged(inserted.id, id, now_ms - 61_000)).await;
        assert_eq!(broken(&world, &inserted).await, at(BreakKind::Inserted, None, Some(id)));

        // With a place in the line of what waits for its seal, but without a proof.
        let (waiting, _) = five(&world).await;
        let id: AuditEntryId = world.app().ids.next();
        run(&world, &forged(waiting.id, id, now_ms - 61_000)).await;
        let columns = "audit_unsealed (merchant_id, entry_id, proof)";
        let proof = bytes(&world, "00");
        run(&world, &format!("INSERT INTO {columns} VALUES ({}, {}, {proof})", waiting.id.0, id.0)).await;
        seal(&waiting).await;
        assert_eq!(verified(&world, &waiting).await.seq, 5, "it is not sealed");
        assert_eq!(broken(&world, &waiting).await, at(BreakKind::Inserted, None, Some(id)));

        // With a seal that somebody made up.
        let (sealed, _) = five(&world).await;
        let id: AuditEntryId = world.app().ids.next();
        run(&world, &forged(sealed.id, id, now_ms)).await;
        let hash = bytes(&world, &"ab".repeat(32));
        let (of, columns) = (sealed.id.0, "audit_seals (merchant_id, seq, entry_id, hash)");
        run(&world, &format!("INSERT INTO {columns} VALUES ({of}, 6, {}, {hash})", id.0)).await;
        assert_eq!(broken(&world, &sealed).await, at(BreakKind::Changed, 6, None));
        run(&world, &format!("UPDATE audit_heads SET last_seq = 6, last_hash = {hash} WHERE merchant_id = {of}")).await;
        assert_eq!(broken(&world, &sealed).await, at(BreakKind::Changed, 6, Some(id)));

        let (swapped, ids) = five(&world).await;
        let of = swapped.id.0;
        let put = |id: i64, seq: i64| {
            format!("UPDATE audit_seals SET entry_id = {id} WHERE merchant_id = {of} AND seq = {seq}")
        };
        for statement in [put(-1, 2), put(ids[1].0, 3), put(ids[2].0, 2)] {
            run(&world, &statement).await;
        }
        assert_eq!(broken(&world, &swapped).await, at(BreakKind::Changed, 2, Some(ids[2])));
    }

    async fn what_was_changed_before_it_was_sealed_is_not_sealed(world: World) {
        switches_triggers_off(&world).await;
        let (merchant, _) = five(&world).await;
        makes_key(&merchant.owner().await, "六").await;
        let of = format!("merchant_id = {} AND action = 'apiKeyCreate'", merchant.id.0);
        run(&world, &format!("UPDATE audit_entries SET actor = 'stf_0' WHERE {of} \
            AND id = (SELECT max(id) FROM audit_entries WHERE {of})")).await;
        seal(&merchant).await;
        world.clock.advance(TimeDelta::seconds(61));
        let found = broken(&world, &merchant).await;
        assert_eq!((found.kind, found.seq), (BreakKind::Inserted, None));
        // It stands in the way of nobody behind it.
        makes_key(&merchant.owner().await, "七").await;
        seal(&merchant).await;
        assert_eq!(verified(&world, &merchant).await.seq, 6);
    }

    async fn a_chain_that_was_put_back_is_found_by_a_head_that_was_kept(world: World) {
        switches_triggers_off(&world).await;
        let (merchant, ids) = five(&world).await;
        let whole = verified(&world, &merchant).await;
        let head = audit_head::Entity::of(merchant.id).one(world.app().db.reads_across()).await;
        let head = head.expect("it is read").expect("a head");
        makes_key(&merchant.owner().await, "六").await;
        seal(&merchant).await;
        let later = verified(&world, &merchant).await;
        let by = async |known: &Verified| {
            let known = Known { seq: known.seq, hash: known.hash.clone() };
            let verified = service::verify(world.app(), merchant.id, Some(&known)).await;
            verified.expect("the log is read").broken
        };
        assert_eq!((by(&whole).await, by(&later).await), (None, None));
        // Everything as it was before the last entry, the head as well.
        let of = format!("merchant_id = {}", merchant.id.0);
        run(&world, &format!("DELETE FROM audit_seals WHERE {of} AND seq = 6")).await;
        run(&world, &format!("DELETE FROM audit_entries WHERE {of} AND id > {}", ids[4].0)).await;
        audit_head::Entity::update_of(merchant.id)
            .col_expr(audit_head::Column::LastSeq, Expr::value(head.last_seq))
            .col_expr(audit_head::Column::LastHash, Expr::value(head.last_hash))
            .col_expr(audit_head::Column::Proof, Expr::value(head.proof))
            .exec(world.app().db.writer())
            .await
            .expect("an update");
        assert_eq!(verified(&world, &merchant).await.broken, None, "nothing in the database tells");
        assert_eq!(by(&later).await, Some(at(BreakKind::SealMissing, 6, None)));
        makes_key(&merchant.owner().await, "七").await;
        seal(&merchant).await;
        assert_eq!(by(&later).await, Some(at(BreakKind::OtherHead, 6, None)));
    }

    async fn what_waits_for_its_seal_for_more_than_a_minute_is_found(world: World) {
        let (merchant, _) = five(&world).await;
        makes_key(&merchant.owner().await, "六").await;
        assert_eq!(verified(&world, &merchant).await.broken, None, "it has not waited long");
        world.clock.advance(TimeDelta::seconds(61));
        assert_eq!(broken(&world, &merchant).await.kind, BreakKind::Unsealed);
        service::seal_all(world.app()).await.expect("it seals");
        assert_eq!(verified(&world, &merchant).await.broken, None);
    }

    async fn another_master_key_changes_no_chain(world: World) {
        let (merchant, _) = five(&world).await;
        let world = world.with_settings(|settings| {
            settings.secrets.master_key = Some(BASE64.encode(&[8; 32]));
            settings.secrets.previous_master_keys = vec![BASE64.encode(&[7; 32])];
        }).await;
        assert_eq!(verified(&world, &merchant).await.broken, None, "the key before opens");
        let done = service::reseal(world.app()).await.expect("it seals again");
        assert_eq!((done.seen, done.resealed, done.unreadable), (1, 1, 0));
        yigate::auth::reseal::reseal(world.app()).await.expect("signing keys");
        let alone = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        assert_eq!(verified(&alone, &merchant).await.broken, None);
        // A key that somebody else sealed is none.
        audit_head::Entity::update_of(merchant.id)
            .col_expr(audit_head::Column::SealedKey, Expr::value(vec![1_u8; 61]))
            .exec(alone.app().db.writer())
            .await
            .expect("an update");
        assert_eq!(broken(&alone, &merchant).await.kind, BreakKind::HeadChanged);
    }

    async fn a_date_of_its_own_choice_hides_nothing_that_was_put_in(world: World) {
        switches_triggers_off(&world).await;
        let (merchant, _) = five(&world).await;
        let ten_years = world.clock.now() + TimeDelta::days(3_650);
        let at_ms = ten_years.timestamp_millis();
        for id in [world.app().ids.next(), AuditEntryId::first_at(at_ms), AuditEntryId(7)] {
            run(&world, &forged(merchant.id, id, at_ms)).await;
            assert_eq!(broken(&world, &merchant).await, at(BreakKind::Inserted, None, Some(id)));
            run(&world, &format!("DELETE FROM audit_entries WHERE id = {}", id.0)).await;
            assert_eq!(verified(&world, &merchant).await.broken, None);
        }
    }

    async fn a_log_that_was_wiped_is_no_log_that_never_was(world: World) {
        switches_triggers_off(&world).await;
        let (merchant, _) = five(&world).await;
        for table in ["audit_unsealed", "audit_seals", "audit_entries", "audit_heads"] {
            run(&world, &format!("DELETE FROM {table} WHERE merchant_id = {}", merchant.id.0)).await;
        }
        assert_eq!(broken(&world, &merchant).await, at(BreakKind::HeadChanged, None, None));
    }
}
