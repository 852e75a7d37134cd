//! Lists of campaigns: filtered, paged, and with what is taken of each.

use chrono::TimeDelta;
use entity::CampaignId;
use entity::offer_counter::{self, CounterKind};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{begun, done, made, money, wanted};
use crate::everywhere;
use crate::schema::items;

const LIST: &str = "query($filter: CampaignFilterInput, $first: Int, $after: String, $last: Int, $before: String) { \
    campaigns(filter: $filter, first: $first, after: $after, last: $last, before: $before) { totalCount \
    edges { node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

fn names(answer: &Value) -> Vec<&str> {
    items(&answer["campaigns"]["edges"])
        .filter_map(|edge| edge["node"]["name"].as_str())
        .collect()
}

everywhere! {
    async fn campaigns_are_filtered_by_state_kind_name_and_instant(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let discount = json!({ "benefit": { "discount": { "percentOff": "20" } } });
        made(&owner, json!({ "name": "草稿 100% CAFÉ" })).await;
        begun(&owner, json!({ "name": "进行中 Spring", "rules": discount.clone() })).await;
        begun(&owner, json!({ "name": "待开始", "startsAt": "2026-12-01T00:00:00Z", "endsAt": "2026-12-02T00:00:00Z" })).await;
        let paused = begun(&owner, json!({ "name": "已暂停", "rules": discount })).await;
        done(&owner, "campaignPause", json!({ "id": paused["id"] })).await;
        let ended = begun(&owner, json!({ "name": "已结束" })).await;
        world.clock.advance(TimeDelta::hours(2));
        done(&owner, "campaignEnd", json!({ "id": ended["id"] })).await;
        let away = made(&owner, json!({ "name": "弃用草稿" })).await;
        done(&owner, "campaignEnd", json!({ "id": away["id"] })).await;
        for (filter, listed) in [
            (Value::Null, vec!["弃用草稿", "已结束", "已暂停", "待开始", "进行中 Spring", "草稿 100% CAFÉ"]),
            (json!({ "state": ["ACTIVE", "PAUSED"] }), vec!["已暂停", "进行中 Spring"]),
            (json!({ "kind": ["DISCOUNT"] }), vec!["已暂停", "进行中 Spring"]),
            (json!({ "kind": ["CASH"] }), vec![]),
            (json!({ "search": "sPRING" }), vec!["进行中 Spring"]),
            (json!({ "search": "已" }), vec!["已结束", "已暂停"]),
            // Letters beyond Z as they are written, on either database.
            (json!({ "search": "cafÉ" }), vec!["草稿 100% CAFÉ"]),
            (json!({ "search": "%" }), vec!["草稿 100% CAFÉ"]),
            (json!({ "search": "_" }), vec![]),
            (json!({ "search": "已", "state": ["ENDED"] }), vec!["已结束"]),
            // 13:00 in Shanghai: the ended one was given still.
            (json!({ "runningAt": "2026-11-23T05:00:00Z" }), vec!["已结束", "进行中 Spring"]),
            (json!({ "runningAt": "2026-11-23T06:00:00Z" }), vec!["进行中 Spring"]),
            (json!({ "runningAt": "2026-12-01T00:00:00Z" }), vec!["待开始", "进行中 Spring"]),
            (json!({ "runningAt": "2026-12-02T00:00:00Z" }), vec!["进行中 Spring"]),
            (json!({ "runningAt": "2026-11-23T03:59:59Z" }), vec![]),
        ] {
            let answer = owner.data(LIST, json!({ "filter": filter })).await;
            assert_eq!(names(&answer), listed, "{filter}");
            assert_eq!(answer["campaigns"]["totalCount"], listed.len(), "{filter}");
        }
        assert_eq!(owner.error("{ campaign(id: \"nothing\") { id } }", Value::Null).await.0, "BAD_USER_INPUT");
        let empty = json!({ "filter": { "state": [] } });
        assert_eq!(owner.error(LIST, empty).await.0, "BAD_USER_INPUT");
    }

    async fn campaigns_are_paged_both_ways(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        for name in ["一", "二", "三", "四", "五"] {
            made(&owner, json!({ "name": name })).await;
        }
        let first = owner.data(LIST, json!({ "first": 2 })).await;
        assert_eq!(names(&first), ["五", "四"]);
        assert_eq!(first["campaigns"]["totalCount"], 5);
        let page = &first["campaigns"]["pageInfo"];
        assert_eq!((&page["hasNextPage"], &page["hasPreviousPage"]), (&json!(true), &json!(false)));
        let second = owner.data(LIST, json!({ "first": 2, "after": page["endCursor"] })).await;
        assert_eq!(names(&second), ["三", "二"]);
        let back = &second["campaigns"]["pageInfo"]["startCursor"];
        assert_eq!(names(&owner.data(LIST, json!({ "last": 1, "before": back })).await), ["四"]);
        assert_eq!(names(&owner.data(LIST, json!({ "last": 2 })).await), ["二", "一"]);
        assert_eq!(owner.error(LIST, json!({ "after": "nowhere" })).await.0, "BAD_USER_INPUT");
    }

    async fn what_is_taken_of_each_is_told_and_what_is_left_of_its_budget(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let plain = made(&owner, json!({ "name": "不限" })).await;
        assert_eq!((&plain["redeemed"], &plain["discountCost"]["amount"]), (&json!(0), &json!("0.00")));
        assert_eq!(plain["remainingBudget"], Value::Null);
        let limited = wanted(json!({ "name": "限额" }));
        let mut rules = limited["rules"].clone();
        rules["limits"] = json!({ "budget": money("100.00") });
        let limited = made(&owner, json!({ "name": "限额", "rules": rules })).await;
        let app = world.app();
        let taken = |campaign: &Value, span: &str, spent_minor: i64| {
            let id: CampaignId = campaign["id"].as_str().expect("an id").parse().expect("an id");
            offer_counter::Model {
                merchant_id: merchant.id,
                kind: CounterKind::Campaign,
                offer_id: id.0,
                span: span.to_owned(),
                taken: 3,
                spent_minor,
                most: None,
                budget_minor: None,
            }
            .into_active_model()
        };
        let rows = [taken(&plain, "", 6_000), taken(&limited, "", 7_050), taken(&limited, "d20779", 10)];
        offer_counter::Entity::insert_many(rows).exec_without_returning(app.db.writer()).await.expect("counters");
        let document = "{ campaigns { edges { node { name redeemed discountCost { amount } remainingBudget { amount } } } } }";
        let seen = owner.data(document, Value::Null).await;
        let nodes: Vec<&Value> = items(&seen["campaigns"]["edges"]).map(|edge| &edge["node"]).collect();
        assert_eq!(nodes, [
            &json!({ "name": "限额", "redeemed": 3, "discountCost": { "amount": "70.50" },
                "remainingBudget": { "amount": "29.50" } }),
            &json!({ "name": "不限", "redeemed": 3, "discountCost": { "amount": "60.00" }, "remainingBudget": null }),
        ]);
        // A budget that is cut below what is spent leaves nothing, not less.
        let id = limited["id"].clone();
        let mut rules = wanted(json!({}))["rules"].clone();
        rules["limits"] = json!({ "budget": money("50.00") });
        let cut = done(&owner, "campaignUpdate", json!({ "id": id, "expectedVersion": 1, "rules": rules })).await;
        assert_eq!(cut["remainingBudget"]["amount"], "0.00");
    }
}
