//! What tests of points are told with: rules, orders of members, and the sums of all that there is.

use std::collections::HashMap;

use entity::point_entry::PointKind;
use entity::{MemberId, OrderId, member, order, order_point, point_entry, point_lot};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use yigate::error::Error;
use yigate::points;
use yigate::points::model::NotEnough;
use yigate::points::service::{Spend, spend};

use crate::support::coupons::{asked, new_key};
use crate::support::merchant::merge;
use crate::support::{Merchant, Order};

/// An amount in yuan.
pub fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// Rules: a point for each yuan, held for a year, a hundred of them worth a yuan; what is given wins.
pub fn rules(more: Value) -> Value {
    let mut input = json!({
        "expectedVersion": 0,
        "earn": { "points": 1, "per": cny("1.00") },
        "validDays": 365,
        "pay": { "enabled": true, "points": 100, "worth": cny("1.00"), "maxShare": "0.5" },
        "adjustLimit": 1_000,
    });
    merge(&mut input, more);
    input
}

/// The owner sets the rules, whatever version they have; the payload.
pub async fn sets(merchant: &Merchant, more: Value) -> Value {
    let owner = merchant.owner().await;
    let seen = owner.data("{ pointsProgram { version } }", json!({})).await;
    let version = seen["pointsProgram"]["version"].as_i64().unwrap_or(0);
    let mut input = rules(json!({ "expectedVersion": version }));
    merge(&mut input, more);
    let fields = "pointsProgram { version enabled validDays pendingDays }";
    asked(&owner, "pointsProgramSet", fields, input).await
}

/// The owner sets the rules, and they are.
pub async fn has_rules(merchant: &Merchant, more: Value) {
    let payload = sets(merchant, more).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// An unpaid order of a member.
pub async fn ordered(merchant: &Merchant, member_no: &str, amount: &str) -> Order {
    let input = json!({ "memberNo": member_no });
    merchant.order_with(amount, input).await
}

/// A paid order of a member.
pub async fn bought(merchant: &Merchant, member_no: &str, amount: &str) -> Order {
    let order = ordered(merchant, member_no, amount).await;
    order.pay().await;
    order
}

/// The owner gives or takes points; the payload.
pub async fn adjusted(merchant: &Merchant, member_no: &str, points: i64) -> Value {
    let owner = merchant.owner().await;
    let input = json!({ "idempotencyKey": new_key(), "member": { "memberNo": member_no },
        "points": points, "reason": "补偿" });
    let fields = "member { points { available pending owed } } entries { kind points balance }";
    asked(&owner, "pointsAdjust", fields, input).await
}

/// The owner gives or takes points, and it is done.
pub async fn adjusts(merchant: &Merchant, member_no: &str, points: i64) {
    let payload = adjusted(merchant, member_no, points).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// What the owner sees of a member.
pub async fn member(merchant: &Merchant, member_no: &str, fields: &str) -> Value {
    let document =
        format!("query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ {fields} }} }}");
    let owner = merchant.owner().await;
    let answer = owner.data(&document, json!({ "no": member_no })).await;
    answer["member"].clone()
}

/// What a member can spend, cannot spend yet, and owes.
pub async fn has(merchant: &Merchant, member_no: &str) -> [i64; 3] {
    let seen = member(merchant, member_no, "points { available pending owed }").await;
    ["available", "pending", "owed"].map(|name| seen["points"][name].as_i64().expect("a number"))
}

/// What an order has to do with points: spent, restored, earned, clawed back.
pub async fn of_order(order: &Order) -> [i64; 4] {
    let seen = order
        .read("points { spent restored earned clawedBack }")
        .await;
    ["spent", "restored", "earned", "clawedBack"]
        .map(|name| seen["points"][name].as_i64().unwrap_or(0))
}

/// What happened to a member's points, the oldest first: kind and change of all three.
pub async fn happened(merchant: &Merchant, member_no: &str) -> Vec<(String, i64)> {
    let fields = "pointsEntries(last: 100) { edges { node { kind points pending owed } } }";
    let seen = member(merchant, member_no, fields).await;
    let edges = seen["pointsEntries"]["edges"].as_array().expect("edges");
    let number = |node: &Value, name: &str| node[name].as_i64().expect("a number");
    edges
        .iter()
        .rev()
        .map(|edge| {
            let node = &edge["node"];
            let sum = number(node, "points") + number(node, "pending") - number(node, "owed");
            (node["kind"].as_str().expect("a kind").to_owned(), sum)
        })
        .collect()
}

/// What is left of a member's lots, those first that end first.
pub async fn lots(merchant: &Merchant, member_no: &str) -> Vec<i64> {
    let seen = member(merchant, member_no, "pointLots { remaining }").await;
    let lots = seen["pointLots"].as_array().expect("a list").iter();
    lots.map(|lot| lot["remaining"].as_i64().expect("a number"))
        .collect()
}

/// What is due of points is done, as often as something is.
pub async fn points_workers_work(merchant: &Merchant) {
    while points::worker::work(merchant.app()).await > 0 {}
}

/// An order takes points of its member as payment, as a checkout does.
pub async fn held(merchant: &Merchant, order: &Order, points: i64) -> Result<(), NotEnough> {
    let app = merchant.app();
    let (order_id, merchant_id) = (order.id, merchant.id);
    let outcome: Result<Result<(), NotEnough>, Error> = app
        .write(merchant_id, |txn| async move {
            let member_id: MemberId = order::Entity::of(merchant_id)
                .filter(order::Column::Id.eq(order_id))
                .select_only()
                .column(order::Column::MemberId)
                .into_tuple()
                .one(&*txn)
                .await?
                .expect("an order of a member");
            let locked = yigate::members::service::lock(&txn, merchant_id, member_id).await?;
            let member = locked.expect("a member");
            let wanted = Spend {
                kind: PointKind::Spent,
                points,
                source_id: Some(order_id.0),
                actor: "shop",
                note: None,
            };
            if let Err(not_enough) = spend(app, &txn, &member, wanted).await? {
                return Ok(Err(not_enough));
            }
            let row = order_point::Model {
                merchant_id,
                order_id,
                member_id,
                spent: points,
                off_minor: points,
                shares: format!("[{points}]"),
                held: true,
                restored: 0,
                base_minor: 0,
                earn_points: 0,
                earn_per_minor: 0,
                multiplier_ppm: 0,
                earned: 0,
                clawed: 0,
            };
            order_point::Entity::insert(row.into_active_model())
                .exec_without_returning(&*txn)
                .await?;
            Ok(Ok(()))
        })
        .await;
    outcome.expect("the database answers")
}

/// Adds up all that there is of a merchant: each member's points are what is left of their lots and the sum of their
/// entries, and orders' sums are those of the entries about them.
pub async fn points_are_right(merchant: &Merchant) {
    let db = merchant.app().db.reads_across();
    let members = member::Entity::of(merchant.id).all(db).await.expect("rows");
    let lots = point_lot::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("rows");
    let entries = point_entry::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("rows");
    let mut left: HashMap<MemberId, [i64; 2]> = HashMap::new();
    for lot in &lots {
        assert!((0..=lot.earned).contains(&lot.remaining), "{lot:?}");
        let sums = left.entry(lot.member_id).or_default();
        sums[usize::from(lot.releases_at.is_some())] += lot.remaining;
    }
    let mut moved: HashMap<MemberId, [i64; 3]> = HashMap::new();
    for entry in &entries {
        let sums = moved.entry(entry.member_id).or_default();
        sums[0] += entry.points;
        sums[1] += entry.pending;
        sums[2] += entry.owed;
    }
    for member in &members {
        let [points, pending] = left.get(&member.id).copied().unwrap_or_default();
        assert_eq!(
            (member.points, member.points_pending),
            (points, pending),
            "{member:?}"
        );
        let sums = moved.get(&member.id).copied().unwrap_or_default();
        assert_eq!(sums, [points, pending, member.points_owed], "{member:?}");
        if member.points_owed > 0 {
            assert_eq!((points, pending), (0, 0), "{member:?}");
        }
    }
    let orders = order_point::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("rows");
    for order in orders {
        order_is_right(&entries, &order);
    }
}

fn order_is_right(entries: &[point_entry::Model], order: &order_point::Model) {
    let OrderId(id) = order.order_id;
    let earned: i64 = entries
        .iter()
        .filter(|entry| entry.kind == PointKind::Earned && entry.source_id == Some(id))
        .map(|entry| entry.points + entry.pending)
        .sum();
    assert_eq!(earned, order.earned, "{order:?}");
}
