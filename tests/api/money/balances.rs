//! Balances: now, at moments that are past, and live.

use chrono::TimeDelta;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{Instant, ledger_balance, ledger_checkpoint, ledger_unfolded};
use sea_orm::PaginatorTrait;
use serde_json::{Value, json};
use yigate::ledger::model::{Balances, Posting};
use yigate::ledger::service::{checkpoint, force};
use yigate::ledger::worker::fold_all;
use yigate::money::Currency;

use super::{balance, settles, trial};
use crate::everywhere;
use crate::support::{Merchant, next};

const CHANGES: &str = "subscription($after: String) { balanceChanged(after: $after) { \
    cursor occurredAt type balance { pending { amount } available { amount } at } } }";

/// Something has happened, whether or not there is enough.
async fn happens_all_the_same(merchant: &Merchant, minor: i64) {
    let app = merchant.app();
    let posting = &Posting {
        source: LedgerSource::Refund,
        source_id: app.ids.next(),
        step: LedgerStep::Reversed,
        round: 1,
        changes: Balances::default()
            .with(LedgerAccount::Available, minor)
            .with(LedgerAccount::ChannelClearing, -minor),
    };
    app.write(merchant.id, |txn| async move {
        force(app, &txn, merchant.id, Currency::Cny, posting).await
    })
    .await
    .expect("written");
}

everywhere! {
    async fn folding_changes_nothing_that_is_seen(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let app = world.app();
        assert_eq!(balance(&merchant, None).await, ["0.00"; 5]);
        fold_all(app).await;
        for paid in 1..=3 {
            merchant.paid_order("36.00").await;
            let seen = balance(&merchant, None).await;
            assert_eq!(seen[0], format!("{}.00", 36 * paid));
            fold_all(app).await;
            assert_eq!(balance(&merchant, None).await, seen);
        }
        let left = ledger_unfolded::Entity::of(merchant.id).count(app.db.reads_across()).await;
        assert_eq!(left.expect("the database answers"), 0);
        let rows = ledger_balance::Entity::of(merchant.id).count(app.db.reads_across()).await;
        assert_eq!(rows.expect("the database answers"), 1);
        merchant.books_are_right().await;
    }

    async fn a_balance_is_told_of_every_past_moment_with_and_without_checkpoints(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let app = world.app();
        // A payment every 50 minutes; what was pending after each.
        let mut told = vec![("2026-11-23T03:59:59.999Z".to_owned(), 0)];
        for paid in 1..=12 {
            merchant.paid_order("1.00").await;
            let now = world.clock.now().to_rfc3339();
            told.push((now, paid));
            world.clock.advance(TimeDelta::minutes(50));
            told.push(((world.clock.now() - TimeDelta::milliseconds(1)).to_rfc3339(), paid));
            // Some hours are written down late, or never.
            if paid % 3 == 0 {
                fold_all(app).await;
                for _ in 0..2 {
                    checkpoint(app, merchant.id).await.expect("written down");
                }
            }
        }
        let checkpoints = ledger_checkpoint::Entity::of(merchant.id).count(app.db.reads_across()).await;
        assert_eq!(checkpoints.expect("the database answers"), 4);
        for (at, paid) in &told {
            let seen = balance(&merchant, Some(at)).await;
            assert_eq!(seen[0], format!("{paid}.00"), "{at}");
            assert_eq!(trial(&world, &merchant, Some(at)).await, (true, true), "{at}");
        }
        let document = "query($at: DateTime) { balance(at: $at) { at pending { amount } } }";
        for at in [Value::Null, json!("2030-01-01T00:00:00Z")] {
            let seen = merchant.owner().await.data(document, json!({ "at": at })).await;
            let now = json!({ "at": "2026-11-23T14:00:00.000Z", "pending": { "amount": "12.00" } });
            assert_eq!(seen["balance"], now);
        }
    }

    async fn nothing_is_written_down_where_nothing_happened(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let app = world.app();
        let count = async || {
            checkpoint(app, merchant.id).await.expect("written down");
            let rows = ledger_checkpoint::Entity::of(merchant.id).count(app.db.reads_across()).await;
            rows.expect("the database answers")
        };
        assert_eq!(count().await, 0);
        merchant.paid_order("1.00").await;
        fold_all(app).await;
        // The hour is over, and still some transaction of it may be under way.
        world.clock.advance(TimeDelta::minutes(69));
        assert_eq!(count().await, 0);
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(count().await, 1);
        world.clock.advance(TimeDelta::days(3));
        assert_eq!(count().await, 1);
    }

    async fn a_debt_is_shown_apart_and_paid_back_first(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        settles(&merchant, "INSTANT", 0).await;
        merchant.paid_order("10.00").await;
        happens_all_the_same(&merchant, -2_500).await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "0.00", "0.00", "0.00", "15.00"]);
        merchant.paid_order("10.00").await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "0.00", "0.00", "0.00", "5.00"]);
        fold_all(world.app()).await;
        merchant.paid_order("8.00").await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "3.00", "0.00", "0.00", "0.00"]);
        fold_all(world.app()).await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "3.00", "0.00", "0.00", "0.00"]);
        assert_eq!(trial(&world, &merchant, None).await, (true, true));
    }

    async fn a_balance_is_told_live_and_continues_behind_its_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.numbered().await;
        let mut stream = owner.subscribe(CHANGES, json!({ "after": "e0" }));
        let first = next(&mut stream).await["data"]["balanceChanged"].clone();
        assert_eq!(first, json!({
            "cursor": "e3",
            "occurredAt": "2026-11-23T04:00:00.000Z",
            "type": "ORDER_PAID",
            "balance": {
                "pending": { "amount": "36.00" },
                "available": { "amount": "0.00" },
                "at": "2026-11-23T04:00:00.000Z",
            },
        }));
        drop(stream);
        // An order that is only made moves nothing; of two payments and a settlement the last is told.
        world.clock.advance(TimeDelta::days(1));
        merchant.order("5.00").await;
        merchant.paid_order("4.00").await;
        merchant.paid_order("3.00").await;
        merchant.settlement_workers_work().await;
        merchant.numbered().await;
        let mut stream = owner.subscribe(CHANGES, json!({ "after": first["cursor"] }));
        let last = next(&mut stream).await["data"]["balanceChanged"].clone();
        assert_eq!((&last["cursor"], &last["type"]), (&json!("ec"), &json!("SETTLEMENT_RELEASED")));
        let seen = &last["balance"];
        assert_eq!((&seen["pending"]["amount"], &seen["available"]["amount"]), (&json!("7.00"), &json!("36.00")));
        // And then, live.
        merchant.paid_order("1.00").await;
        let live = next(&mut stream).await["data"]["balanceChanged"].clone();
        assert_eq!((&live["type"], &live["balance"]["pending"]["amount"]), (&json!("ORDER_PAID"), &json!("8.00")));
    }

    async fn nothing_is_missed_between_a_balance_and_the_subscription_that_continues_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.numbered().await;
        let document = "{ balance { pending { amount } eventCursor } }";
        let seen = owner.data(document, json!({})).await["balance"].clone();
        assert_eq!(seen, json!({ "pending": { "amount": "36.00" }, "eventCursor": "e3" }));
        merchant.paid_order("4.00").await;
        merchant.numbered().await;
        let mut stream = owner.subscribe(
            "subscription($after: String) { balanceChanged(after: $after) { cursor balance { \
                pending { amount } eventCursor } } }",
            json!({ "after": seen["eventCursor"] }),
        );
        let next = next(&mut stream).await["data"]["balanceChanged"].clone();
        assert_eq!(next["balance"]["pending"]["amount"], "40.00");
        assert_eq!(next["balance"]["eventCursor"], next["cursor"]);
    }

    async fn a_cursor_of_the_balance_may_be_too_old_or_mean_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.paid_order("36.00").await;
        merchant.numbered().await;
        let later = Instant(world.clock.now() + TimeDelta::days(1));
        world.app().events.prune(merchant.id, later).await.expect("pruned");
        for (after, code) in [("e0", "CURSOR_EXPIRED"), ("x", "BAD_USER_INPUT"), ("ffff", "BAD_USER_INPUT")] {
            let mut stream = owner.subscribe(CHANGES, json!({ "after": after }));
            let answer = next(&mut stream).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{after}");
        }
    }
}
