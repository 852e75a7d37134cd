//! Two people change channels at the same time.

use serde_json::json;

use super::{Two, at_once, count};
use crate::channels::{asked, done};
use crate::support::Client;

/// Both instances' owners.
async fn owners(two: &Two) -> [Client; 2] {
    [two.here.owner().await, two.there.owner().await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_closes_the_last_two_channels_at_once_closes_one() {
    let Some(two) = Two::start().await else {
        return;
    };
    let owners = owners(&two).await;
    let wanted = json!({ "name": "支付宝", "kind": "SANDBOX", "method": "ALIPAY" });
    let second = done(&owners[0], "channelCreate", wanted).await["id"].clone();
    let ids = [json!(two.here.channel_id.to_string()), second];
    for round in 0..10 {
        let payloads = at_once((0..2).map(|turn| {
            let (owner, id) = (owners[turn].clone(), ids[turn].clone());
            async move { asked(&owner, "channelDisable", json!({ "channelId": id })).await }
        }))
        .await;
        assert_eq!(count(&payloads, ""), 1, "round {round}: {payloads:?}");
        assert_eq!(count(&payloads, "LAST_ENABLED"), 1, "round {round}");
        for id in &ids {
            done(&owners[0], "channelEnable", json!({ "channelId": id })).await;
        }
    }
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_know_one_version_one_makes_the_next() {
    let Some(two) = Two::start().await else {
        return;
    };
    let owners = owners(&two).await;
    let id = two.here.channel_id.to_string();
    for version in 1..=3 {
        let payloads = at_once((0..8).map(|turn| {
            let (owner, id) = (owners[turn % 2].clone(), id.clone());
            let name = format!("{version}.{turn}");
            let input = json!({ "channelId": id, "expectedVersion": version, "name": name });
            async move { asked(&owner, "channelUpdate", input).await }
        }))
        .await;
        assert_eq!(count(&payloads, ""), 1, "{payloads:?}");
        assert_eq!(count(&payloads, "VERSION_CONFLICT"), 7);
    }
    let versions = "SELECT count(*) FROM channel_versions";
    assert_eq!(two.count(versions).await, 4);
    let told = "SELECT count(*) FROM events WHERE kind = 'CHANNEL_UPDATED'";
    assert_eq!(two.count(told).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn channels_made_at_once_get_a_place_each_and_are_fifty_at_the_most() {
    let Some(two) = Two::start().await else {
        return;
    };
    let owners = owners(&two).await;
    let payloads = at_once((0..56).map(|turn| {
        let owner = owners[turn % 2].clone();
        let input = json!({ "name": turn.to_string(), "kind": "SANDBOX", "method": "ALIPAY" });
        async move { asked(&owner, "channelCreate", input).await }
    }))
    .await;
    assert_eq!(count(&payloads, ""), 49);
    assert_eq!(count(&payloads, "TOO_MANY_CHANNELS"), 7);
    let mut places: Vec<i64> = payloads
        .iter()
        .filter_map(|payload| payload["channel"]["displayOrder"].as_i64())
        .collect();
    places.sort_unstable();
    assert_eq!(places, (2..=50).collect::<Vec<_>>());
}
