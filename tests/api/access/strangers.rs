//! What belongs to another merchant is not found, on every root field that takes an id or a number, and
//! does not show in lists or live.

#![allow(
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test tells a story"
)]

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{
    bank_accounts, campaigns, channels, checkout, coupons, exports, health, incidents,
    member_records, members, messages, money, payouts, people, points, reconciliation_item,
    reconciliation_run, refunds, rewards, routing, segments, tiers, webhooks,
};
use crate::everywhere;
use crate::schema::{introspected, items, name, named, types};
use crate::support::{Client, next};

/// Every root field that takes an id or a number of something, however deep in its input, as the
/// schema says.
async fn fields_that_name_something() -> BTreeSet<String> {
    let schema = introspected().await;
    let all: Vec<&Value> = types(&schema).collect();
    let mut found = BTreeSet::new();
    for root in ["Query", "Mutation", "Subscription"] {
        let ty = all.iter().find(|ty| name(ty) == root).expect("a root");
        for field in items(&ty["fields"]) {
            if items(&field["args"]).any(|arg| names_something(&all, arg, 4)) {
                found.insert(format!("{root}.{}", name(field)));
            }
        }
    }
    found
}

fn names_something(types: &[&Value], part: &Value, depth: usize) -> bool {
    let ty = name(named(&part["type"]).0);
    if ty == "ID" {
        return true;
    }
    let input = types.iter().find(|known| name(known) == ty);
    let parts = input.map(|input| items(&input["inputFields"]).collect::<Vec<_>>());
    depth > 0
        && parts
            .unwrap_or_default()
            .into_iter()
            .any(|part| names_something(types, part, depth - 1))
}

/// Asks with an error's code: the top-level one, or the payload's.
pub async fn code(client: &Client, document: &str, variables: Value) -> String {
    let answer = client.ask(document, variables).await;
    if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
        let data = &answer["data"];
        let empty = data.is_null() || data.as_object().expect("data").values().all(Value::is_null);
        let only_nulls = items(&data["nodes"]).all(Value::is_null);
        assert!(
            empty || (data["nodes"].is_array() && only_nulls),
            "{answer}"
        );
        return code.to_owned();
    }
    let payload = answer["data"].as_object().expect("data").values().next();
    let payload = payload.expect("a payload");
    for (field, value) in payload.as_object().expect("a payload") {
        assert!(field == "userErrors" || value.is_null(), "{payload}");
    }
    let code = &payload["userErrors"][0]["code"];
    code.as_str().expect("a refusal").to_owned()
}

everywhere! {
    async fn what_belongs_to_another_merchant_is_not_found(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let order = theirs.paid_order("36.00").await;
        let numbers = order.read("merchantOrderNo providerTradeNo").await;
        let item = reconciliation_item(&world, &theirs, order.id).await;
        let run = reconciliation_run(&world, &theirs).await;
        let key = "mutation { apiKeyCreate(input: { name: \"x\", scopes: [ORDERS_READ] }) { apiKey { id } } }";
        let key = theirs.owner().await.data(key, Value::Null).await["apiKeyCreate"]["apiKey"]["id"].clone();
        let set = "mutation($input: FeeRuleSetInput!) { feeRuleSet(input: $input) { \
            feeRule { ruleId } userErrors { code } } }";
        let rule = json!({ "name": "全部", "rate": "0.01" });
        let rule = theirs.owner().await.data(set, json!({ "input": rule })).await;
        let rule = rule["feeRuleSet"]["feeRule"]["ruleId"].as_str().expect("an id");
        let owner = ours.owner().await;
        let order_id = order.id.to_string();
        let mut asked = BTreeSet::new();
        let mut cases: Vec<(&str, &str, Value, &str)> = Vec::new();
        let by = "query($by: OrderByInput!) { order(by: $by) { id } }";
        for by_what in [
            json!({ "id": order_id }),
            json!({ "orderNo": order.order_no }),
            json!({ "merchantOrderNo": numbers["merchantOrderNo"] }),
            json!({ "providerTradeNo": numbers["providerTradeNo"] }),
        ] {
            cases.push(("Query.order", by, json!({ "by": by_what }), "NOT_FOUND"));
        }
        cases.push((
            "Query.channel",
            "query($id: ID!) { channel(id: $id) { id } }",
            json!({ "id": theirs.channel_id.to_string() }),
            "NOT_FOUND",
        ));
        for id in [
            json!(order_id),
            json!(theirs.channel_id.to_string()),
            json!(item.to_string()),
            json!(run.to_string()),
            json!(theirs.id.to_string()),
            json!(theirs.staff(Role::Owner).to_string()),
            key.clone(),
            json!(format!("{rule}.1")),
        ] {
            let node = "query($id: ID!) { node(id: $id) { id } }";
            cases.push(("Query.node", node, json!({ "id": id }), "NOT_FOUND"));
            let nodes = "query($id: ID!) { nodes(ids: [$id]) { id } }";
            cases.push(("Query.nodes", nodes, json!({ "id": id }), "NOT_FOUND"));
        }
        let close = "mutation($id: ID!) { orderClose(input: { orderId: $id }) { order { id } userErrors { code } } }";
        cases.push(("Mutation.orderClose", close, json!({ "id": order_id }), "NOT_FOUND"));
        let fulfill = "mutation($id: ID!) { orderFulfill(input: { orderId: $id }) { order { id } userErrors { code } } }";
        cases.push(("Mutation.orderFulfill", fulfill, json!({ "id": order_id }), "NOT_FOUND"));
        let revoke = "mutation($id: ID!) { apiKeyRevoke(input: { id: $id }) { apiKey { id } userErrors { code } } }";
        cases.push(("Mutation.apiKeyRevoke", revoke, json!({ "id": key }), "NOT_FOUND"));
        let create = "mutation($input: OrderCreateInput!) { orderCreate(input: $input) { order { id } userErrors { code } } }";
        let mut input = ours.order_input("36.00");
        input["channelId"] = json!(theirs.channel_id.to_string());
        cases.push(("Mutation.orderCreate", create, json!({ "input": input }), "CHANNEL_NOT_FOUND"));
        let money = json!({ "amount": "1.00", "currency": "CNY" });
        let quote = "query($input: FeeQuoteInput!) { feeQuote(input: $input) { rate } }";
        let input = json!({ "amount": money, "channelId": theirs.channel_id.to_string() });
        cases.push(("Query.feeQuote", quote, json!({ "input": input }), "NOT_FOUND"));
        let input = json!({ "name": "全部", "rate": "0.02", "ruleId": rule, "expectedVersion": 1 });
        cases.push(("Mutation.feeRuleSet", set, json!({ "input": input }), "RULE_NOT_FOUND"));
        let channel = theirs.channel_id.to_string();
        let input = json!({ "name": "全部", "rate": "0.02", "channelId": channel });
        cases.push(("Mutation.feeRuleSet", set, json!({ "input": input }), "CHANNEL_NOT_FOUND"));
        let sign_in = "mutation($email: String! $id: ID!) { signIn(input: { email: $email, \
            password: \"correct horse battery\", merchantId: $id }) { accessToken userErrors { code } } }";
        let email = format!("owner.{}@shop.example", ours.id);
        cases.push((
            "Mutation.signIn",
            sign_in,
            json!({ "email": email, "id": theirs.id.to_string() }),
            "NOT_A_MEMBER",
        ));
        let own = sign_in.replace(", merchantId: $id", "").replace(" $id: ID!", "")
            .replace("accessToken", "refreshToken");
        let signed_in = owner.data(&own, json!({ "email": email })).await;
        let refresh = "mutation($token: String! $id: ID!) { tokenRefresh(input: \
            { refreshToken: $token, merchantId: $id }) { accessToken userErrors { code } } }";
        cases.push((
            "Mutation.tokenRefresh",
            refresh,
            json!({ "token": signed_in["signIn"]["refreshToken"], "id": theirs.id.to_string() }),
            "NOT_A_MEMBER",
        ));
        let of_channels = channels::strange(&theirs);
        cases.extend(of_channels.iter().map(|(field, document, variables, code)| {
            (*field, document.as_str(), variables.clone(), *code)
        }));
        cases.extend(money::strange(&world, &theirs).await);
        asked.extend(money::FILTERED.map(str::to_owned));
        cases.extend(refunds::strange(&theirs).await);
        // Before anybody has a second factor: inviting takes no code then.
        cases.extend(people::strange(&theirs).await);
        cases.extend(payouts::strange(&theirs).await);
        cases.extend(bank_accounts::strange(&ours, &theirs).await);
        cases.extend(routing::strange(&theirs));
        asked.extend(refunds::FILTERED.map(str::to_owned));
        asked.extend(payouts::FILTERED.map(str::to_owned));
        cases.extend(health::strange(&world, &theirs).await);
        cases.extend(incidents::strange(&theirs).await);
        asked.extend(people::FILTERED.map(str::to_owned));
        cases.extend(webhooks::strange(&world, &theirs).await);
        cases.extend(exports::strange(&theirs).await);
        cases.extend(members::strange(&theirs).await);
        cases.extend(member_records::strange(&ours, &theirs).await);
        cases.extend(campaigns::strange(&theirs).await);
        cases.extend(tiers::strange(&ours, &theirs).await);
        cases.extend(messages::strange(&theirs).await);
        cases.extend(segments::strange(&theirs).await);
        cases.extend(checkout::strange(&theirs));
        asked.extend(exports::FILTERED.map(str::to_owned));
        cases.extend(coupons::strange(&theirs).await);
        cases.extend(points::strange(&theirs).await);
        cases.extend(rewards::strange(&ours, &theirs).await);
        asked.extend(rewards::FILTERED.map(str::to_owned));
        asked.extend(coupons::FILTERED.map(str::to_owned));
        asked.extend(health::FILTERED.map(str::to_owned));
        asked.extend(incidents::FILTERED.map(str::to_owned));
        asked.extend(webhooks::FILTERED.map(str::to_owned));
        let import = "mutation($id: ID!) { reconciliationImport(input: { channelId: $id, format: EPAY, \
            day: \"2026-11-22\", bill: { text: \"[]\" } }) { run { id } userErrors { code } } }";
        let channel = json!({ "id": theirs.channel_id.to_string() });
        cases.push(("Mutation.reconciliationImport", import, channel, "CHANNEL_NOT_FOUND"));
        let resolve = "mutation($id: ID!) { reconciliationItemResolve(input: { itemId: $id, \
            resolution: ACCEPTED, note: \"x\" }) { item { id } userErrors { code } } }";
        cases.push(("Mutation.reconciliationItemResolve", resolve, json!({ "id": item.to_string() }), "NOT_FOUND"));
        for (field, document, variables, wanted) in cases {
            assert_eq!(code(&owner, document, variables.clone()).await, wanted, "{field} {variables}");
            asked.insert(field.to_owned());
        }
        // Where a channel stands in a filter, nothing is found; see below.
        for field in [
            "Query.orders",
            "Query.members",
            "Query.statistics",
            "Query.hourlyHeatmap",
            "Query.productRanking",
            "Query.paymentFunnel",
            "Query.chartUrl",
            "Query.fees",
            "Query.reconciliationItems",
            "Query.reconciliationRuns",
            "Subscription.orderCreated",
            "Subscription.orderUpdated",
        ] {
            asked.insert(field.to_owned());
        }
        assert_eq!(asked, fields_that_name_something().await, "every field that takes an id is asked");

        // Nothing happened to it.
        assert_eq!(
            order.read("paymentState fulfillmentState").await,
            json!({ "paymentState": "PAID", "fulfillmentState": "UNFULFILLED" })
        );
    }

    async fn lists_hold_nothing_of_another_merchant(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let mine = ours.paid_order("1.00").await;
        let other = theirs.paid_order("2.00").await;
        reconciliation_item(&world, &theirs, other.id).await;
        incidents::strange(&theirs).await;
        bank_accounts::strange(&ours, &theirs).await;
        let rule = "mutation { feeRuleSet(input: { name: \"全部\", rate: \"0\" }) { feeRule { id } } }";
        theirs.owner().await.data(rule, Value::Null).await;
        let run = reconciliation_run(&world, &theirs).await;
        let seen = ours.owner().await.data(
            "query($theirs: ID!, $run: ID!, $after: String) {
                orders { totalCount totals { paid { amount } } edges { node { id } }
                    facets { channel { value { id } count } } }
                other: orders(filter: { channelId: [$theirs] }) { totalCount edges { cursor } }
                beyond: orders(after: $after) { edges { node { id } } }
                reconciliationItems { edges { cursor } }
                fees { totals { count } edges { node { order { id } } } }
                otherFees: fees(filter: { channelId: [$theirs] }) { totals { count } edges { cursor } }
                feeRules(allVersions: true) { id }
                feeStatement(month: \"2026-11-01\") { totals { payments } }
                ofChannel: reconciliationItems(filter: { channelId: $theirs }) { edges { cursor } }
                incidents { edges { cursor } }
                theirIncidents: incidents(filter: { channelIds: [$theirs] }) { edges { cursor } }
                maintenanceWindows { edges { cursor } }
                theirWindows: maintenanceWindows(filter: { channelIds: [$theirs] }) { edges { cursor } }
                ofRun: reconciliationItems(filter: { runId: $run }) { edges { cursor } }
                reconciliationRuns { edges { cursor } }
                theirRuns: reconciliationRuns(channelId: $theirs) { edges { cursor } }
                channels { id } staff { id } apiKeys { id } merchant { id } }",
            json!({ "theirs": theirs.channel_id.to_string(), "run": run.to_string(), "after": format!("c{:x}", i64::MAX) }),
        ).await;
        assert_eq!(seen["orders"]["totalCount"], 1);
        assert_eq!(seen["orders"]["totals"]["paid"]["amount"], "1.00");
        assert_eq!(seen["orders"]["edges"], json!([{ "node": { "id": mine.id.to_string() } }]));
        assert_eq!(seen["beyond"]["edges"], json!([{ "node": { "id": mine.id.to_string() } }]));
        let channel = json!({ "id": ours.channel_id.to_string() });
        assert_eq!(seen["orders"]["facets"]["channel"], json!([{ "value": channel, "count": 1 }]));
        assert_eq!(seen["other"], json!({ "totalCount": 0, "edges": [] }));
        assert_eq!(seen["reconciliationItems"]["edges"], json!([]));
        let fee = json!([{ "node": { "order": { "id": mine.id.to_string() } } }]);
        assert_eq!(seen["fees"], json!({ "totals": { "count": 1 }, "edges": fee }));
        assert_eq!(seen["otherFees"], json!({ "totals": { "count": 0 }, "edges": [] }));
        assert_eq!(seen["feeRules"], json!([]));
        assert_eq!(seen["feeStatement"]["totals"]["payments"], 1);
        for list in ["reconciliationItems", "ofChannel", "ofRun", "reconciliationRuns", "theirRuns", "incidents",
            "theirIncidents", "maintenanceWindows", "theirWindows"] {
            assert_eq!(seen[list]["edges"], json!([]), "{list}");
        }
        assert_eq!(seen["channels"], json!([channel]));
        let accounts = ours.owner().await.data("{ bankAccounts { edges { cursor } } }", Value::Null).await;
        assert_eq!(accounts["bankAccounts"]["edges"], json!([]));
        assert_eq!(seen["apiKeys"], json!([]));
        assert_eq!(seen["merchant"]["id"], ours.id.to_string());
        let staff: Vec<&str> = items(&seen["staff"]).map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(staff.len(), 5);
        assert!(staff.contains(&ours.staff(Role::Viewer).to_string().as_str()));
    }

    async fn subscriptions_of_another_merchant_see_nothing(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let owner = ours.owner().await;
        let after = owner.data("{ orders { eventCursor } }", Value::Null).await;
        let after = after["orders"]["eventCursor"].clone();
        theirs.paid_order("2.00").await;
        world.clock.advance(TimeDelta::seconds(1));
        let mine = ours.paid_order("1.00").await;
        // Events come in order: had there been one of another merchant, it would come first.
        let id = json!(mine.id.to_string());
        let both = [theirs.channel_id.to_string(), ours.channel_id.to_string()];
        for (field, kinds) in [
            ("orderCreated", vec!["ORDER_CREATED"]),
            ("orderUpdated", vec!["ORDER_PAYMENT_REQUESTED", "ORDER_PAID"]),
        ] {
            let document = format!(
                "subscription($after: String, $filter: OrderFilterInput) {{ \
                 {field}(after: $after, filter: $filter) {{ type order {{ id }} }} }}"
            );
            for filter in [Value::Null, json!({ "channelId": both })] {
                let variables = json!({ "after": after, "filter": filter });
                let mut seen = owner.subscribe(&document, variables);
                for kind in &kinds {
                    let event = next(&mut seen).await;
                    assert_eq!(event["data"][field], json!({ "type": kind, "order": { "id": id } }));
                }
            }
        }
        let document = "subscription($after: String) { events(after: $after) { type subject { id } } }";
        let mut seen = owner.subscribe(document, json!({ "after": after }));
        for kind in ["ORDER_CREATED", "ORDER_PAYMENT_REQUESTED", "ORDER_PAID"] {
            let event = next(&mut seen).await;
            assert_eq!(event["data"]["events"], json!({ "type": kind, "subject": { "id": id } }));
        }
    }
}
