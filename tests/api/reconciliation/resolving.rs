//! Settling what does not fit, and finding it again.

use entity::membership::Role;
use serde_json::{Value, json};
use yigate::orders::service::Notice;

use super::{Bill, MONDAY, amount, next_morning, open_items, run_of};
use crate::everywhere;
use crate::support::Client;

const RESOLVE: &str = "mutation($input: ReconciliationItemResolveInput!) { \
    reconciliationItemResolve(input: $input) { \
        item { id resolution resolvedBy resolvedAt resolutionNote } \
        userErrors { code field message } } }";

async fn resolved(by: &Client, id: &Value, resolution: &str, note: &str) -> Value {
    let input = json!({ "itemId": id, "resolution": resolution, "note": note });
    let answer = by.data(RESOLVE, json!({ "input": input })).await;
    answer["reconciliationItemResolve"].clone()
}

everywhere! {
    async fn an_item_is_settled_once_with_a_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let bill = Bill::default().paid("12:00:00", ("77", "T-1"), "1.00", "0.01");
        next_morning(&world);
        run_of(&merchant, MONDAY, &bill).await;
        let id = open_items(&merchant, "id").await[0]["id"].clone();
        let finance = merchant.client(Role::Finance).await;
        let long = "账".repeat(501);
        for (note, code) in [("", "NOTE_MISSING"), (" \n", "NOTE_MISSING"), (&long, "NOTE_TOO_LONG")] {
            let payload = resolved(&finance, &id, "ACCEPTED", note).await;
            assert_eq!(payload["userErrors"][0]["code"], code);
            assert_eq!(payload["userErrors"][0]["field"], "note");
            assert_eq!(payload["item"], Value::Null);
        }
        let payload = resolved(&finance, &id, "CORRECTED", " 线下收款，已补单 ").await;
        assert_eq!(payload["userErrors"], json!([]));
        let item = &payload["item"];
        assert_eq!(item["resolution"], "CORRECTED");
        assert_eq!(item["resolutionNote"], "线下收款，已补单");
        assert_eq!(item["resolvedBy"], merchant.staff(Role::Finance).to_string());
        assert_eq!(item["resolvedAt"], "2026-11-24T02:00:00.000Z");
        let again = resolved(&finance, &id, "WRITTEN_OFF", "x").await;
        assert_eq!(again["userErrors"][0]["code"], "ALREADY_RESOLVED");
        assert_eq!(again["userErrors"][0]["field"], "itemId");
        let unknown = resolved(&finance, &json!("rec_0000000000000"), "ACCEPTED", "x").await;
        assert_eq!(unknown["userErrors"][0]["code"], "NOT_FOUND");
        let foreign = resolved(&finance, &json!(merchant.channel_id.to_string()), "ACCEPTED", "x").await;
        assert_eq!(foreign["userErrors"][0]["code"], "NOT_FOUND");
        // The system alone carries.
        let input = json!({ "itemId": id, "resolution": "CARRIED", "note": "x" });
        let (code, _) = finance.error(RESOLVE, json!({ "input": input })).await;
        assert_eq!(code, "BAD_USER_INPUT");
        let events = merchant.events().await;
        let told = events.iter().filter(|event| *event == "RECONCILIATION_ITEM_RESOLVED");
        assert_eq!(told.count(), 1);
        // Found again in another file of the day, it stays settled.
        let more = bill.paid("12:00:01", ("78", "T-2"), "1.00", "0.01");
        let run = run_of(&merchant, MONDAY, &more).await;
        assert_eq!(run["differences"], 2);
        assert_eq!(open_items(&merchant, "providerTradeNo").await, [json!({ "providerTradeNo": "T-2" })]);
    }

    async fn a_second_payment_is_settled_by_its_refund_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let second = merchant.sandbox().notification(&order.order_no, "T-2", amount("36.00"));
        assert_eq!(order.notified(&second).await, Notice::Accepted);
        let id = open_items(&merchant, "id").await[0]["id"].clone();
        let owner = merchant.owner().await;
        let payload = resolved(&owner, &id, "ACCEPTED", "留着").await;
        assert_eq!(payload["userErrors"][0]["code"], "REFUND_PENDING");
        merchant.refunds_go_through().await;
        assert_eq!(open_items(&merchant, "id").await, Vec::<Value>::new());
        let payload = resolved(&owner, &id, "ACCEPTED", "留着").await;
        assert_eq!(payload["userErrors"][0]["code"], "ALREADY_RESOLVED");
        merchant.books_are_right().await;
    }

    async fn items_and_runs_are_found_by_each_of_their_sides(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        let other = merchant
            .channel(entity::channel::ChannelKind::Sandbox, entity::channel::PaymentMethod::Alipay, None)
            .await;
        let bill = Bill::default().paid("12:00:00", ("77", "T-1"), "1.00", "0.01");
        next_morning(&world);
        let first = run_of(&merchant, MONDAY, &bill).await;
        let more = bill.paid("12:00:01", ("78", "T-2"), "2.00", "0.01");
        let second = run_of(&merchant, MONDAY, &more).await;
        let owner = merchant.owner().await;
        let here = open_items(&merchant, "id kind").await;
        let here = here.iter().find(|item| item["kind"] == "MISSING_THERE").expect("an item");
        resolved(&owner, &here["id"], "WRITTEN_OFF", "x").await;
        let trade_no = order.numbers().await.1;
        let (one, two, three) = ("T-1", "T-2", trade_no.as_str());
        for (filter, wanted) in [
            (json!({}), vec![one, two, three]),
            (json!({ "open": true }), vec![one, two]),
            (json!({ "open": false }), vec![three]),
            (json!({ "kinds": ["MISSING_THERE", "FEE_MISMATCH"] }), vec![three]),
            (json!({ "kinds": [] }), vec![]),
            (json!({ "runId": first["id"] }), vec![one, three]),
            (json!({ "runId": second["id"] }), vec![two]),
            (json!({ "channelId": merchant.channel_id.to_string() }), vec![one, two, three]),
            (json!({ "channelId": other.to_string() }), vec![]),
            (json!({ "createdAt": { "preset": "TODAY" } }), vec![one, two, three]),
            (json!({ "createdAt": { "preset": "YESTERDAY" } }), vec![]),
            (json!({ "open": true, "runId": first["id"], "kinds": ["MISSING_HERE"] }), vec![one]),
        ] {
            let document = "query($filter: ReconciliationItemFilterInput) { \
                reconciliationItems(filter: $filter) { edges { node { providerTradeNo } } } }";
            let seen = owner.data(document, json!({ "filter": filter })).await;
            let edges = seen["reconciliationItems"]["edges"].as_array().expect("edges").clone();
            let mut found: Vec<_> = edges
                .iter()
                .map(|edge| edge["node"]["providerTradeNo"].as_str().expect("a number"))
                .collect();
            found.sort_unstable();
            let mut wanted = wanted;
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{filter}");
        }
        let document = "query($channel: ID) { reconciliationRuns(channelId: $channel, first: 1) { \
            edges { node { id } cursor } pageInfo { hasNextPage } } }";
        let seen = owner.data(document, json!({})).await;
        assert_eq!(seen["reconciliationRuns"]["edges"][0]["node"]["id"], second["id"]);
        assert_eq!(seen["reconciliationRuns"]["pageInfo"]["hasNextPage"], true);
        let seen = owner.data(document, json!({ "channel": other.to_string() })).await;
        assert_eq!(seen["reconciliationRuns"]["edges"], json!([]));
        let (code, _) = owner.error(document, json!({ "channel": "chn_x" })).await;
        assert_eq!(code, "BAD_USER_INPUT");
    }
}
