//! The gateway is killed at random moments: what it has acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use entity::event::EventKind;
use entity::order::PaymentState;
use entity::{event, order};
use sea_orm::{ColumnTrait, QueryFilter};

use super::Shops;
use crate::support::instances::browser;
use crate::support::postgres::PrivatePostgres;
use crate::support::process::Process;
use crate::support::{Merchant, World};

/// How often it is killed.
const ROUNDS: usize = 4;

/// Runs `yigate serve` on a world's database, kills it again and again while shops and payers are at
/// work, and looks at what is left.
async fn told(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let directory = world.directory().to_owned();
    let mut process = Process::start(&settings, &directory).await;
    let shops = Shops::open(&merchant, 4).await;
    let mut paid = BTreeSet::new();
    for _ in 0..ROUNDS {
        shops.go_on(8).await;
        paid.extend(pay_some(&merchant, &shops).await);
        let moment = Duration::from_micros(rand::random_range(0..60_000));
        tokio::time::sleep(moment).await;
        process.kill9();
        process = Process::start(&settings, &directory).await;
    }
    shops.go_on(4).await;
    let answers = shops.close().await;

    let mut acknowledged = BTreeMap::new();
    for answer in answers {
        let Ok(order_no) = answer.order_no else {
            continue;
        };
        let known = acknowledged.insert(answer.merchant_order_no, order_no);
        assert_eq!(known, None, "a shop stops asking when it has its order");
    }
    assert!(acknowledged.len() > ROUNDS * 8 && paid.len() >= ROUNDS);
    everything_is_there(&merchant, &acknowledged, &paid).await;
}

/// Payers pay some of the newest orders; returns those whose platform was told `success`.
async fn pay_some(merchant: &Merchant, shops: &Shops) -> Vec<String> {
    let order_nos: Vec<String> = {
        let answers = shops.answers.lock().expect("a lock");
        let newest = answers.iter().rev();
        newest
            .filter_map(|answer| answer.order_no.clone().ok())
            .take(5)
            .collect()
    };
    let mut told = Vec::new();
    for order_no in order_nos {
        let amount = "36.00".parse().expect("a decimal");
        let callback = merchant
            .sandbox()
            .notification(&order_no, &format!("T{order_no}"), amount);
        let url = &merchant.app().settings.http.public_url;
        let (id, channel_id) = (merchant.id, merchant.channel_id);
        let url = format!("{url}/callbacks/{id}.{channel_id}?{}", callback.query);
        let answer = browser().get(url).send().await;
        if let Ok(answer) = answer
            && answer.text().await.is_ok_and(|text| text == "success")
        {
            told.push(order_no);
        }
    }
    told
}

async fn everything_is_there(
    merchant: &Merchant,
    acknowledged: &BTreeMap<String, String>,
    paid: &BTreeSet<String>,
) {
    let db = merchant.app().db.reads_across();
    let orders = order::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("orders");
    let kept: BTreeMap<_, _> = orders
        .iter()
        .map(|order| (order.merchant_order_no.clone(), order.id.0.to_string()))
        .collect();
    for (merchant_order_no, order_no) in acknowledged {
        assert_eq!(kept.get(merchant_order_no), Some(order_no), "acknowledged");
    }
    assert_eq!(kept.len(), orders.len());
    for order in &orders {
        let is_paid = order.payment_state == PaymentState::Paid;
        assert!(
            is_paid || !paid.contains(&order.id.0.to_string()),
            "told success"
        );
    }
    // Numbers go on without a gap; what the killed one left without one has got it.
    let types = merchant.events().await;
    let count = |kind: &str| types.iter().filter(|known| *known == kind).count();
    assert_eq!(count("ORDER_CREATED"), orders.len());
    let is_paid = |order: &&order::Model| order.payment_state == PaymentState::Paid;
    assert_eq!(count("ORDER_PAID"), orders.iter().filter(is_paid).count());
    let of_creation = event::Column::Kind.eq(EventKind::OrderCreated);
    let events = event::Entity::of(merchant.id)
        .filter(of_creation)
        .all(db)
        .await;
    let told: BTreeSet<i64> = events
        .expect("events")
        .iter()
        .map(|event| event.subject_id)
        .collect();
    let made: BTreeSet<i64> = orders.iter().map(|order| order.id.0).collect();
    assert_eq!(told, made, "every order has its event");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_gateway_has_lost_nothing_on_sqlite() {
    told(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_gateway_has_lost_nothing_on_postgres() {
    let Some(server) = PrivatePostgres::maybe_start() else {
        return;
    };
    told(World::on_private_postgres(&server).await).await;
}
