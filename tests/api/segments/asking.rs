//! What rules tell is told to who may see it; and they count the same however many count.

use entity::segment_member::{Column, Entity};
use entity::{MerchantId, SegmentId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::people::shop;
use super::{asked, done, found, made};
use crate::everywhere;
use crate::support::{Client, Merchant, World};

/// Asks with a key of these scopes alone.
async fn key(world: &World, merchant: &Merchant, scopes: &str) -> Client {
    let document = format!(
        "mutation {{ apiKeyCreate(input: {{ name: \"店铺\", scopes: [{scopes}] }}) {{ secret }} }}"
    );
    let made = merchant.owner().await.data(&document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    Client::bearer(world.gateway.clone(), secret).await
}

fn is_forbidden(answer: &Value) -> bool {
    answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
}

/// How many are written down in a snapshot.
async fn kept(world: &World, merchant_id: MerchantId, snapshot: &Value) -> u64 {
    let id: SegmentId = snapshot["id"]
        .as_str()
        .expect("an id")
        .parse()
        .expect("an id");
    Entity::of(merchant_id)
        .filter(Column::SegmentId.eq(id))
        .count(world.app().db.writer())
        .await
        .expect("the database answers")
}

everywhere! {
    async fn rules_about_orders_and_coupons_are_asked_by_who_may_see_them(world: World) {
        let shop = shop(&world).await;
        let merchant = &shop.merchant;
        let narrow = key(&world, merchant, "MEMBERS_READ, LOYALTY_WRITE").await;
        let orders = key(&world, merchant, "MEMBERS_READ, LOYALTY_WRITE, ORDERS_READ").await;
        let all = key(&world, merchant, "MEMBERS_READ, LOYALTY_WRITE, ORDERS_READ, CAMPAIGNS_READ").await;
        let template = merchant.coupon_template(json!({})).await;
        let channel = merchant.channel_id.to_string();
        let preview = "query($rules: SegmentRuleInput!) { segmentPreview(rules: $rules) { size } }";
        let create = "mutation($input: SegmentCreateInput!) { segmentCreate(input: $input) { userErrors { code } } }";
        let update = "mutation($input: SegmentUpdateInput!) { segmentUpdate(input: $input) { userErrors { code } } }";
        let old = made(&narrow, "旧", json!({ "neverPaid": false })).await;
        for (place, (rule, of_orders, of_coupons)) in [
            (json!({ "spent": { "min": { "amount": "1", "currency": "CNY" } } }), true, false),
            (json!({ "averageOrder": { "min": { "amount": "1", "currency": "CNY" } } }), true, false),
            (json!({ "orders": { "min": 1 } }), true, false),
            (json!({ "paidWithinDays": 5 }), true, false),
            (json!({ "notPaidForDays": 5 }), true, false),
            (json!({ "firstChannelIds": [channel] }), true, false),
            (json!({ "bought": { "products": ["拿铁"] } }), true, false),
            (json!({ "rfm": ["LOST"] }), true, false),
            (json!({ "couponTemplateIds": [template] }), false, true),
            (json!({ "neverPaid": true }), false, false),
            (json!({ "firstPaidWithinDays": 5 }), false, false),
        ].into_iter().enumerate() {
            // However deep it lies.
            let rules = json!({ "and": [{ "memberNo": "A-1" }, { "not": rule }] });
            for (client, may) in [(&narrow, !of_orders && !of_coupons), (&orders, !of_coupons), (&all, true)] {
                let answer = client.ask(preview, json!({ "rules": rules })).await;
                assert_eq!(is_forbidden(&answer), !may, "{rule}: {answer}");
                assert_eq!(answer["data"]["segmentPreview"]["size"].is_i64(), may, "{rule}: {answer}");
            }
            let input = json!({ "input": { "name": format!("甲{place}"), "rules": rules } });
            let changed = json!({ "input": { "id": old["id"], "expectedVersion": 99, "rules": rules } });
            let may = !of_orders && !of_coupons;
            assert_eq!(is_forbidden(&narrow.ask(create, input).await), !may, "{rule}");
            assert_eq!(is_forbidden(&narrow.ask(update, changed).await), !may, "{rule}");
        }
        let groups = "{ rfmGroups { buyers } }";
        assert!(is_forbidden(&narrow.ask(groups, Value::Null).await));
        assert!(orders.data(groups, Value::Null).await["rfmGroups"]["buyers"].is_i64());
        // A name is changed by whoever may change segments.
        let renamed = json!({ "id": old["id"], "expectedVersion": 1, "name": "新" });
        assert_eq!(asked(&narrow, "segmentUpdate", renamed).await["userErrors"], json!([]));
    }

    async fn who_counts_while_others_do_counts_the_same(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let rules = json!({ "orders": { "max": 0, "days": 30 } });
        let alone = found(&owner, rules.clone()).await;
        assert!(alone.len() > 1, "{alone:?}");
        let lent = world.app().spare.try_acquire_many(1).expect("none is in use");
        assert_eq!(found(&owner, rules.clone()).await, alone, "in one");
        drop(lent);
        assert_eq!(found(&owner, rules).await, alone, "in parts again");
    }

    async fn who_was_in_a_removed_snapshot_is_forgotten(world: World) {
        let shop = shop(&world).await;
        let (owner, merchant_id) = (shop.merchant.owner().await, shop.merchant.id);
        let segment = made(&owner, "会员", json!({ "consented": true })).await;
        let mut snapshots = Vec::new();
        for name in ["十月", "十一月"] {
            let input = json!({ "id": segment["id"], "name": name });
            snapshots.push(done(&owner, "segmentSnapshot", input).await);
        }
        done(&owner, "segmentRemove", json!({ "id": snapshots[0]["id"] })).await;
        yigate::segments::service::prune(world.app(), merchant_id).await.expect("forgotten");
        assert_eq!(kept(&world, merchant_id, &snapshots[0]).await, 0);
        assert_eq!(kept(&world, merchant_id, &snapshots[1]).await, 2, "of those that are there nothing goes");
        assert_eq!(found(&owner, json!({ "snapshotIds": [snapshots[1]["id"]] })).await, ["A-1", "C-1"]);
    }
}
