//! Probes of platforms that hang: given up in time, and nobody else waits for them.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::channel_probe;
use serde_json::{Value, json};
use yigate::graphql::gateway::Gateway;
use yigate::health::addresses::Addresses;
use yigate::health::prober::{run, work};

use super::probes::{known, of_epay};
use crate::support::epay_stub::{Answering, EpayStub};
use crate::support::{Merchant, World, eventually, start};

#[tokio::test]
async fn a_platform_that_hangs_is_given_up_in_time() {
    let world = World::on_sqlite().await;
    let mut settings = world.app().settings.clone();
    settings.health.probe_timeout_ms = 50;
    let hurried = start(settings, world.clock.clone()).await;
    let (merchant, stub, channels) = of_epay(&world).await;
    stub.answer(Answering::Hang);
    assert_eq!(work(&hurried.app, &hurried.providers, "here").await, 2);
    for channel in channels {
        let told = known(&merchant, channel).await;
        assert_eq!(
            (&told["error"], &told["failures"]),
            (&json!("UNAVAILABLE"), &json!(1))
        );
    }
}

/// A platform that hangs, with so many channels of one merchant, and a gateway that waits so long for it.
async fn hanging(world: &World, channels: usize, timeout_ms: u64) -> (Merchant, EpayStub, Gateway) {
    let mut settings = world.app().settings.clone();
    settings.health.probe_timeout_ms = timeout_ms;
    let gateway = start(settings, world.clock.clone()).await;
    let (merchant, stub, _) = of_epay(world).await;
    for _ in 2..channels {
        let credentials = Some(stub.v1_credentials());
        merchant
            .channel(ChannelKind::EpayV1, PaymentMethod::Alipay, credentials)
            .await;
    }
    stub.answer(Answering::Hang);
    (merchant, stub, gateway)
}

#[tokio::test]
async fn of_one_address_a_few_channels_are_asked_at_a_time_and_the_others_soon() {
    let world = World::on_sqlite().await;
    let (merchant, stub, gateway) = hanging(&world, 20, 3_000).await;
    work(&gateway.app, &gateway.providers, "here").await;
    let rows = || async {
        let rows = channel_probe::Entity::of(merchant.id);
        rows.all(world.app().db.reads_across()).await.unwrap()
    };
    let asked = |rows: &[channel_probe::Model]| {
        let asked = rows.iter().filter(|row| row.probed_at.is_some());
        asked.count()
    };
    let first = rows().await;
    assert_eq!(asked(&first), Addresses::MOST);
    for row in first.iter().filter(|row| row.probed_at.is_none()) {
        assert_eq!((row.failures, &row.leased_by), (0, &None), "it was put off");
        let wait = (row.next_at.0 - world.clock.now()).num_milliseconds();
        assert!((1_000..4_000).contains(&wait), "{wait} ms");
    }
    stub.answer(Answering::Account(1));
    for _ in 0..2 {
        world.clock.advance(TimeDelta::seconds(4));
        work(&gateway.app, &gateway.providers, "here").await;
    }
    assert_eq!(asked(&rows().await), 20);
}

#[tokio::test]
async fn a_platform_that_hangs_keeps_no_other_waiting() {
    let world = World::on_sqlite().await;
    let (_, _stub, gateway) = hanging(&world, 40, 9_000).await;
    let other = world.merchant("老街面馆").await;
    let began = std::time::Instant::now();
    let probing = tokio::spawn(run(gateway.app.clone(), gateway.providers.clone()));
    eventually("the other is probed", async || {
        known(&other, other.channel_id).await["probedAt"] != Value::Null
    })
    .await;
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
    probing.abort();
}
