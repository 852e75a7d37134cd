//! States set by hand: for how long, which, and what comes of them.

use entity::channel_health;
use serde_json::{Value, json};

use super::scene::{clear, health_events, incidents, set, try_set};
use crate::everywhere;
use crate::support::Merchant;

async fn health(merchant: &Merchant) -> channel_health::Model {
    let reads = merchant.app().db.reads_across();
    let row = channel_health::Entity::of(merchant.id).one(reads).await;
    row.unwrap().expect("a row")
}

everywhere! {
    async fn a_state_set_by_hand_holds_until_its_time_is_over_or_it_is_cleared(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        assert_eq!(clear(&owner, channel).await["userErrors"], json!([]), "nothing was set");
        set(&owner, channel, "DOWN").await;
        let row = health(&merchant).await;
        assert_eq!(row.state, channel_health::HealthState::Down);
        assert_eq!(row.override_state, Some(row.state));
        let held = row.override_until.unwrap().0 - world.clock.now();
        assert_eq!(held.num_minutes(), 10);
        let told = incidents(&owner, Value::Null, "cause state").await;
        assert_eq!(told, [json!({ "cause": "MANUAL", "state": "OPEN" })]);
        // The same state again is no change; the time counts anew.
        assert_eq!(try_set(&owner, channel, "DOWN", 60).await["userErrors"], json!([]));
        let held = health(&merchant).await.override_until.unwrap().0 - world.clock.now();
        assert_eq!(held.num_minutes(), 60);
        assert_eq!(health_events(&merchant).await, ["CHANNEL_HEALTH_CHANGED", "INCIDENT_OPENED"]);
        clear(&owner, channel).await;
        let row = health(&merchant).await;
        assert_eq!(row.state, channel_health::HealthState::Down, "until it is judged");
        assert_eq!((row.override_state, row.override_until, row.override_by), (None, None, None));
        world.judged().await;
        assert_eq!(health(&merchant).await.state, channel_health::HealthState::Unknown);
        assert_eq!(incidents(&owner, Value::Null, "state").await, [json!({ "state": "RESOLVED" })]);
    }

    async fn what_is_really_wrong_stays_one_incident_when_a_state_set_by_hand_is_taken_away(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        merchant.tries(12, "sandbox:unavailable").await;
        world.judged().await;
        let told = incidents(&owner, Value::Null, "id cause").await;
        assert_eq!(told[0]["cause"], "TECHNICAL_ERRORS");
        let document = "mutation($id: ID!) { incidentAcknowledge(input: { incidentId: $id }) { userErrors { code } } }";
        owner.data(document, json!({ "id": told[0]["id"] })).await;
        set(&owner, channel, "DEGRADED").await;
        clear(&owner, channel).await;
        world.judged().await;
        assert_eq!(merchant.state().await, ("DOWN".to_owned(), "TECHNICAL_ERRORS".to_owned()));
        let told = incidents(&owner, Value::Null, "state").await;
        assert_eq!(told, [json!({ "state": "ACKNOWLEDGED" })]);
    }

    async fn a_channel_that_is_said_to_be_healthy_has_no_incident(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        set(&merchant.owner().await, merchant.channel_id, "HEALTHY").await;
        assert_eq!(health_events(&merchant).await, ["CHANNEL_HEALTH_CHANGED"]);
    }

    async fn what_cannot_be_set_by_hand_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        for (state, minutes, code, field) in [
            ("MAINTENANCE", 10, "USE_MAINTENANCE_WINDOW", "state"),
            ("DOWN", 0, "MINUTES_OUT_OF_RANGE", "minutes"),
            ("DOWN", 1_441, "MINUTES_OUT_OF_RANGE", "minutes"),
        ] {
            let payload = try_set(&owner, channel, state, minutes).await;
            let error = json!([{ "code": code, "field": field }]);
            assert_eq!(payload, json!({ "channel": null, "userErrors": error }), "{state} {minutes}");
        }
        assert_eq!(health_events(&merchant).await, [""; 0]);
    }
}
