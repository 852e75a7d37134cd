//! Whose rows are seen, whatever a statement asks for.

use std::time::Duration;

use entity::membership::Role;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use yigate::error::Error;

use super::{done_in, number, number_in, two_merchants};

#[tokio::test]
async fn a_statement_that_lost_its_where_reads_nothing_of_others() {
    let Some((world, ours, theirs)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    // `find` is banned outside of `entity/`, which is what this is about.
    #[allow(clippy::disallowed_methods, reason = "what a mistake would look like")]
    let bare = entity::order::Entity::find;
    for merchant in [&ours, &theirs] {
        let reads = db.reads(merchant.id);
        let seen = bare().all(&reads).await.expect("orders");
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].merchant_id, merchant.id);
        assert_eq!(bare().count(&reads).await.expect("a count"), 1);
        let all = "SELECT count(*) FROM orders";
        assert_eq!(number_in(db, merchant.id, all).await.ok(), Some(1));
        let of_picture = db.snapshot_of(merchant.id, |txn| async move {
            Ok::<_, Error>(number(&*txn, all).await?)
        });
        assert_eq!(of_picture.await.ok(), Some(1));
        let written = number(&db.writes(merchant.id), all).await;
        assert_eq!(written.expect("a count"), 1);
    }
    let all = bare().count(db.reads_across()).await.expect("a count");
    assert_eq!(all, 2, "who asks across merchants sees all");
}

#[tokio::test]
async fn nothing_of_another_merchant_is_changed_or_made() {
    let Some((world, ours, theirs)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    let (us, them) = (ours.id.0, theirs.id.0);
    for (statement, touched) in [
        ("UPDATE orders SET title = 'x'".to_owned(), 1),
        (
            format!("UPDATE orders SET title = 'x' WHERE merchant_id = {them}"),
            0,
        ),
        (
            format!("UPDATE merchants SET name = 'x' WHERE id = {them}"),
            0,
        ),
        (
            format!("DELETE FROM memberships WHERE merchant_id = {them}"),
            0,
        ),
    ] {
        let done = done_in(db, ours.id, &statement).await.ok();
        assert_eq!(done, Some(touched), "{statement}");
    }
    for statement in [
        format!(
            "INSERT INTO products (merchant_id, id, title, category) VALUES ({them}, 1, 'x', 'x')"
        ),
        format!("UPDATE products SET merchant_id = {them}"),
        format!("UPDATE merchants SET id = {them} WHERE id = {us}"),
    ] {
        let error = done_in(db, ours.id, &statement)
            .await
            .expect_err(&statement);
        let error = format!("{error:?}");
        assert!(error.contains("row-level security"), "{statement}: {error}");
    }
    let untouched =
        format!("SELECT count(*) FROM orders WHERE merchant_id = {them} AND title <> 'x'");
    let untouched = number(db.reads_across(), &untouched).await;
    assert_eq!(untouched.expect("a count"), 1);
}

#[tokio::test]
async fn nobody_sees_anything_where_no_merchant_was_named() {
    let Some((world, ours, _)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    // The setting as it is before it was ever set, and as a transaction that named one leaves it.
    for _ in 0..2 {
        let seen = db.transaction_across(|txn| async move {
            txn.execute_unprepared("SET LOCAL ROLE yigate_tenant")
                .await?;
            let orders = number(&*txn, "SELECT count(*) FROM orders").await?;
            let people = number(&*txn, "SELECT count(*) FROM staff").await?;
            Ok::<_, Error>((orders, people))
        });
        assert_eq!(seen.await.ok(), Some((0, 0)));
        for _ in 0..8 {
            number(&db.reads(ours.id), "SELECT 1").await.ok();
        }
    }
}

#[tokio::test]
async fn people_are_seen_where_they_work() {
    let Some((world, ours, theirs)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    let reads = db.reads(ours.id);
    let people = number(&reads, "SELECT count(*) FROM staff").await;
    assert_eq!(people.expect("a count"), 5);
    for stranger in [theirs.staff(Role::Owner), theirs.staff(Role::Viewer)] {
        let sql = format!("SELECT count(*) FROM staff WHERE id = {}", stranger.0);
        assert_eq!(number(&reads, &sql).await.expect("a count"), 0);
    }
    for secret in ["signing_keys", "sign_in_delays", "seaql_migrations"] {
        let error = number(&reads, &format!("SELECT count(*) FROM {secret}")).await;
        let error = error.expect_err(secret).to_string();
        assert!(error.contains("permission denied"), "{error}");
    }
}

#[tokio::test]
async fn a_read_changes_nothing() {
    let Some((world, ours, _)) = two_merchants().await else {
        return;
    };
    let db = &world.app().db;
    let change = "UPDATE orders SET title = 'x'";
    let error = db.reads(ours.id).execute_unprepared(change).await;
    let error = error.expect_err("it only reads").to_string();
    assert!(error.contains("read-only transaction"), "{error}");
    let done = db.writes(ours.id).execute_unprepared(change).await;
    assert_eq!(done.expect("it writes").rows_affected(), 1);
    let kept = "SELECT count(*) FROM orders WHERE title = 'x'";
    let kept = number(db.reads_across(), kept).await;
    assert_eq!(kept.expect("a count"), 1);
}

/// One connection for everybody: whatever one leaves behind, the next one meets.
#[tokio::test]
async fn a_connection_comes_back_as_it_was() {
    let Some((world, ours, theirs)) = two_merchants().await else {
        return;
    };
    let world = world
        .with_settings(|settings| settings.database.max_connections = 1)
        .await;
    let db = &world.app().db;
    let all = "SELECT count(*) FROM orders";
    let clean = "SELECT count(*) FROM pg_settings WHERE name = 'transaction_read_only' \
        AND setting = 'off' AND current_user = session_user";
    for round in 0..20 {
        assert_eq!(number(&db.reads(ours.id), all).await.expect("ours"), 1);
        match round % 5 {
            0 => assert!(number(&db.reads(theirs.id), "SELECT 1 / 0").await.is_err()),
            1 => assert!(
                number(&db.writes(theirs.id), "SELECT nothing")
                    .await
                    .is_err()
            ),
            2 => assert!(done_in(db, ours.id, "SELECT nothing").await.is_err()),
            3 => {
                // Somebody goes while the database is at work.
                let slow = "SELECT 1 FROM pg_sleep(0.1)";
                let reads = db.reads(theirs.id);
                let gone = tokio::time::timeout(Duration::from_millis(10), number(&reads, slow));
                assert!(gone.await.is_err());
            }
            _ => {}
        }
        assert_eq!(number(db.reads_across(), all).await.expect("all"), 2);
        assert_eq!(number(db.reads_across(), clean).await.expect("clean"), 1);
        assert_eq!(number(&db.reads(theirs.id), all).await.expect("theirs"), 1);
        assert_eq!(number_in(db, ours.id, all).await.ok(), Some(1));
    }
}
