//! Who members are: imported from files, made one, erased, handed out, and what has happened to them.

mod erasing;
mod importing;
mod merged_loyalty;
mod merging;
mod timeline;
mod upgrading;
mod windows;

use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::{Instant, MemberId, PointLotId, member, point_entry, point_lot};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::coupons::{asked, new_key};
use crate::support::{Client, Merchant, World};

/// Makes a member by name; their id.
async fn person(merchant: &Merchant, input: Value) -> String {
    let owner = merchant.owner().await;
    let made = asked(&owner, "memberCreate", "member { id }", input).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    made["member"]["id"].as_str().expect("an id").to_owned()
}

/// A member by their number, as the owner sees them.
async fn seen(merchant: &Merchant, member_no: &str, fields: &str) -> Value {
    let document =
        format!("query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ {fields} }} }}");
    let owner = merchant.owner().await;
    let answer = owner.data(&document, json!({ "no": member_no })).await;
    answer["member"].clone()
}

/// A member by their id, as the owner sees them.
async fn by_id(merchant: &Merchant, id: &str, fields: &str) -> Value {
    let document = format!("query($id: ID!) {{ member(by: {{ id: $id }}) {{ {fields} }} }}");
    let owner = merchant.owner().await;
    let answer = owner.data(&document, json!({ "id": id })).await;
    answer["member"].clone()
}

/// An order of a member that is paid, with a buyer.
async fn sold(merchant: &Merchant, member_no: &str, amount: &str) -> crate::support::Order {
    let input = json!({ "memberNo": member_no });
    let order = merchant.order_with(amount, input).await;
    order.pay().await;
    order
}

/// Makes two members one: who goes, who stays. The payload.
async fn merged(merchant: &Merchant, from: &str, into: &str) -> Value {
    let input = merging_input(merchant, from, into).await;
    asked(
        &merchant.owner().await,
        "memberMerge",
        "member { id }",
        input,
    )
    .await
}

/// What makes two members one, as both are now.
async fn merging_input(merchant: &Merchant, from: &str, into: &str) -> Value {
    let (of_from, of_into) = (
        by_id(merchant, from, "version").await,
        by_id(merchant, into, "version").await,
    );
    json!({
        "idempotencyKey": new_key(),
        "fromId": from,
        "intoId": into,
        "expectedVersion": of_into["version"],
        "expectedFromVersion": of_from["version"],
    })
}

/// Gives a member points, as an adjustment would.
async fn give_points(world: &World, merchant: &Merchant, id: &str, points: i64, pending: bool) {
    let (app, member_id): (_, MemberId) = (world.app(), id.parse().expect("an id"));
    let lot_id: PointLotId = app.ids.next();
    let now = app.clock.instant();
    let row = find(world, merchant, id).await;
    let (points_now, pending_now) = if pending {
        (row.points, row.points_pending + points)
    } else {
        (row.points + points, row.points_pending)
    };
    let lot = point_lot::ActiveModel {
        merchant_id: ActiveValue::Set(merchant.id),
        id: ActiveValue::Set(lot_id),
        member_id: ActiveValue::Set(member_id),
        origin: ActiveValue::Set(PointOrigin::Adjustment),
        source_id: ActiveValue::Set(None),
        earned: ActiveValue::Set(points),
        remaining: ActiveValue::Set(points),
        releases_at: ActiveValue::Set(pending.then_some(now)),
        expires_at: ActiveValue::Set(None),
    };
    let entry = point_entry::ActiveModel {
        merchant_id: ActiveValue::Set(merchant.id),
        id: ActiveValue::Set(app.ids.next()),
        member_id: ActiveValue::Set(member_id),
        lot_id: ActiveValue::Set(Some(lot_id)),
        kind: ActiveValue::Set(PointKind::Adjusted),
        points: ActiveValue::Set(if pending { 0 } else { points }),
        pending: ActiveValue::Set(if pending { points } else { 0 }),
        owed: ActiveValue::Set(0),
        balance: ActiveValue::Set(points_now),
        source_id: ActiveValue::Set(None),
        round: ActiveValue::Set(0),
        actor: ActiveValue::Set("system".to_owned()),
        note: ActiveValue::Set(None),
    };
    let db = app.db.writer();
    let lot = point_lot::Entity::insert(lot).exec_without_returning(db);
    lot.await.expect("a lot");
    let entry = point_entry::Entity::insert(entry).exec_without_returning(db);
    entry.await.expect("an entry");
    set_points(
        world,
        merchant,
        id,
        (points_now, pending_now, row.points_owed),
    )
    .await;
}

/// A member owes points.
async fn owes(world: &World, merchant: &Merchant, id: &str, owed: i64) {
    let (app, row) = (world.app(), find(world, merchant, id).await);
    let entry = point_entry::ActiveModel {
        merchant_id: ActiveValue::Set(merchant.id),
        id: ActiveValue::Set(app.ids.next()),
        member_id: ActiveValue::Set(row.id),
        lot_id: ActiveValue::Set(None),
        kind: ActiveValue::Set(PointKind::ClawedBack),
        points: ActiveValue::Set(0),
        pending: ActiveValue::Set(0),
        owed: ActiveValue::Set(owed),
        balance: ActiveValue::Set(row.points),
        source_id: ActiveValue::Set(None),
        round: ActiveValue::Set(0),
        actor: ActiveValue::Set("system".to_owned()),
        note: ActiveValue::Set(None),
    };
    let entry = point_entry::Entity::insert(entry).exec_without_returning(app.db.writer());
    entry.await.expect("an entry");
    set_points(world, merchant, id, (row.points, row.points_pending, owed)).await;
}

async fn set_points(world: &World, merchant: &Merchant, id: &str, now: (i64, i64, i64)) {
    use member::Column;
    let id: MemberId = id.parse().expect("an id");
    member::Entity::update_of(merchant.id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::Points, Expr::value(now.0))
        .col_expr(Column::PointsPending, Expr::value(now.1))
        .col_expr(Column::PointsOwed, Expr::value(now.2))
        .exec(world.app().db.writer())
        .await
        .expect("a member");
}

/// A member's row.
async fn find(world: &World, merchant: &Merchant, id: &str) -> member::Model {
    let id: MemberId = id.parse().expect("an id");
    let found = member::Entity::of(merchant.id)
        .filter(member::Column::Id.eq(id))
        .one(world.app().db.writer());
    found
        .await
        .expect("the database answers")
        .expect("a member")
}

/// What a member has, is the sum of what is left of their lots, and of their entries.
async fn assert_sums(world: &World, merchant: &Merchant, id: &str) {
    let (db, row) = (world.app().db.writer(), find(world, merchant, id).await);
    let lots = point_lot::Entity::of(merchant.id)
        .filter(point_lot::Column::MemberId.eq(row.id))
        .all(db)
        .await
        .expect("lots");
    let left = |pending: bool| {
        let lots = lots
            .iter()
            .filter(|lot| lot.releases_at.is_some() == pending);
        lots.map(|lot| lot.remaining).sum::<i64>()
    };
    let entries = point_entry::Entity::of(merchant.id)
        .filter(point_entry::Column::MemberId.eq(row.id))
        .all(db)
        .await
        .expect("entries");
    let sum = |of: fn(&point_entry::Model) -> i64| entries.iter().map(of).sum::<i64>();
    let (points, pending, owed) = (row.points, row.points_pending, row.points_owed);
    assert_eq!((points, pending), (left(false), left(true)), "lots");
    assert_eq!(points, sum(|entry| entry.points), "points");
    assert_eq!(pending, sum(|entry| entry.pending), "pending");
    assert_eq!(owed, sum(|entry| entry.owed), "owed");
}

/// How often something happened in a merchant.
async fn how_often(merchant: &Merchant, kind: &str) -> usize {
    let events = merchant.events().await;
    events.iter().filter(|event| *event == kind).count()
}

/// Asks with a key of these scopes alone.
async fn with_scopes(world: &World, merchant: &Merchant, scopes: &str) -> Client {
    let document = format!(
        "mutation {{ apiKeyCreate(input: {{ name: \"店铺\", scopes: [{scopes}] }}) {{ secret }} }}"
    );
    let made = merchant.owner().await.data(&document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    Client::bearer(world.gateway.clone(), secret).await
}

/// An instant a little later than now.
fn later(world: &World, minutes: i64) -> Instant {
    world.clock.advance(chrono::TimeDelta::minutes(minutes));
    world.app().clock.instant()
}
