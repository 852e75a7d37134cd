//! Many at once, on PostgreSQL: two instances that follow and send, and a worker whose lease ran out.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::Value;
use yigate::webhooks::service::{Desk, act, claim, follow};
use yigate::webhooks::worker::work;

use super::Shop;
use super::receiver::{Receiver, Saying};
use crate::support::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_make_one_delivery_of_each_event_and_send_it_once() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let shop = Shop::open(world).await;
    let receivers = [Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        shop.endpoint(receiver, &["ORDER_CREATED"]).await;
    }
    let second = shop.world.another_instance().await;
    let instances = [shop.world.gateway.clone(), second];
    let stop = tokio_util::sync::CancellationToken::new();
    let working = instances.clone().map(|gateway| {
        let stop = stop.clone();
        tokio::spawn(async move {
            let desk = Desk::default();
            while !stop.is_cancelled() {
                work(&gateway.app, &gateway.courier, &desk).await;
                tokio::task::yield_now().await;
            }
        })
    });
    let orders = (0..30).map(|turn| {
        let merchant = shop.merchant.on(&instances[turn % 2]);
        tokio::spawn(async move { merchant.order("1.00").await.id.to_string() })
    });
    let orders: BTreeSet<String> = join_all(orders)
        .await
        .into_iter()
        .map(|one| one.expect("made"))
        .collect();
    shop.merchant.numbered().await;
    crate::support::eventually("everything is sent", async || {
        receivers
            .iter()
            .all(|receiver| receiver.heard().len() >= 30)
    })
    .await;
    stop.cancel();
    for working in working {
        working.await.expect("nobody panics");
    }
    for receiver in &receivers {
        let heard = receiver.heard();
        assert_eq!(heard.len(), 30, "each once");
        let told = heard.iter().map(|one| {
            one.json()["data"]["subject"]["id"]
                .as_str()
                .expect("an id")
                .to_owned()
        });
        assert_eq!(told.collect::<BTreeSet<String>>(), orders);
    }
    assert_eq!(super::counted(&shop.world, shop.merchant.id).await, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lost_the_lease_has_no_say() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
    shop.endpoint(&receiver, &["ORDER_PAID"]).await;
    shop.merchant.paid_order("1.00").await;
    shop.merchant.numbered().await;
    let app = shop.world.app();
    follow(app).await.expect("followed");
    // It is claimed, and whoever has it is held up.
    receiver.says(Saying::Late(Duration::from_secs(4)));
    let slow = claim(app, &Desk::default())
        .await
        .expect("claims")
        .remove(0);
    let second = shop.world.another_instance().await;
    work(&second.app, &second.courier, &Desk::default()).await;
    assert_eq!(receiver.heard().len(), 0, "it is taken");
    let (gateway, app) = (shop.world.gateway.clone(), app.clone());
    let sending = tokio::spawn(async move { act(&app, &gateway.courier, &slow).await });
    crate::support::eventually("it is sent", async || receiver.heard().len() == 1).await;
    shop.world.clock.advance(TimeDelta::seconds(21));
    receiver.says_status(503);
    work(&second.app, &second.courier, &Desk::default()).await;
    sending
        .await
        .expect("nobody panics")
        .expect("the database answers");
    let delivery = shop.deliveries(Value::Null).await.remove(0);
    assert_eq!(
        delivery["state"], "PENDING",
        "the last claim's outcome counts"
    );
    let attempts = delivery["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["status"], 503);
    assert_eq!(receiver.heard().len(), 2);
}
