//! PostgreSQL is killed while clients ask for refunds: each key has one refund, and the books are right.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use entity::{channel, refund};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use yigate::refunds;

use crate::support::instances::browser;
use crate::support::money::REFUND;
use crate::support::postgres::PrivatePostgres;
use crate::support::{Merchant, Order, World, eventually};

/// How many clients ask.
const CLIENTS: usize = 6;
/// How the sandbox treats their refunds, by turns.
const MARKERS: [&str; 3] = ["", "sandbox:refund-at-once", "sandbox:refund-lost-answer"];

/// What the clients were told: the refund of each key, and how often they had to ask again.
#[derive(Default)]
struct Told {
    stop: AtomicBool,
    refunds: Mutex<BTreeMap<String, String>>,
    again: AtomicUsize,
}

impl Told {
    fn count(&self) -> usize {
        self.refunds.lock().expect("a lock").len()
    }

    async fn goes_on(&self, more: usize) {
        let wanted = self.count() + more;
        eventually("more refunds", async || self.count() >= wanted).await;
    }
}

/// A client asks for one refund after the other, each until it has it, and then once more.
fn asks(
    merchant: &Merchant,
    bearer: &str,
    orders: &[Order],
    turn: usize,
    told: &Arc<Told>,
) -> JoinHandle<()> {
    let url = format!("{}/graphql", merchant.app().settings.http.public_url);
    let (bearer, told) = (bearer.to_owned(), Arc::clone(told));
    let orders: Vec<String> = orders.iter().map(|order| order.id.to_string()).collect();
    tokio::spawn(async move {
        let client = browser();
        for no in 0.. {
            if told.stop.load(Ordering::SeqCst) {
                return;
            }
            let key = format!("refund-{turn}-{no}");
            let input = json!({
                "idempotencyKey": key, "orderId": orders[(turn + no) % orders.len()],
                "amount": { "amount": "0.10", "currency": "CNY" },
                "reasonText": MARKERS[no % 3],
            });
            let body = json!({ "query": REFUND, "variables": { "input": input } }).to_string();
            let mut answers = 0;
            while answers < 2 {
                let request = client.post(&url).header("authorization", &bearer);
                let request = request.header("content-type", "application/json");
                if let Some(id) = answer(request.body(body.clone())).await {
                    answers += 1;
                    let mut refunds = told.refunds.lock().expect("a lock");
                    let known = refunds.insert(key.clone(), id.clone());
                    assert!(
                        known.is_none_or(|known| known == id),
                        "two refunds of {key}"
                    );
                } else {
                    told.again.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    })
}

/// The refund of an answer; none where it is to be asked again.
async fn answer(request: reqwest::RequestBuilder) -> Option<String> {
    let text = request.send().await.ok()?.text().await.ok()?;
    let answer: Value = serde_json::from_str(&text).ok()?;
    let payload = &answer["data"]["refundCreate"];
    let code = payload["userErrors"][0]["code"].as_str();
    assert!(matches!(code, None | Some("IN_PROGRESS")), "{answer}");
    payload["refund"]["id"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_key_has_one_refund_however_often_postgres_crashes() {
    let Some(mut server) = PrivatePostgres::maybe_start() else {
        return;
    };
    let world = World::on_private_postgres(&server).await;
    let world = world
        .with_settings(|settings| settings.refunds.worker_interval_ms = 50)
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    merchant.takes_fees("0.006").await;
    merchant
        .set_channel(channel::Column::RefundMaxCount, 10_000)
        .await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(merchant.paid_order("999.00").await);
    }
    let owner = world
        .gateway
        .auth
        .mint(merchant.staff(entity::membership::Role::Owner), merchant.id);
    let bearer = format!("Bearer {}", owner.await.expect("a token").text);
    let (app, providers) = (world.app().clone(), world.gateway.providers.clone());
    let working = tokio::spawn(refunds::worker::run(app, providers));
    let told = Arc::new(Told::default());
    let asking: Vec<_> = (0..CLIENTS)
        .map(|turn| asks(&merchant, &bearer, &orders, turn, &told))
        .collect();
    for _ in 0..2 {
        told.goes_on(20).await;
        server.kill9();
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.start();
    }
    told.goes_on(20).await;
    told.stop.store(true, Ordering::SeqCst);
    for client in asking {
        client
            .await
            .expect("every client gets its refund in the end");
    }
    assert!(told.again.load(Ordering::SeqCst) > 0, "nobody noticed");
    let kept = refund::Entity::of(merchant.id)
        .all(world.app().db.reads_across())
        .await;
    let kept = kept.expect("refunds");
    assert_eq!(
        kept.len(),
        told.count(),
        "a refund for each key, and no other"
    );
    // The worker goes on by itself, and brings all to their end.
    eventually("every refund is through", async || {
        world.clock.advance(chrono::TimeDelta::minutes(1));
        let refunds = refund::Entity::of(merchant.id)
            .all(world.app().db.reads_across())
            .await;
        let mut refunds = refunds.expect("refunds").into_iter();
        refunds.all(|refund| refund.state == refund::RefundStatus::Succeeded)
    })
    .await;
    world.app().shutdown.cancel();
    working.await.expect("nobody panics");
    merchant.books_are_right().await;
}
