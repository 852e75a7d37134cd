//! What the database itself refuses, whoever asks it.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::scene::{adjusts, bought, has_rules, points_are_right};
use crate::everywhere;

const REFUSED: [(&str, &str); 7] = [
    (
        "an entry is edited",
        "UPDATE point_entries SET points = points + 1",
    ),
    ("an entry is gone", "DELETE FROM point_entries"),
    (
        "more is left of a lot than came",
        "UPDATE point_lots SET remaining = earned + 1",
    ),
    (
        "less than nothing is left of a lot",
        "UPDATE point_lots SET remaining = -1",
    ),
    (
        "a member has less than nothing",
        "UPDATE members SET points = -1",
    ),
    (
        "more is taken back than an order earned",
        "UPDATE order_points SET clawed = earned + 1",
    ),
    (
        "the same is written twice",
        "INSERT INTO point_entries (merchant_id, id, member_id, lot_id, kind, points, pending, owed, balance, \
         source_id, round, actor) SELECT merchant_id, id + 1, member_id, lot_id, kind, points, pending, owed, \
         balance, source_id, round, actor FROM point_entries",
    ),
];

everywhere! {
    async fn the_database_refuses_what_must_not_be(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        bought(&merchant, "M1", "36.00").await;
        adjusts(&merchant, "M1", 10).await;
        for (what, statement) in REFUSED {
            let done = merchant.app().db.writer().execute_unprepared(statement).await;
            assert!(done.is_err(), "{what}");
        }
        points_are_right(&merchant).await;
    }
}
