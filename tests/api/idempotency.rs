//! Idempotency keys: one request, one effect, whatever else happens.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use yigate::idempotency::{KEPT_DAYS, prune};

use crate::everywhere;
use crate::support::money::decided;
use crate::support::{Merchant, Order, World};

fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// What the owner is told who asks for a yuan of an order under a key.
async fn asked(order: &Order, key: &str) -> Value {
    let merchant = order.merchant();
    let input = json!({
        "idempotencyKey": key, "amount": { "amount": "1.00", "currency": "CNY" } });
    merchant
        .asked_to_refund(&merchant.owner().await, order, input)
        .await
}

async fn refund_count(order: &Order) -> usize {
    let seen = order.read("refunds { id }").await;
    seen["refunds"].as_array().expect("refunds").len()
}

/// A merchant whose refunds wait for a second person.
async fn careful(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    let threshold = merchant::Column::RefundApprovalAboveMinor;
    merchant.changes(threshold, Expr::value(0_i64)).await;
    merchant
}

everywhere! {
    async fn a_key_belongs_to_one_operation(world: World) {
        let merchant = careful(&world).await;
        let mut input = merchant.order_input("36.00");
        input["idempotencyKey"] = json!("the-only-key");
        let order = merchant.order_of(&merchant.asked_for(input).await);
        order.pay().await;
        assert_eq!(code(&asked(&order, "the-only-key").await), "KEY_REUSED");
        assert_eq!(refund_count(&order).await, 0);
        let refund = merchant.refund_of(&asked(&order, "refund-0001").await);
        let mut input = merchant.order_input("36.00");
        input["idempotencyKey"] = json!("refund-0001");
        assert_eq!(code(&merchant.asked_for(input).await), "KEY_REUSED");
        let finance = merchant.client(Role::Finance).await;
        let note = json!({ "note": "已核对" });
        for field in ["refundApprove", "refundReject"] {
            let payload = decided(&finance, field, refund.id, "refund-0001", note.clone()).await;
            assert_eq!(code(&payload), "KEY_REUSED", "{field}");
        }
        decided(&finance, "refundApprove", refund.id, "decide-0001", note.clone()).await;
        let payload = decided(&finance, "refundReject", refund.id, "decide-0001", note).await;
        assert_eq!(code(&payload), "KEY_REUSED");
        let payload = decided(&finance, "refundRetry", refund.id, "decide-0001", json!({})).await;
        assert_eq!(code(&payload), "KEY_REUSED");
        assert_eq!(refund.state().await, "PROCESSING");
    }

    async fn two_merchants_may_choose_the_same_key(world: World) {
        let mut ids = Vec::new();
        for name in ["汇贤饭店", "云裳"] {
            let order = world.merchant(name).await.paid_order("36.00").await;
            let payload = asked(&order, "refund-0001").await;
            ids.push(payload["refund"]["id"].as_str().expect("a refund").to_owned());
            assert_eq!(refund_count(&order).await, 1);
        }
        assert_ne!(ids[0], ids[1]);
    }

    async fn a_replay_shows_the_refund_as_it_is_now(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let first = asked(&order, "refund-0001").await;
        assert_eq!(first["refund"]["state"], "PROCESSING");
        merchant.refunds_go_through().await;
        // Not even what would forbid a new one.
        merchant.changes(merchant::Column::Status, Expr::value("SUSPENDED")).await;
        let again = asked(&order, "refund-0001").await;
        assert_eq!(again["refund"]["id"], first["refund"]["id"]);
        assert_eq!(again["refund"]["state"], "SUCCEEDED");
        assert_eq!(refund_count(&order).await, 1);
        assert_eq!(merchant.balances().await, ["35.00", "0.00", "0.00"]);
    }

    async fn what_was_refused_leaves_its_key_free(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        assert_eq!(code(&asked(&order, "refund-0001").await), "NOT_PAID");
        order.pay().await;
        assert_eq!(code(&asked(&order, "refund-0001").await), "");
        assert_eq!(refund_count(&order).await, 1);
    }

    async fn a_key_is_known_for_thirty_days_and_no_longer(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let first = asked(&order, "refund-0001").await;
        let other = world.merchant("云裳").await.paid_order("36.00").await;
        asked(&other, "refund-0001").await;
        world.clock.advance(TimeDelta::days(KEPT_DAYS));
        assert_eq!(prune(world.app(), merchant.id).await.expect("pruned"), 0);
        let again = asked(&order, "refund-0001").await;
        assert_eq!(again["refund"]["id"], first["refund"]["id"]);
        world.clock.advance(TimeDelta::milliseconds(1));
        // The key of the order and that of the refund.
        assert_eq!(prune(world.app(), merchant.id).await.expect("pruned"), 2);
        let again = asked(&order, "refund-0001").await;
        assert_ne!(again["refund"]["id"], first["refund"]["id"]);
        assert_eq!(refund_count(&order).await, 2);
        asked(&other, "refund-0001").await;
        assert_eq!(refund_count(&other).await, 1, "another merchant's key is its own");
        merchant.books_are_right().await;
    }
}

#[tokio::test]
async fn a_request_whose_first_is_still_under_way_is_told_so_and_may_come_again() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let order = merchant.paid_order("36.00").await;
    let url = &world.app().settings.database.url;
    let mut first = PgConnection::connect(url).await.expect("a connection");
    let claim = sqlx::query(
        "INSERT INTO idempotency_keys (merchant_id, key, operation, body_hash, subject_id, created_at) \
         VALUES ($1, 'refund-0001', 'refundCreate', '', 1, 1)",
    );
    first.execute("BEGIN").await.expect("a transaction");
    first
        .execute(claim.bind(merchant.id.0))
        .await
        .expect("a key");
    let began = std::time::Instant::now();
    assert_eq!(code(&asked(&order, "refund-0001").await), "IN_PROGRESS");
    let waited = began.elapsed().as_secs();
    assert!(
        (2..6).contains(&waited),
        "two seconds of patience: {waited}"
    );
    // Others do not wait for it.
    assert_eq!(code(&asked(&order, "refund-0002").await), "");
    first.execute("ROLLBACK").await.expect("it is given up");
    assert_eq!(code(&asked(&order, "refund-0001").await), "");
    assert_eq!(refund_count(&order).await, 2);
    merchant.books_are_right().await;
}
