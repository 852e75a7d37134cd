//! Thousands of members whose points end at once: on PostgreSQL, where long locks would be felt.

use chrono::TimeDelta;
use entity::PointLotId;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::json;

use super::scene::{has_rules, points_are_right};
use crate::support::{Merchant, World};

const MANY: i64 = 3_000;

/// Members who have ten points each, which end in a day.
async fn members(merchant: &Merchant) {
    let (app, id) = (merchant.app(), merchant.id.0);
    let first: PointLotId = app.ids.next();
    let first = first.0;
    let ends = (app.clock.now() + TimeDelta::days(1)).timestamp_millis();
    for statement in [
        format!(
            "INSERT INTO members (merchant_id, id, member_no, points) \
             SELECT {id}, {first} + i, 'N' || i, 10 FROM generate_series(1, {MANY}) AS i"
        ),
        format!(
            "INSERT INTO point_lots (merchant_id, id, member_id, origin, earned, remaining, expires_at) \
             SELECT {id}, {first} + i, {first} + i, 'IMPORT', 10, 10, {ends} FROM generate_series(1, {MANY}) AS i"
        ),
        format!(
            "INSERT INTO point_entries (merchant_id, id, member_id, lot_id, kind, points, pending, owed, balance, \
             round, actor) SELECT {id}, {first} + i, {first} + i, {first} + i, 'EARNED', 10, 0, 0, 10, 0, 'system' \
             FROM generate_series(1, {MANY}) AS i"
        ),
    ] {
        let done = app.db.writer().execute_unprepared(&statement).await;
        done.expect("rows");
    }
}

#[derive(FromQueryResult)]
struct Counted {
    transactions: i64,
}

#[tokio::test]
async fn what_ends_of_thousands_at_once_takes_few_transactions() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    has_rules(&merchant, json!({})).await;
    members(&merchant).await;
    world.clock.advance(TimeDelta::days(1));
    let done = yigate::points::worker::work(world.app()).await;
    assert_eq!(i64::try_from(done), Ok(MANY));
    points_are_right(&merchant).await;
    let db = world.app().db.writer();
    let asked = format!(
        "SELECT count(DISTINCT xmin::text) AS transactions FROM members WHERE merchant_id = {} AND points = 0",
        merchant.id.0
    );
    let asked = Statement::from_string(db.get_database_backend(), asked);
    let counted = Counted::find_by_statement(asked).one(db).await;
    let counted = counted.expect("the database answers").expect("a row");
    assert_eq!(counted.transactions, MANY / 500);
}
