//! A worker dies in the middle of a batch: the next one goes on behind the last that was written.

use std::collections::BTreeSet;

use serde_json::json;
use yigate::crash;
use yigate::messages::worker::work;

use super::{made, many_members, rows, sent, shown};
use crate::support::process::Process;
use crate::support::{World, eventually};

async fn a_worker_dies(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    many_members(&merchant, 1_100).await;
    let message = made(&merchant, json!({})).await;
    sent(&merchant, &message, json!({})).await;
    assert_eq!(work(world.app()).await, 1);
    assert_eq!(rows(&merchant, &message).await.len(), 500);
    let settings = world.app().settings.clone();
    let variables = [(crash::VARIABLE, "message.batch")];
    let mut process = Process::start_with(&settings, world.directory(), &variables).await;
    process.dies().await;
    assert_eq!(
        rows(&merchant, &message).await.len(),
        500,
        "what was not written is not there"
    );
    let process = Process::start(&settings, world.directory()).await;
    eventually("it is sent", async || {
        shown(&merchant, &message).await["state"] == "SENT"
    })
    .await;
    let all = rows(&merchant, &message).await;
    let members: BTreeSet<_> = all.iter().map(|row| row.member_id).collect();
    assert_eq!((all.len(), members.len()), (1_100, 1_100));
    // It lives until it has numbered them: who is stopped leaves that to others, who come by only now and then.
    let told = merchant.events().await;
    drop(process);
    let told = told.iter().filter(|kind| *kind == "MESSAGE_DELIVERY_SENT");
    assert_eq!(told.count(), 1_100, "nobody is told of twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_in_a_batch_writes_to_nobody_twice_on_sqlite() {
    a_worker_dies(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_in_a_batch_writes_to_nobody_twice_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        a_worker_dies(world).await;
    }
}
