//! Whether members came back, within the days, and after they were written to.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{made, member, recipients, sent, works};
use crate::everywhere;

const EFFECT: &str = "query($id: ID!) { message(id: $id) { effect { days isOver overAt \
    written { members cameBack share spent { amount } } notWritten { members } } } }";

everywhere! {
    async fn who_paid_within_the_days_after_it_came_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for no in ["m1", "m2", "m3", "m4"] {
            member(&merchant, no, json!({})).await;
        }
        member(&merchant, "m5", json!({ "consent": false })).await;
        let pays = async |no: &str, amount: &str| {
            let order = merchant.order_with(amount, json!({ "memberNo": no })).await;
            order.pay().await;
            order
        };
        pays("m1", "10.00").await;
        world.clock.advance(TimeDelta::minutes(1));
        let message = made(&merchant, json!({ "effectDays": 2 })).await;
        let owner = merchant.owner().await;
        let effect = async || {
            let seen = owner.data(EFFECT, json!({ "id": message["id"] })).await;
            seen["message"]["effect"].clone()
        };
        assert_eq!(effect().await, Value::Null, "it has not begun");
        sent(&merchant, &message, json!({})).await;
        works(&world).await;
        let told = effect().await;
        assert_eq!([&told["days"], &told["isOver"]], [&json!(2), &json!(false)]);
        assert_eq!(told["overAt"], "2026-11-25T04:01:00.000Z");
        let none = json!({ "members": 4, "cameBack": 0, "share": "0", "spent": { "amount": "0.00" } });
        assert_eq!(told["written"], none, "what was paid before does not count");

        world.clock.advance(TimeDelta::hours(1));
        pays("m1", "20.00").await;
        pays("m1", "5.00").await;
        pays("m5", "9.00").await;
        let back = pays("m2", "8.00").await;
        back.refund(json!({})).await;
        merchant.refunds_go_through().await;
        world.clock.advance(TimeDelta::days(2));
        pays("m3", "7.00").await;
        let told = effect().await;
        assert_eq!(told["isOver"], true);
        let one = json!({ "members": 4, "cameBack": 1, "share": "0.25", "spent": { "amount": "25.00" } });
        assert_eq!(told["written"], one, "neither what was refunded in full nor what was paid too late");
        assert_eq!(told["notWritten"], Value::Null, "too few to say anything");
        let all = recipients(&owner, &message, "cameBackAt").await;
        let came: Vec<&Value> = all.iter().map(|one| &one["cameBackAt"]).collect();
        assert_eq!(came, [
            &json!("2026-11-23T05:01:00.000Z"), &Value::Null, &Value::Null, &Value::Null, &Value::Null,
        ]);
        // Orders are told to who may see orders: all roles may, a key need not.
        let viewer = merchant.client(Role::Viewer).await;
        let seen = viewer.data(EFFECT, json!({ "id": message["id"] })).await;
        assert_eq!(seen["message"]["effect"]["written"]["cameBack"], 1);
    }
}
