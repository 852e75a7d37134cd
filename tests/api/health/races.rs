//! Many at once, on two instances: on PostgreSQL, where writers really meet.

use std::collections::BTreeSet;

use entity::membership::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use yigate::health::service::{claim_due, enter_new};

use super::scene::{health_events, incidents, set, try_set};
use crate::support::{Merchant, World};

/// A merchant as two instances see it; none where there is no PostgreSQL.
async fn two() -> Option<(World, [Merchant; 2])> {
    let world = World::on_postgres().await?;
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    Some((world, [here, there]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_who_know_of_an_incident_is_the_first() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    let owner = merchants[0].owner().await;
    set(&owner, merchants[0].channel_id, "DOWN").await;
    let id = &incidents(&owner, Value::Null, "id").await[0]["id"];
    let document = "mutation($id: ID!, $note: String) { incidentAcknowledge(input: { incidentId: $id, \
        note: $note }) { incident { acknowledgedBy note } userErrors { code } } }";
    let answers = join_all((0..8).map(|turn| {
        let merchant = merchants[turn % 2].clone();
        let role = [Role::Owner, Role::Finance][turn / 2 % 2];
        let variables = json!({ "id": id, "note": format!("第 {turn} 位") });
        tokio::spawn(async move { merchant.client(role).await.data(document, variables).await })
    }))
    .await;
    let told: BTreeSet<String> = answers
        .into_iter()
        .map(|answer| answer.unwrap()["incidentAcknowledge"].to_string())
        .collect();
    assert_eq!(
        told.len(),
        1,
        "all are told of the same first one: {told:?}"
    );
    let events = health_events(&merchants[0]).await;
    assert_eq!(
        events
            .iter()
            .filter(|kind| *kind == "INCIDENT_ACKNOWLEDGED")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_channel_has_one_open_incident_however_many_change_its_state() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    let channel = merchants[0].channel_id;
    for round in 0..3 {
        let states = ["DOWN", "DEGRADED", "DOWN", "DEGRADED", "DOWN", "DOWN"];
        let answers = join_all((0..).zip(states).map(|(turn, state)| {
            let merchant = merchants[turn % 2].clone();
            tokio::spawn(async move { try_set(&merchant.owner().await, channel, state, 10).await })
        }))
        .await;
        for answer in answers {
            assert_eq!(answer.unwrap()["userErrors"], json!([]));
        }
        let owner = merchants[round % 2].owner().await;
        let open = incidents(&owner, json!({ "states": ["OPEN"] }), "severity").await;
        assert_eq!(open, [json!({ "severity": "DOWN" })]);
        set(&owner, channel, "HEALTHY").await;
        assert_eq!(incidents(&owner, Value::Null, "id").await.len(), round + 1);
    }
    let events = health_events(&merchants[0]).await;
    for (kind, count) in [("INCIDENT_OPENED", 3), ("INCIDENT_RESOLVED", 3)] {
        assert_eq!(
            events.iter().filter(|known| *known == kind).count(),
            count,
            "{kind}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn windows_planned_at_once_never_meet() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    let document = "mutation($input: MaintenanceWindowScheduleInput!) { \
        maintenanceWindowSchedule(input: $input) { window { id } userErrors { code } } }";
    let input = json!({
        "channelId": merchants[0].channel_id.to_string(),
        "startsAt": "2026-11-24T00:00:00Z", "endsAt": "2026-11-24T01:00:00Z",
    });
    let answers = join_all((0..6).map(|turn| {
        let (merchant, input) = (merchants[turn % 2].clone(), input.clone());
        tokio::spawn(async move {
            let owner = merchant.owner().await;
            owner.data(document, json!({ "input": input })).await
        })
    }))
    .await;
    let mut planned = 0;
    for answer in answers {
        let payload = answer.unwrap()["maintenanceWindowSchedule"].clone();
        if payload["window"] == Value::Null {
            assert_eq!(payload["userErrors"][0]["code"], "OVERLAPS");
        } else {
            planned += 1;
        }
    }
    assert_eq!(planned, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_channel_is_probed_by_one_of_two_instances() {
    let Some((world, merchants)) = two().await else {
        return;
    };
    let channels = 40;
    for _ in 1..channels {
        super::scene::alipay(&merchants[0]).await;
    }
    enter_new(world.app()).await.expect("entered");
    let claims = join_all((0..4).map(|turn| {
        let app = merchants[turn % 2].app().clone();
        tokio::spawn(async move {
            let name = format!("prober {turn}");
            let mut claimed = Vec::new();
            // What another one is just claiming is passed over.
            for _ in 0..30 {
                let due = claim_due(&app, &name, 4).await;
                claimed.extend(due.expect("the database answers"));
            }
            claimed
        })
    }))
    .await;
    let claims = claims
        .into_iter()
        .flat_map(|claim| claim.expect("nobody panics"));
    let all: Vec<_> = claims.map(|probe| probe.channel_id).collect();
    let distinct: BTreeSet<_> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "a channel was claimed twice");
    assert_eq!(
        distinct.len(),
        channels,
        "each channel is claimed by somebody"
    );
}
