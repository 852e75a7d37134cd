//! The ledger: what payments post, who may not touch it, and how it proves itself.

use chrono::TimeDelta;
use entity::ledger_entry::LedgerAccount;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};
use yigate::error::Failure;
use yigate::ledger::model::{AdjustRefusal, Adjustment};
use yigate::ledger::service::{adjust, fold};

use super::{balance, ledger, set_terms, tampered, trial};
use crate::everywhere;
use crate::support::Merchant;

fn entries(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A correction by the platform's staff.
async fn corrects(
    merchant: &Merchant,
    account: LedgerAccount,
    minor: i64,
    reason: &str,
) -> Result<String, AdjustRefusal> {
    let reason = reason.to_owned();
    let adjustment = Adjustment {
        account,
        minor,
        reason,
    };
    match adjust(merchant.app(), merchant.id, &adjustment).await {
        Ok(id) => Ok(id.to_string()),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(Failure::Failed(error)) => panic!("{error:?}"),
    }
}

/// What must be refused, each as statements of one transaction. The first transaction of the ledger is `id`.
fn outrages(merchant: &Merchant, id: i64) -> Vec<(&'static str, Vec<String>)> {
    let mer = merchant.id.0;
    let entry = |id: i64, account: &str, direction: &str, minor: i64| {
        format!(
            "INSERT INTO ledger_entries (merchant_id, transaction_id, account, direction, amount_minor) \
             VALUES ({mer}, {id}, '{account}', '{direction}', {minor})"
        )
    };
    let seal = |id: i64| {
        format!(
            "INSERT INTO ledger_transactions (merchant_id, id, source, source_id, step, round, currency, \
             amount_minor, posted_at) VALUES ({mer}, {id}, 'ADJUSTMENT', {id}, 'ADJUSTED', 1, 'CNY', 500, 0)"
        )
    };
    let pair = "VALUES ({mer}, {id}, 'AVAILABLE', 'CREDIT', 500), ({mer}, {id}, 'ADJUSTMENT', 'DEBIT', 500)";
    let both = format!(
        "INSERT INTO ledger_entries (merchant_id, transaction_id, account, direction, amount_minor) {}",
        pair.replace("{mer}", &mer.to_string())
            .replace("{id}", &id.to_string())
    );
    vec![
        (
            "one side alone",
            vec![entry(77, "AVAILABLE", "CREDIT", 500), seal(77)],
        ),
        (
            "entries without a transaction",
            vec![both.replace(&id.to_string(), "78")],
        ),
        ("more entries for what is sealed", vec![both]),
        (
            "an amount below zero",
            vec![entry(79, "AVAILABLE", "CREDIT", -500), seal(79)],
        ),
        (
            "an unknown account",
            vec![entry(80, "POCKET", "CREDIT", 500), seal(80)],
        ),
        (
            "another amount",
            vec!["UPDATE ledger_entries SET amount_minor = 1".to_owned()],
        ),
        ("no entries", vec!["DELETE FROM ledger_entries".to_owned()]),
        (
            "another source",
            vec!["UPDATE ledger_transactions SET source = 'PAYOUT'".to_owned()],
        ),
        (
            "no transactions",
            vec!["DELETE FROM ledger_transactions".to_owned()],
        ),
        (
            "another checkpoint",
            vec!["UPDATE ledger_checkpoints SET pending_minor = 1".to_owned()],
        ),
        (
            "an unbalanced balance",
            vec![format!(
                "UPDATE ledger_balances SET prepaid_minor = prepaid_minor + 1 WHERE merchant_id = {mer}"
            )],
        ),
        (
            "an overdraft",
            vec![format!(
                "UPDATE ledger_balances SET available_minor = -1, adjustment_minor = adjustment_minor \
             + available_minor + 1 WHERE merchant_id = {mer}"
            )],
        ),
        (
            "a settled day changed",
            vec!["UPDATE settlements SET amount_minor = 1".to_owned()],
        ),
        ("a payment gone", vec!["DELETE FROM payments".to_owned()]),
    ]
}

everywhere! {
    async fn a_payment_is_posted_once_with_its_fee(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.006").await;
        let order = merchant.order("100.00").await;
        world.clock.advance(TimeDelta::seconds(5));
        let callback = merchant.sandbox().pay(&order.order_no, world.clock.now()).expect("known");
        for _ in 0..3 {
            order.notified(&callback).await;
        }
        let document = "{ ledgerTransactions { edges { node { id source step round amount { amount currency } \
            postedAt note entries { account direction amount { amount } } \
            about { id ... on Order { orderNo } } } } } }";
        let seen = merchant.owner().await.data(document, json!({})).await;
        let edges = seen["ledgerTransactions"]["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), 1, "{seen}");
        let mut posted = edges[0]["node"].clone();
        let id = posted["id"].take();
        let entry = |account: &str, direction: &str, amount: &str| {
            json!({ "account": account, "direction": direction, "amount": { "amount": amount } })
        };
        assert_eq!(posted, json!({
            "id": null,
            "source": "PAYMENT",
            "step": "CREDITED",
            "round": 1,
            "amount": { "amount": "100.00", "currency": "CNY" },
            "postedAt": "2026-11-23T04:00:05.000Z",
            "note": null,
            "entries": [
                entry("PENDING", "CREDIT", "99.40"),
                entry("CHANNEL_CLEARING", "DEBIT", "100.00"),
                entry("FEE_INCOME", "CREDIT", "0.60"),
            ],
            "about": { "id": order.id.to_string(), "orderNo": order.order_no },
        }));
        // Alone, by its id, it is the same.
        let node = "query($id: ID!) { node(id: $id) { ... on LedgerTransaction { id \
            entries { account direction amount { amount } } } } }";
        let alone = merchant.owner().await.data(node, json!({ "id": id })).await;
        assert_eq!(alone["node"]["entries"], posted["entries"]);
        merchant.books_are_right().await;
    }

    async fn in_direct_mode_only_the_fee_is_taken(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        set_terms(&merchant, json!({ "fundsMode": "DIRECT" })).await;
        merchant.paid_order("36.00").await;
        assert_eq!(ledger(&merchant, Value::Null).await, [], "nothing moved here");
        merchant.takes_fees("0.006").await;
        merchant.paid_order("100.00").await;
        let fee = entries(&["PREPAID DEBIT 0.60", "FEE_INCOME CREDIT 0.60"]);
        assert_eq!(
            ledger(&merchant, Value::Null).await,
            [("PAYMENT".to_owned(), "CREDITED".to_owned(), fee)]
        );
        assert_eq!(balance(&merchant, None).await, ["0.00", "0.00", "0.00", "-0.60", "0.00"]);
        // The platform tops it up; there is nothing to settle.
        corrects(&merchant, LedgerAccount::Prepaid, 10_000, "充值").await.expect("taken");
        merchant.settlement_workers_work().await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "0.00", "0.00", "99.40", "0.00"]);
        assert_eq!(trial(&world, &merchant, None).await, (true, true));
    }

    async fn a_second_payment_is_set_aside(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let amount = "36.00".parse().expect("a decimal");
        let second = merchant.sandbox().notification(&order.order_no, "T2", amount);
        for _ in 0..2 {
            order.notified(&second).await;
        }
        let aside = entries(&["RESERVED CREDIT 36.00", "CHANNEL_CLEARING DEBIT 36.00"]);
        let extra = json!({ "source": ["EXTRA_PAYMENT"] });
        assert_eq!(
            ledger(&merchant, extra).await,
            [("EXTRA_PAYMENT".to_owned(), "CREDITED".to_owned(), aside)]
        );
        assert_eq!(balance(&merchant, None).await, ["36.00", "0.00", "36.00", "0.00", "0.00"]);
        let document = "{ ledgerTransactions(first: 1) { edges { node { about { \
            ... on ReconciliationItem { kind providerTradeNo } } } } } }";
        let seen = merchant.owner().await.data(document, json!({})).await;
        let about = &seen["ledgerTransactions"]["edges"][0]["node"]["about"];
        assert_eq!(*about, json!({ "kind": "SECOND_PAYMENT", "providerTradeNo": "T2" }));
    }

    async fn a_filter_finds_what_it_names(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = merchant.paid_order("1.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.settlement_workers_work().await;
        let second = merchant.paid_order("2.00").await;
        corrects(&merchant, LedgerAccount::Prepaid, 700, "充值").await.expect("taken");
        let refund = second.refund_amount("0.50").await;
        let day = json!({ "custom": { "from": "2026-11-23T00:00:00Z", "to": "2026-11-23T16:00:00Z" } });
        for (filter, sources) in [
            (json!({}), vec!["REFUND", "ADJUSTMENT", "PAYMENT", "SETTLEMENT", "PAYMENT"]),
            (json!({ "source": ["PAYMENT"] }), vec!["PAYMENT", "PAYMENT"]),
            (json!({ "source": ["SETTLEMENT", "REFUND", "REFUND"] }), vec!["REFUND", "SETTLEMENT"]),
            (json!({ "source": [] }), vec![]),
            (json!({ "orderId": first.id.to_string() }), vec!["PAYMENT"]),
            (json!({ "orderId": second.id.to_string() }), vec!["REFUND", "PAYMENT"]),
            (json!({ "refundId": refund.id.to_string() }), vec!["REFUND"]),
            (json!({ "account": "PREPAID" }), vec!["ADJUSTMENT"]),
            (json!({ "account": "AVAILABLE" }), vec!["SETTLEMENT"]),
            (json!({ "account": "RESERVED" }), vec!["REFUND"]),
            (json!({ "account": "PENDING", "source": ["SETTLEMENT"] }), vec!["SETTLEMENT"]),
            (json!({ "account": "PAYOUT_CLEARING" }), vec![]),
            (json!({ "postedAt": day }), vec!["PAYMENT"]),
            (json!({ "postedAt": { "preset": "YESTERDAY" } }), vec!["PAYMENT"]),
        ] {
            let found = ledger(&merchant, filter.clone()).await;
            let found: Vec<&str> = found.iter().map(|(source, ..)| source.as_str()).collect();
            assert_eq!(found, sources, "{filter}");
        }
        let wrong = json!({ "filter": { "orderId": refund.id.to_string() } });
        let document = "query($filter: LedgerFilterInput) { ledgerTransactions(filter: $filter) { edges { cursor } } }";
        let (code, message) = merchant.owner().await.error(document, wrong).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("filter.orderId"), "{message}");
    }

    async fn every_transaction_comes_once_whatever_the_pages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for _ in 0..7 {
            merchant.paid_order("1.00").await;
        }
        let owner = merchant.owner().await;
        let document = "query($first: Int, $after: String, $last: Int, $before: String) { \
            ledgerTransactions(first: $first, after: $after, last: $last, before: $before) { \
            edges { node { id } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }";
        let ids = |page: &Value| -> Vec<String> {
            let edges = page["ledgerTransactions"]["edges"].as_array().expect("edges").iter();
            edges.map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned()).collect()
        };
        let all = ids(&owner.data(document, json!({ "first": 100 })).await);
        assert_eq!(all.len(), 7);
        let (mut forwards, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = owner.data(document, json!({ "first": 3, "after": after })).await;
            forwards.extend(ids(&page));
            let info = &page["ledgerTransactions"]["pageInfo"];
            after = info["endCursor"].clone();
            if info["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(forwards, all);
        let page = owner.data(document, json!({ "last": 2, "before": all[4] })).await;
        assert_eq!(ids(&page), all[2..4]);
    }

    async fn a_correction_is_kept_with_its_reason_and_takes_no_more_than_is_there(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let available = LedgerAccount::Available;
        let id = corrects(&merchant, available, 5_000, " 补发活动补贴 ").await.expect("taken");
        corrects(&merchant, available, -1_230, "多付扣回").await.expect("there is enough");
        let refused = corrects(&merchant, available, -3_771, "多付扣回").await;
        let Err(AdjustRefusal::Insufficient(missing)) = refused else {
            panic!("not refused: {refused:?}");
        };
        assert_eq!((missing.available_minor, missing.wanted_minor), (3_770, 3_771));
        for (account, minor, reason, refusal) in [
            (LedgerAccount::Pending, 1, "x", AdjustRefusal::WrongAccount),
            (LedgerAccount::FeeIncome, 1, "x", AdjustRefusal::WrongAccount),
            (available, 0, "x", AdjustRefusal::NoAmount),
            (available, 1, " ", AdjustRefusal::NoReason),
        ] {
            assert_eq!(corrects(&merchant, account, minor, reason).await, Err(refusal));
        }
        assert_eq!(balance(&merchant, None).await, ["0.00", "37.70", "0.00", "0.00", "0.00"]);
        let node = "query($id: ID!) { node(id: $id) { ... on LedgerTransaction { source step note about { id } \
            entries { account direction amount { amount } } } } }";
        let seen = merchant.owner().await.data(node, json!({ "id": id })).await;
        assert_eq!(seen["node"]["note"], "补发活动补贴");
        assert_eq!(seen["node"]["about"], Value::Null);
        assert_eq!(merchant.events().await, ["BALANCE_ADJUSTED", "BALANCE_ADJUSTED"]);
        let document = "subscription { events(after: \"e0\") { subject { id } } }";
        let mut events = merchant.owner().await.subscribe(document, json!({}));
        let event = crate::support::next(&mut events).await;
        assert_eq!(event["data"]["events"]["subject"]["id"], id);
        assert_eq!(trial(&world, &merchant, None).await, (true, true));
    }

    async fn the_database_refuses_what_would_break_the_ledger(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.settlement_workers_work().await;
        let app = world.app();
        fold(app, merchant.id).await.expect("folded");
        yigate::ledger::service::checkpoint(app, merchant.id).await.expect("written down");
        let transaction = entity::ledger_transaction::Entity::of(merchant.id);
        let first = sea_orm::Select::one(transaction, app.db.reads_across()).await;
        let id = first.expect("the database answers").expect("a transaction").id.0;
        for (what, statements) in outrages(&merchant, id) {
            assert!(tampered(app, &statements).await.is_err(), "{what}");
        }
        assert_eq!(trial(&world, &merchant, None).await, (true, true));
        assert_eq!(balance(&merchant, None).await, ["0.00", "36.00", "0.00", "0.00", "0.00"]);
    }

    async fn a_trial_balance_proves_the_ledger_until_somebody_tampers_with_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        assert_eq!(trial(&world, &merchant, None).await, (true, true), "of nothing, too");
        merchant.paid_order("100.00").await;
        assert_eq!(trial(&world, &merchant, None).await, (true, true), "before it is folded");
        let app = world.app();
        fold(app, merchant.id).await.expect("folded");
        merchant.paid_order("50.00").await;
        let document = "{ trialBalance { at balanced proven totals { debits { amount } credits { amount } } \
            accounts { account debits { amount } credits { amount } balance { amount } } } }";
        let told = merchant.owner().await.data(document, json!({})).await["trialBalance"].clone();
        assert_eq!(told["at"], "2026-11-23T04:00:00.000Z");
        assert_eq!((&told["balanced"], &told["proven"]), (&json!(true), &json!(true)));
        assert_eq!(told["totals"], json!({ "debits": { "amount": "150.00" }, "credits": { "amount": "150.00" } }));
        let accounts: Vec<[&str; 4]> = told["accounts"].as_array().expect("accounts").iter().map(|one| {
            [&one["account"], &one["debits"]["amount"], &one["credits"]["amount"], &one["balance"]["amount"]]
                .map(|value| value.as_str().expect("a text"))
        }).collect();
        assert_eq!(accounts, [
            ["PENDING", "0.00", "148.50", "148.50"],
            ["AVAILABLE", "0.00", "0.00", "0.00"],
            ["RESERVED", "0.00", "0.00", "0.00"],
            ["PREPAID", "0.00", "0.00", "0.00"],
            ["CHANNEL_CLEARING", "150.00", "0.00", "-150.00"],
            ["FEE_INCOME", "0.00", "1.50", "1.50"],
            ["PAYOUT_CLEARING", "0.00", "0.00", "0.00"],
            ["ADJUSTMENT", "0.00", "0.00", "0.00"],
        ]);
        world.clock.advance(TimeDelta::hours(3));
        yigate::ledger::service::checkpoint(app, merchant.id).await.expect("written down");
        let past = Some("2026-11-23T06:00:00Z");
        assert_eq!(trial(&world, &merchant, past).await, (true, true));

        // Both sides, so that debits still equal credits.
        let guard = match app.db.backend() {
            DbBackend::Postgres => "ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_refuse_update",
            _ => "DROP TRIGGER ledger_entries_refuse_update",
        };
        app.db.writer().execute_unprepared(guard).await.expect("no guard any more");
        let more = |account: &str| {
            format!("UPDATE ledger_entries SET amount_minor = amount_minor + 1 WHERE account = '{account}'")
        };
        tampered(app, &[more("PENDING")]).await.expect("nobody refuses");
        for at in [None, past] {
            assert_eq!(trial(&world, &merchant, at).await, (false, false), "{at:?}");
        }
        tampered(app, &[more("CHANNEL_CLEARING")]).await.expect("nobody refuses");
        for at in [None, past] {
            assert_eq!(trial(&world, &merchant, at).await, (true, false), "{at:?}");
        }
    }
}
