//! Incidents: how they follow their channel, what they cost, who knows of them, which are found.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_traffic;
use entity::channel_traffic::Grain::{self, Hour, Minute};
use entity::membership::Role;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::health::service::incidents::measure;

use super::scene::{alipay, health_events, incidents, of_channel, set, traffic};
use crate::everywhere;
use crate::support::{Client, Merchant};

const ACKNOWLEDGE: &str = "mutation($input: IncidentAcknowledgeInput!) { incidentAcknowledge(input: $input) { \
    incident { state acknowledgedAt acknowledgedBy note } userErrors { code field message } } }";

async fn acknowledge(client: &Client, id: &Value, note: &str) -> Value {
    let input = json!({ "incidentId": id, "note": note });
    let answer = client.data(ACKNOWLEDGE, json!({ "input": input })).await;
    answer["incidentAcknowledge"].clone()
}

/// So many attempts of a minute or an hour were refused.
async fn refused(merchant: &Merchant, grain: Grain, at: DateTime<Utc>, count: i64) {
    let length = if grain == Hour { 3_600_000 } else { 60_000 };
    let at = at.timestamp_millis();
    channel_traffic::Entity::update_of(merchant.id)
        .filter(channel_traffic::Column::Grain.eq(grain))
        .filter(channel_traffic::Column::StartsMs.eq(at - at % length))
        .col_expr(channel_traffic::Column::Refused, Expr::value(count))
        .col_expr(channel_traffic::Column::AttemptedMinor, Expr::value(0))
        .exec(merchant.app().db.writer())
        .await
        .expect("traffic");
}

everywhere! {
    async fn an_incident_is_opened_worsens_and_is_over_as_its_channel_does(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        assert_eq!(of_channel(&owner, channel, "openIncident { id }").await["openIncident"], Value::Null);
        let fields = "state severity cause openedAt worsenedAt resolvedAt durationSeconds channel { id }";
        for state in ["DEGRADED", "DOWN", "DEGRADED"] {
            set(&owner, channel, state).await;
            world.clock.advance(TimeDelta::seconds(30));
        }
        let open = of_channel(&owner, channel, &format!("openIncident {{ {fields} }}")).await;
        let mut expected = json!({
            "state": "OPEN", "severity": "DOWN", "cause": "MANUAL",
            "openedAt": "2026-11-23T04:00:00.000Z", "worsenedAt": "2026-11-23T04:00:30.000Z",
            "resolvedAt": null, "durationSeconds": 90, "channel": { "id": channel.to_string() },
        });
        assert_eq!(open["openIncident"], expected);
        set(&owner, channel, "HEALTHY").await;
        world.clock.advance(TimeDelta::seconds(30));
        expected["state"] = json!("RESOLVED");
        expected["resolvedAt"] = json!("2026-11-23T04:01:30.000Z");
        assert_eq!(incidents(&owner, Value::Null, fields).await, [expected]);
        assert_eq!(of_channel(&owner, channel, "openIncident { id }").await["openIncident"], Value::Null);
        // The next trouble is another incident.
        set(&owner, channel, "DOWN").await;
        set(&owner, channel, "UNKNOWN").await;
        let states = incidents(&owner, Value::Null, "state severity worsenedAt").await;
        assert_eq!(states.len(), 2);
        let latest = json!({ "state": "RESOLVED", "severity": "DOWN", "worsenedAt": null });
        assert_eq!(states[0], latest);
        assert_eq!(health_events(&merchant).await, [
            "CHANNEL_HEALTH_CHANGED", "INCIDENT_OPENED",
            "CHANNEL_HEALTH_CHANGED", "INCIDENT_WORSENED",
            "CHANNEL_HEALTH_CHANGED",
            "CHANNEL_HEALTH_CHANGED", "INCIDENT_RESOLVED",
            "CHANNEL_HEALTH_CHANGED", "INCIDENT_OPENED",
            "CHANNEL_HEALTH_CHANGED", "INCIDENT_RESOLVED",
        ]);
    }

    async fn an_incident_says_what_it_costs_and_what_to_offer_instead(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, wechat) = (merchant.owner().await, merchant.channel_id);
        let other = alipay(&merchant).await;
        let now = world.clock.now();
        // As a rule seven of ten pay; what went wrong in the hour of the incident is no rule.
        traffic(&merchant, wechat, Hour, now - TimeDelta::hours(30), (1_000, 700, 0)).await;
        traffic(&merchant, wechat, Hour, now, (100, 0, 100)).await;
        traffic(&merchant, wechat, Minute, now - TimeDelta::minutes(5), (50, 35, 0)).await;
        traffic(&merchant, wechat, Minute, now, (10, 1, 8)).await;
        world.clock.advance(TimeDelta::seconds(40));
        set(&owner, wechat, "DOWN").await;
        let fields = "openIncident { impact { attempts failed expectedPaid paid failedAgainstExpected \
            atRisk { amount currency } } fallback { channel { id } successRate } notice { zh en } }";
        let told = of_channel(&owner, wechat, fields).await["openIncident"].clone();
        assert_eq!(told["impact"], json!({
            "attempts": 10, "failed": 8, "expectedPaid": 7, "paid": 1, "failedAgainstExpected": 6,
            "atRisk": { "amount": "60.00", "currency": "CNY" },
        }), "measured when it is opened");
        assert_eq!(told["fallback"], Value::Null, "nothing is known of the other channel");
        assert_eq!(told["notice"]["zh"], "微信支付暂时无法使用，请稍后再试。给您带来不便，敬请谅解。");

        traffic(&merchant, wechat, Minute, now + TimeDelta::minutes(1), (20, 2, 18)).await;
        traffic(&merchant, other, Hour, now - TimeDelta::hours(2), (100, 82, 0)).await;
        traffic(&merchant, other, Hour, now - TimeDelta::hours(30), (100, 0, 0)).await;
        measure(world.app()).await.expect("measured");
        let events = health_events(&merchant).await;
        let told = of_channel(&owner, wechat, fields).await["openIncident"].clone();
        assert_eq!(told["impact"], json!({
            "attempts": 30, "failed": 26, "expectedPaid": 21, "paid": 3, "failedAgainstExpected": 18,
            "atRisk": { "amount": "180.00", "currency": "CNY" },
        }));
        let id = other.to_string();
        assert_eq!(told["fallback"], json!({ "channel": { "id": id }, "successRate": "0.82" }));
        assert_eq!(told["notice"]["en"], "Payments by WeChat Pay are not possible at the moment. \
            Please pay by Alipay instead. We are sorry for the inconvenience.");

        // What is over is measured a last time, and then no more.
        traffic(&merchant, wechat, Minute, now + TimeDelta::minutes(2), (10, 0, 10)).await;
        set(&owner, wechat, "HEALTHY").await;
        traffic(&merchant, wechat, Minute, now + TimeDelta::minutes(3), (10, 0, 10)).await;
        measure(world.app()).await.expect("measured");
        let told = incidents(&owner, Value::Null, "impact { attempts atRisk { amount } }").await;
        assert_eq!(told, [json!({ "impact": { "attempts": 40, "atRisk": { "amount": "250.00" } } })]);
        let more = health_events(&merchant).await[events.len()..].to_vec();
        assert_eq!(more, ["CHANNEL_HEALTH_CHANGED", "INCIDENT_RESOLVED"], "measuring is no news");
    }

    async fn what_gave_an_incident_away_counts_and_what_was_refused_does_not(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        let opened = world.clock.now() + TimeDelta::minutes(60);
        let ago = |minutes| opened - TimeDelta::minutes(minutes);
        traffic(&merchant, channel, Hour, ago(300), (200, 60, 0)).await;
        refused(&merchant, Hour, ago(300), 100).await;
        for (minutes, counts) in [
            // Something always fails; what was so long ago gave nothing away.
            (16, (50, 30, 5)),
            (14, (20, 12, 0)),
            (13, (1, 0, 1)),
            (7, (2, 1, 1)),
            (0, (1, 0, 1)),
        ] {
            traffic(&merchant, channel, Minute, ago(minutes), counts).await;
        }
        traffic(&merchant, channel, Minute, opened + TimeDelta::minutes(1), (200, 0, 0)).await;
        refused(&merchant, Minute, opened + TimeDelta::minutes(1), 200).await;
        world.clock.set(opened);
        set(&owner, channel, "DOWN").await;
        let impact = "openIncident { impact { attempts failed expectedPaid paid } }";
        let told = of_channel(&owner, channel, impact).await["openIncident"]["impact"].clone();
        // 60 of 100 pay as a rule: so many were not refused.
        assert_eq!(told, json!({ "attempts": 4, "failed": 3, "expectedPaid": 2, "paid": 1 }));
        // The next one does not begin before this one is over.
        world.clock.advance(TimeDelta::seconds(30));
        set(&owner, channel, "HEALTHY").await;
        world.clock.advance(TimeDelta::minutes(4));
        traffic(&merchant, channel, Minute, world.clock.now(), (3, 0, 3)).await;
        set(&owner, channel, "DOWN").await;
        let told = of_channel(&owner, channel, impact).await["openIncident"]["impact"].clone();
        assert_eq!((&told["attempts"], &told["failed"]), (&json!(3), &json!(3)));
    }

    async fn what_an_incident_had_cost_stays_when_its_minutes_are_gone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        traffic(&merchant, channel, Minute, world.clock.now(), (10, 1, 8)).await;
        set(&owner, channel, "DOWN").await;
        let old = entity::channel_traffic::Entity::delete_of(merchant.id);
        old.exec(world.app().db.writer()).await.unwrap();
        measure(world.app()).await.expect("measured");
        let impact = of_channel(&owner, channel, "openIncident { impact { attempts failed } }").await;
        assert_eq!(impact["openIncident"]["impact"], json!({ "attempts": 10, "failed": 8 }));
    }

    async fn who_knows_of_an_incident_first_stays(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        let finance = merchant.client(Role::Finance).await;
        set(&owner, channel, "DEGRADED").await;
        let id = incidents(&owner, Value::Null, "id").await[0]["id"].clone();
        world.clock.advance(TimeDelta::seconds(20));
        let first = json!({
            "state": "ACKNOWLEDGED", "acknowledgedAt": "2026-11-23T04:00:20.000Z",
            "acknowledgedBy": merchant.staff(Role::Owner).to_string(), "note": "已联系微信",
        });
        let told = acknowledge(&owner, &id, " 已联系微信 ").await;
        assert_eq!(told, json!({ "incident": first, "userErrors": [] }));
        world.clock.advance(TimeDelta::seconds(20));
        let told = acknowledge(&finance, &id, "我也知道").await;
        assert_eq!(told, json!({ "incident": first, "userErrors": [] }), "the first one stays");
        // It may still become worse, and is known all the same.
        set(&owner, channel, "DOWN").await;
        let told = incidents(&owner, Value::Null, "state severity").await;
        assert_eq!(told, [json!({ "state": "ACKNOWLEDGED", "severity": "DOWN" })]);
        let long = acknowledge(&owner, &id, &"长".repeat(501)).await;
        assert_eq!(long["userErrors"][0]["code"], "INVALID_NOTE");
        set(&owner, channel, "HEALTHY").await;
        let late = acknowledge(&finance, &id, "晚了").await;
        assert_eq!(late, json!({ "incident": null, "userErrors": [{
            "code": "ALREADY_RESOLVED", "field": "incidentId",
            "message": "The incident is over: there is nothing to acknowledge.",
        }] }));
        let known = health_events(&merchant).await;
        assert_eq!(known.iter().filter(|kind| *kind == "INCIDENT_ACKNOWLEDGED").count(), 1);
    }

    async fn a_channel_that_fails_opens_an_incident_by_itself_save_during_maintenance(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.tries(12, "sandbox:unavailable").await;
        world.judged().await;
        let told = incidents(&owner, Value::Null, "state severity cause impact { attempts failed }").await;
        assert_eq!(told, [json!({
            "state": "OPEN", "severity": "DOWN", "cause": "TECHNICAL_ERRORS",
            "impact": { "attempts": 12, "failed": 12 },
        })]);
        // Being worked on, it is nobody's incident any more, and no other one is opened.
        let document = "mutation($input: MaintenanceWindowScheduleInput!) { \
            maintenanceWindowSchedule(input: $input) { userErrors { code } } }";
        let now = world.clock.now();
        let input = json!({
            "channelId": merchant.channel_id.to_string(), "startsAt": now.to_rfc3339(),
            "endsAt": (now + TimeDelta::minutes(20)).to_rfc3339(),
        });
        owner.data(document, json!({ "input": input })).await;
        world.judged_for(20).await;
        assert_eq!(merchant.state().await.0, "MAINTENANCE");
        merchant.tries(12, "sandbox:unavailable").await;
        world.judged_for(60).await;
        assert_eq!(incidents(&owner, Value::Null, "state").await, [json!({ "state": "RESOLVED" })]);
        // It is over, and still nothing works.
        world.clock.advance(TimeDelta::minutes(20));
        world.judged().await;
        world.clock.advance(TimeDelta::minutes(2));
        merchant.tries(12, "sandbox:unavailable").await;
        world.judged_for(30).await;
        let states = incidents(&owner, json!({ "states": ["OPEN"] }), "severity").await;
        assert_eq!(states, [json!({ "severity": "DOWN" })], "{:?}", merchant.health_changes().await);
    }

    async fn incidents_are_found_by_channel_state_and_time_page_by_page(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, wechat) = (merchant.owner().await, merchant.channel_id);
        let other = alipay(&merchant).await;
        for _ in 0..3 {
            set(&owner, wechat, "DOWN").await;
            set(&owner, wechat, "HEALTHY").await;
            world.clock.advance(TimeDelta::days(1));
        }
        set(&owner, other, "DEGRADED").await;
        let known = incidents(&owner, Value::Null, "id").await[0]["id"].clone();
        acknowledge(&owner, &known, "").await;
        set(&owner, wechat, "DOWN").await;
        let channel = |id: entity::ChannelId| json!([id.to_string()]);
        for (filter, count) in [
            (Value::Null, 5),
            (json!({ "channelIds": channel(wechat) }), 4),
            (json!({ "channelIds": channel(other) }), 1),
            (json!({ "states": ["OPEN"] }), 1),
            (json!({ "states": ["OPEN", "ACKNOWLEDGED"] }), 2),
            (json!({ "states": ["RESOLVED"], "channelIds": channel(other) }), 0),
            (json!({ "openedIn": { "preset": "TODAY" } }), 2),
            (json!({ "openedIn": { "preset": "YESTERDAY" } }), 1),
        ] {
            assert_eq!(incidents(&owner, filter.clone(), "id").await.len(), count, "{filter}");
        }
        let page = "query($after: String) { incidents(first: 2, after: $after) { totalCount eventCursor \
            pageInfo { hasNextPage endCursor } edges { node { id openedAt } } } }";
        let (mut after, mut seen) = (Value::Null, Vec::new());
        loop {
            let answer = owner.data(page, json!({ "after": after })).await["incidents"].clone();
            assert_eq!(answer["totalCount"], 5);
            assert!(answer["eventCursor"].as_str().unwrap().starts_with('e'));
            seen.extend(answer["edges"].as_array().unwrap().iter().map(|edge| edge["node"].clone()));
            after = answer["pageInfo"]["endCursor"].clone();
            if answer["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(seen, incidents(&owner, Value::Null, "id openedAt").await);
        let one = "query($id: ID!) { incident(id: $id) { id } node(id: $id) { id __typename } }";
        let told = owner.data(one, json!({ "id": known })).await;
        assert_eq!(told["incident"]["id"], known);
        assert_eq!(told["node"]["__typename"], "Incident");
        let none = json!({ "filter": { "channelIds": [] } });
        let document = "query($filter: IncidentFilterInput) { incidents(filter: $filter) { totalCount } }";
        assert_eq!(owner.error(document, none).await.0, "BAD_USER_INPUT");
    }
}
