//! A member reaches a tier by what they buy, keeps it, loses what a refund undoes, and is given one by a person.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{given, history, ladder, money, seen, set, sold, tier_of, times_told, wanted};
use crate::everywhere;
use crate::support::Client;

everywhere! {
    async fn a_tier_is_had_with_the_order_that_reaches_it_and_told_once(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        sold(&merchant, "M-1", "99.99").await;
        assert_eq!(tier_of(&merchant, "M-1").await, Value::Null);
        assert_eq!(times_told(&merchant).await, 0);
        let fields = "tier { name } tierSince tierUntil tierChanges { edges { node { reason from { name } to { name } \
            until changedBy changedAt note } } }";
        sold(&merchant, "M-1", "0.01").await;
        let until = "2027-01-22T16:00:00.000Z";
        let now = "2026-11-23T04:00:00.000Z";
        let change = json!({ "reason": "REACHED", "from": null, "to": { "name": "银卡" }, "until": until,
            "changedBy": "system", "changedAt": now, "note": null });
        assert_eq!(seen(&merchant, "M-1", fields).await, json!({ "tier": { "name": "银卡" }, "tierSince": now,
            "tierUntil": until, "tierChanges": { "edges": [{ "node": change }] } }));
        assert_eq!(times_told(&merchant).await, 1);
        // What changes nothing is not told.
        sold(&merchant, "M-1", "100.00").await;
        assert_eq!((times_told(&merchant).await, history(&merchant, "M-1").await.len()), (1, 1));
        sold(&merchant, "M-1", "300.00").await;
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 银卡", "REACHED 金卡"]);
        // Who buys for the highest at once skips the one below.
        sold(&merchant, "M-2", "500.00").await;
        assert_eq!(history(&merchant, "M-2").await, ["REACHED 金卡"]);
    }

    async fn a_full_refund_and_a_part_of_one_take_away_what_was_reached_by_the_order(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        sold(&merchant, "M-1", "100.00").await;
        world.clock.advance(TimeDelta::days(1));
        let order = sold(&merchant, "M-1", "400.00").await;
        assert_eq!(tier_of(&merchant, "M-1").await, "金卡");
        world.clock.advance(TimeDelta::hours(1));
        order.refund_amount("0.01").await;
        merchant.refunds_go_through().await;
        assert_eq!(tier_of(&merchant, "M-1").await, "银卡");
        // What was had before has its own end again.
        let fields = "tierUntil";
        assert_eq!(seen(&merchant, "M-1", fields).await["tierUntil"], "2027-01-22T16:00:00.000Z");
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 银卡", "REACHED 金卡", "REFUNDED 银卡"]);
        // Who buys and gives all back has had nothing.
        let order = sold(&merchant, "M-2", "500.00").await;
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(tier_of(&merchant, "M-2").await, Value::Null);
        assert_eq!(history(&merchant, "M-2").await, ["REACHED 金卡", "REFUNDED -"]);
    }

    async fn a_tier_that_was_had_before_outlives_a_refund_of_what_came_after(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        sold(&merchant, "M-1", "500.00").await;
        world.clock.advance(TimeDelta::days(1));
        let later = sold(&merchant, "M-1", "200.00").await;
        // The days of the first order fall out of the window: without the second, gold is reached no more.
        world.clock.advance(TimeDelta::days(29));
        later.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(tier_of(&merchant, "M-1").await, "金卡");
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡"]);
    }

    async fn a_refund_of_what_did_not_reach_a_tier_leaves_it_whatever_has_fallen_out_since(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        let little = sold(&merchant, "M-1", "1.00").await;
        world.clock.advance(TimeDelta::days(1));
        let much = sold(&merchant, "M-1", "500.00").await;
        // All of it falls out of the window; gold is kept for sixty days.
        world.clock.advance(TimeDelta::days(40));
        little.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(tier_of(&merchant, "M-1").await, "金卡");
        much.refund_amount("0.01").await;
        merchant.refunds_go_through().await;
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡", "REFUNDED -"]);
    }

    async fn a_person_gives_a_tier_until_a_day_and_never_below_what_is_reached(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        let [silver, gold] = ladder(&merchant).await;
        let support = merchant.client(Role::Support).await;
        sold(&merchant, "M-1", "1.00").await;
        let until = "2026-12-31T16:00:00.000Z";
        let ask = json!({ "member": { "memberNo": "M-1" }, "tierId": gold["id"], "until": until, "reason": "老客户" });
        let payload = given(&support, ask.clone()).await;
        assert_eq!(payload, json!({ "member": { "memberNo": "M-1", "tier": { "name": "金卡" }, "tierUntil": until },
            "userErrors": [] }));
        // The same again changes nothing.
        given(&support, ask.clone()).await;
        let fields = "tierChanges { edges { node { reason changedBy note } } }";
        let who = merchant.staff(Role::Support).to_string();
        assert_eq!(seen(&merchant, "M-1", fields).await["tierChanges"]["edges"], json!([
            { "node": { "reason": "ASSIGNED", "changedBy": who, "note": "老客户" } }]));
        let log = "{ auditLog { edges { node { action target { id } } } } }";
        let log = merchant.owner().await.data(log, Value::Null).await;
        assert_eq!(log["auditLog"]["edges"][0]["node"]["action"], "memberTierSet");
        // A refund of what came before or after leaves it.
        let order = sold(&merchant, "M-1", "120.00").await;
        order.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(tier_of(&merchant, "M-1").await, "金卡");
        let code = async |more: Value| {
            let mut ask = ask.clone();
            crate::support::merchant::merge(&mut ask, more);
            let payload = given(&support, ask).await;
            let error = &payload["userErrors"][0];
            let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
            (text("code"), text("field"))
        };
        let refusal = |code: &str, field: &str| (code.to_owned(), field.to_owned());
        assert_eq!(code(json!({ "reason": " " })).await, refusal("INVALID", "reason"));
        assert_eq!(code(json!({ "until": "2026-11-23T04:00:00Z" })).await, refusal("INVALID", "until"));
        assert_eq!(code(json!({ "member": { "memberNo": "M-9" } })).await, refusal("MEMBER_NOT_FOUND", "member"));
        assert_eq!(code(json!({ "tierId": "tie_0000000000007" })).await, refusal("TIER_NOT_FOUND", "tierId"));
        sold(&merchant, "M-2", "500.00").await;
        let lower = json!({ "member": { "memberNo": "M-2" }, "tierId": silver["id"] });
        assert_eq!(code(lower).await, refusal("REACHES_MORE", "tierId"));
        // What a person gave, a person takes.
        let back = json!({ "member": { "memberNo": "M-1" }, "reason": "误操作" });
        let payload = given(&support, back).await;
        assert_eq!(payload["member"], json!({ "memberNo": "M-1", "tier": null, "tierUntil": null }));
    }

    async fn what_is_missing_until_the_next_tier_counts_down_and_names_the_day(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        set(&merchant, json!({ "rank": 1, "name": "银卡", "nameEn": "Silver",
            "thresholds": { "spend": money("100.00"), "orders": 3, "windowDays": 30 } })).await;
        set(&merchant, wanted(2, "金卡", "500.00")).await;
        set(&merchant, json!({ "rank": 3, "name": "黑卡" })).await;
        sold(&merchant, "M-1", "36.00").await;
        let next = async || {
            let document = "{ memberNextTier(by: { memberNo: \"M-1\" }) { tier { displayName } \
                missingSpend { amount currency } missingPoints missingOrders by } }";
            let told = merchant.owner().await.data(document, Value::Null).await;
            let again = seen(&merchant, "M-1", "nextTier { tier { displayName } missingSpend { amount currency } \
                missingPoints missingOrders by }").await;
            assert_eq!(told["memberNextTier"], again["nextTier"]);
            told["memberNextTier"].clone()
        };
        assert_eq!(next().await, json!({ "tier": { "displayName": "Silver" },
            "missingSpend": { "amount": "64.00", "currency": "CNY" }, "missingPoints": null, "missingOrders": 2,
            "by": "2026-12-22" }));
        sold(&merchant, "M-1", "64.00").await;
        assert_eq!(next().await, json!({ "tier": { "displayName": "金卡" },
            "missingSpend": { "amount": "400.00", "currency": "CNY" }, "missingPoints": null, "missingOrders": null,
            "by": "2026-12-22" }));
        // What is missing tells what was spent.
        let key = "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [MEMBERS_READ] }) { secret } }";
        let key = merchant.owner().await.data(key, Value::Null).await;
        let narrow = Client::bearer(world.gateway.clone(), key["apiKeyCreate"]["secret"].as_str().unwrap()).await;
        let document = "{ memberNextTier(by: { memberNo: \"M-1\" }) { tier { displayName } missingSpend { amount } \
            missingOrders missingPoints } }";
        let answer = narrow.ask(document, Value::Null).await;
        assert_eq!(answer["data"]["memberNextTier"], json!({ "tier": { "displayName": "金卡" }, "missingSpend": null,
            "missingOrders": null, "missingPoints": null }));
        let codes: Vec<&Value> = answer["errors"].as_array().unwrap().iter().map(|it| &it["extensions"]["code"]).collect();
        assert_eq!(codes, ["FORBIDDEN", "FORBIDDEN"]);
        // Silver is kept for ever; gold has an end.
        assert_eq!(seen(&merchant, "M-1", "tierRetention { until }").await["tierRetention"], Value::Null);
        sold(&merchant, "M-1", "400.00").await;
        let fields = "tierRetention { until isReached missingSpend { amount } missingOrders }";
        assert_eq!(seen(&merchant, "M-1", fields).await["tierRetention"], json!({
            "until": "2027-01-22T16:00:00.000Z", "isReached": true, "missingSpend": { "amount": "0.00" },
            "missingOrders": null }));
        world.clock.advance(TimeDelta::days(30));
        assert_eq!(seen(&merchant, "M-1", fields).await["tierRetention"]["missingSpend"]["amount"], "500.00");
        // Above it is only what people give.
        assert_eq!(next().await, Value::Null);
        let nobody = "{ memberNextTier(by: { memberNo: \"M-9\" }) { by } }";
        assert_eq!(merchant.owner().await.error(nobody, Value::Null).await.0, "NOT_FOUND");
    }
}
