//! Two instances at once: each member is written to once.

use std::collections::BTreeSet;

use serde_json::json;
use yigate::messages::worker::work;

use super::{made, many_members, rows, sent, shown};
use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_write_to_each_member_once_on_postgres() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    many_members(&merchant, 1_700).await;
    let message = made(&merchant, json!({})).await;
    sent(&merchant, &message, json!({})).await;
    let second = world.another_instance().await;
    let instances = [
        world.gateway.clone(),
        second.clone(),
        world.gateway.clone(),
        second,
    ];
    let working = instances.map(|gateway| {
        tokio::spawn(async move {
            for _ in 0..20 {
                work(&gateway.app).await;
                tokio::task::yield_now().await;
            }
        })
    });
    for one in working {
        one.await.expect("nobody panics");
    }
    super::works(&world).await;
    let all = rows(&merchant, &message).await;
    let members: BTreeSet<_> = all.iter().map(|row| row.member_id).collect();
    assert_eq!((all.len(), members.len()), (1_700, 1_700));
    assert_eq!(shown(&merchant, &message).await["state"], "SENT");
    let told = merchant.events().await;
    let count = |wanted: &str| told.iter().filter(|kind| *kind == wanted).count();
    assert_eq!(count("MESSAGE_DELIVERY_SENT"), 1_700, "one event for each");
    assert_eq!(
        [count("MESSAGE_STARTED"), count("MESSAGE_FINISHED")],
        [1, 1]
    );
}
