//! Maintenance windows: planned, called off, listed.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::{alipay, health_events, of_channel};
use crate::everywhere;
use crate::support::{Client, World};

const SCHEDULE: &str = "mutation($input: MaintenanceWindowScheduleInput!) { \
    maintenanceWindowSchedule(input: $input) { window { id startsAt endsAt source note createdBy } \
    userErrors { code field message } } }";

/// Plans a window from and to so many minutes from now.
async fn schedule(
    world: &World,
    client: &Client,
    channel: entity::ChannelId,
    (from, to): (i64, i64),
) -> Value {
    let at = |minutes| (world.clock.now() + TimeDelta::minutes(minutes)).to_rfc3339();
    let input = json!({
        "channelId": channel.to_string(), "startsAt": at(from), "endsAt": at(to), "note": "升级",
    });
    let answer = client.data(SCHEDULE, json!({ "input": input })).await;
    answer["maintenanceWindowSchedule"].clone()
}

async fn cancel(client: &Client, id: &Value) -> Value {
    let document = "mutation($id: ID!) { maintenanceWindowCancel(input: { windowId: $id }) { \
        window { endsAt canceledAt } userErrors { code } } }";
    client.data(document, json!({ "id": id })).await["maintenanceWindowCancel"].clone()
}

async fn windows(client: &Client, filter: Value) -> Vec<Value> {
    let document = "query($filter: MaintenanceWindowFilterInput) { maintenanceWindows(filter: $filter) { \
        edges { node { id } } } }";
    let answer = client.data(document, json!({ "filter": filter })).await;
    let edges = answer["maintenanceWindows"]["edges"]
        .as_array()
        .unwrap()
        .clone();
    edges
        .iter()
        .map(|edge| edge["node"]["id"].clone())
        .collect()
}

everywhere! {
    async fn a_window_is_planned_shown_and_called_off(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        let other = alipay(&merchant).await;
        let planned = schedule(&world, &owner, channel, (60, 120)).await;
        assert_eq!(planned["userErrors"], json!([]));
        let (window, id) = (&planned["window"], &planned["window"]["id"]);
        assert_eq!(window["source"], "MERCHANT");
        assert_eq!(window["startsAt"], "2026-11-23T05:00:00.000Z");
        assert_eq!(window["note"], "升级");
        let sooner = schedule(&world, &owner, channel, (10, 60)).await["window"]["id"].clone();
        let elsewhere = schedule(&world, &owner, other, (60, 120)).await["window"]["id"].clone();
        let next = of_channel(&owner, channel, "maintenance { id channel { id } }").await;
        assert_eq!(next["maintenance"], json!({ "id": sooner, "channel": { "id": channel.to_string() } }));
        assert_eq!(windows(&owner, Value::Null).await, [elsewhere.clone(), sooner.clone(), id.clone()]);
        let of_other = json!({ "channelIds": [other.to_string()] });
        assert_eq!(windows(&owner, of_other).await, std::slice::from_ref(&elsewhere));
        let node = owner.data("query($id: ID!) { node(id: $id) { __typename } }", json!({ "id": id })).await;
        assert_eq!(node["node"]["__typename"], "MaintenanceWindow");

        // Ahead, it keeps its times; under way, it ends now.
        let off = cancel(&owner, id).await;
        assert_eq!(off["window"], json!({
            "endsAt": "2026-11-23T06:00:00.000Z", "canceledAt": "2026-11-23T04:00:00.000Z" }));
        world.clock.advance(TimeDelta::minutes(30));
        assert_eq!(of_channel(&owner, channel, "maintenance { id }").await["maintenance"]["id"], sooner);
        let off = cancel(&owner, &sooner).await;
        assert_eq!(off["window"], json!({
            "endsAt": "2026-11-23T04:30:00.000Z", "canceledAt": "2026-11-23T04:30:00.000Z" }));
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(cancel(&owner, &sooner).await, off, "the first time counts");
        assert_eq!(of_channel(&owner, channel, "maintenance { id }").await["maintenance"], Value::Null);
        assert_eq!(windows(&owner, Value::Null).await, std::slice::from_ref(&elsewhere));
        assert_eq!(windows(&owner, json!({ "includePast": true })).await.len(), 3);
        world.clock.advance(TimeDelta::hours(3));
        let over = cancel(&owner, &elsewhere).await;
        assert_eq!(over["userErrors"][0]["code"], "ALREADY_OVER");
        assert_eq!(health_events(&merchant).await, [
            "MAINTENANCE_SCHEDULED", "MAINTENANCE_SCHEDULED", "MAINTENANCE_SCHEDULED",
            "MAINTENANCE_CANCELED", "MAINTENANCE_CANCELED",
        ]);
    }

    async fn a_window_that_cannot_be_planned_is_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        schedule(&world, &owner, channel, (60, 120)).await;
        for (span, code, field) in [
            ((-2, 10), "IN_PAST", "startsAt"),
            ((10, 10), "ENDS_BEFORE_START", "endsAt"),
            ((200, 200 + 7 * 1_440 + 1), "TOO_LONG", "endsAt"),
            ((366 * 1_440, 366 * 1_440 + 1), "TOO_FAR_AHEAD", "startsAt"),
            ((119, 130), "OVERLAPS", "startsAt"),
        ] {
            let payload = schedule(&world, &owner, channel, span).await;
            assert_eq!(payload["window"], Value::Null, "{code}");
            let error = &payload["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)));
        }
        let chinese = merchant.owner().await.in_chinese();
        let told = schedule(&world, &chinese, channel, (60, 70)).await;
        let message = told["userErrors"][0]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("2026-11-23T05:00:00") && message.contains("已有维护窗口"), "{message}");
    }
}
