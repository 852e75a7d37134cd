//! Alerts, live: in order, once, from any cursor, and to nobody else.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{incidents, set};
use crate::everywhere;
use crate::support::next;

const ALERTS: &str = "subscription($after: String) { channelAlert(after: $after) { \
    cursor type occurredAt incident { id state channel { id } notice { zh } impact { attempts } } } }";

fn alert(answer: &Value) -> &Value {
    assert!(answer.get("errors").is_none(), "{answer:#}");
    &answer["data"]["channelAlert"]
}

everywhere! {
    async fn alerts_are_told_in_order_and_from_any_cursor(world: World) {
        let (merchant, stranger) = (world.merchant("汇贤饭店").await, world.merchant("云裳").await);
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        set(&stranger.owner().await, stranger.channel_id, "DOWN").await;
        let mut live = owner.subscribe(ALERTS, json!({ "after": "e0" }));
        set(&owner, channel, "DEGRADED").await;
        let id = incidents(&owner, Value::Null, "id").await[0]["id"].clone();
        world.clock.advance(TimeDelta::seconds(1));
        set(&owner, channel, "DOWN").await;
        let known = "mutation($id: ID!) { incidentAcknowledge(input: { incidentId: $id }) { \
            userErrors { code } } }";
        owner.data(known, json!({ "id": id })).await;
        owner.data(known, json!({ "id": id })).await;
        // What is no alert is not told: a state that makes no difference.
        set(&owner, channel, "DEGRADED").await;
        set(&owner, channel, "HEALTHY").await;
        let expected = ["OPENED", "WORSENED", "ACKNOWLEDGED", "RESOLVED"];
        let mut cursors = Vec::new();
        for kind in expected {
            let answer = next(&mut live).await;
            let told = alert(&answer);
            assert_eq!(told["type"], kind);
            assert_eq!(told["incident"]["id"], id);
            assert_eq!(told["incident"]["channel"]["id"], channel.to_string());
            assert_eq!(told["incident"]["impact"]["attempts"], 0);
            cursors.push(told["cursor"].clone());
        }
        for (place, cursor) in cursors.iter().enumerate() {
            let mut resumed = owner.subscribe(ALERTS, json!({ "after": cursor }));
            for kind in &expected[place + 1..] {
                assert_eq!(alert(&next(&mut resumed).await)["type"], *kind, "after {cursor}");
            }
        }
        let everything = "subscription { events(after: \"e0\", types: [INCIDENT_OPENED]) { type subject { \
            __typename id } } }";
        let mut events = owner.subscribe(everything, Value::Null);
        let told = next(&mut events).await;
        assert_eq!(told["data"]["events"]["subject"], json!({ "__typename": "Incident", "id": id }));
        let more = tokio::time::timeout(std::time::Duration::from_millis(200), next(&mut live));
        assert!(more.await.is_err(), "nothing of another merchant, and nothing twice");
    }
}
