//! The groups of RFM: whom they hold, and what they come to.

use serde_json::{Value, json};

use super::people::{Person, add};
use super::{done, found, made};
use crate::everywhere;
use crate::support::{Merchant, World};

const OVERVIEW: &str = "{ rfmGroups { buyers averageLastPaidAt averageOrders averageSpent { amount } groups { group members \
    share spent { amount } averageSpent { amount } } } }";

/// One buyer of each group: lately is 10 days ago or 110, often 9 orders or 1, much 900.00 or 100.00. And three who are
/// in none: gone for more than a year, refunded in full, never a buyer.
async fn buyers(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤咖啡").await;
    let buyer = |no: &str, ago: i32, orders: i64, spent: i64| Person {
        no: no.to_owned(),
        joined: 800,
        first_paid: Some(i64::from(ago)),
        last_paid: Some(i64::from(ago)),
        days: vec![(ago, orders, spent)],
        ..Person::default()
    };
    for (no, ago, orders, spent) in [
        ("CHAMPIONS", 10, 9, 90_000),
        ("PROMISING", 10, 1, 90_000),
        ("NEEDS_ATTENTION", 110, 9, 90_000),
        ("AT_RISK", 110, 1, 90_000),
        ("LOYAL", 10, 9, 10_000),
        ("NEW", 10, 1, 10_000),
        ("SLIPPING", 110, 9, 10_000),
        ("LOST", 110, 1, 10_000),
        ("GONE", 365, 50, 500_000),
        ("REFUNDED", 1, 0, 0),
    ] {
        add(world, &merchant, &buyer(no, ago, orders, spent)).await;
    }
    let never = Person {
        no: "NEVER".to_owned(),
        ..Person::default()
    };
    add(world, &merchant, &never).await;
    merchant
}

everywhere! {
    async fn each_group_holds_who_compares_so(world: World) {
        let merchant = buyers(&world).await;
        let owner = merchant.owner().await;
        let told = owner.data(OVERVIEW, Value::Null).await;
        let told = &told["rfmGroups"];
        assert_eq!((&told["buyers"], &told["averageOrders"], &told["averageSpent"]["amount"]),
            (&json!(8), &json!(5), &json!("500.00")));
        assert_eq!(told["averageLastPaidAt"], "2026-09-24T04:00:00.000Z");
        let groups = told["groups"].as_array().unwrap();
        assert_eq!(groups.len(), 8);
        for group in groups {
            assert_eq!((&group["members"], &group["share"]), (&json!(1), &json!("0.1250")));
            let name = group["group"].as_str().unwrap();
            assert_eq!(found(&owner, json!({ "rfm": [name] })).await, [name]);
            let much = if ["CHAMPIONS", "PROMISING", "NEEDS_ATTENTION", "AT_RISK"].contains(&name) { "900.00" } else { "100.00" };
            assert_eq!((&group["spent"]["amount"], &group["averageSpent"]["amount"]), (&json!(much), &json!(much)));
        }
        let two = json!({ "rfm": ["CHAMPIONS", "LOST"] });
        assert_eq!(found(&owner, two.clone()).await, ["CHAMPIONS", "LOST"]);
        assert_eq!(found(&owner, json!({ "and": [{ "rfm": ["NEW"] }, { "not": two }] })).await, ["NEW"]);
        let segment = made(&owner, "重要价值", json!({ "rfm": ["CHAMPIONS"] })).await;
        let snapshot = done(&owner, "segmentSnapshot", json!({ "id": segment["id"], "name": "快照" })).await;
        assert_eq!(super::listed(&snapshot), ["CHAMPIONS"]);
    }

    async fn where_nobody_buys_nobody_is_in_a_group(world: World) {
        let merchant = world.merchant("汇贤咖啡").await;
        add(&world, &merchant, &Person { no: "NEVER".to_owned(), ..Person::default() }).await;
        let owner = merchant.owner().await;
        let told = owner.data(OVERVIEW, Value::Null).await;
        assert_eq!((&told["rfmGroups"]["buyers"], &told["rfmGroups"]["averageLastPaidAt"]), (&json!(0), &Value::Null));
        assert_eq!(found(&owner, json!({ "rfm": ["LOST", "CHAMPIONS"] })).await, Vec::<String>::new());
        assert_eq!(found(&owner, json!({ "not": { "rfm": ["LOST"] } })).await, ["NEVER"]);
    }
}
