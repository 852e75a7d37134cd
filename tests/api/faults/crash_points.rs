//! The gateway dies at each point of a refund's way: nothing is lost, and nobody is paid twice.

use std::collections::BTreeMap;

use entity::refund;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::config::Settings;
use yigate::crash;

use crate::epay::orders::Stage;
use crate::support::instances::browser;
use crate::support::money::{REFUND, decided};
use crate::support::process::Process;
use crate::support::{Order, Refund, World, eventually, noon};

/// Where a worker dies, in the order of its work: whether the money has left by then, and whether it is
/// written down what became of it.
const WORKING: [(&str, bool, bool); 6] = [
    ("refund.claimed", false, false),
    ("refund.sending", false, false),
    ("refund.answered", true, false),
    ("refund.recording", true, false),
    ("refund.recorded", true, true),
    // Nowhere: it is the measure of the others.
    ("", true, true),
];

struct Scene {
    stage: Stage,
    settings: Settings,
    bearer: String,
}

impl Scene {
    async fn set(world: World) -> Self {
        let world = world
            .served_elsewhere()
            .await
            .with_settings(|settings| {
                settings.refunds.worker_interval_ms = 20;
                settings.refunds.resend_after_ms = 1;
                // Whoever died has it until the test says that its time is over.
                settings.refunds.lease_ms = 3_600_000;
            })
            .await;
        let stage = Stage::set_on(world).await;
        let document = "mutation { apiKeyCreate(input: { name: \"shop\", scopes: [REFUNDS_WRITE, \
            REFUNDS_READ] }) { secret userErrors { code } } }";
        let made = stage.merchant.owner().await.data(document, json!({})).await;
        let secret = made["apiKeyCreate"]["secret"].as_str();
        let mut settings = stage.world.app().settings.clone();
        settings.events.poll_interval_ms = 500;
        Self {
            settings,
            bearer: format!("Bearer {}", secret.unwrap_or_else(|| panic!("{made}"))),
            stage,
        }
    }

    async fn process(&self, point: &str) -> Process {
        let variables = [(crash::REACH, "1"), (crash::VARIABLE, point)];
        Process::start_with(&self.settings, self.stage.world.directory(), &variables).await
    }

    /// Takes all refunds that wait out of the way of what comes next.
    async fn are_put_aside(&self) {
        self.are_taken_up(noon().timestamp_millis() * 2).await;
    }

    /// When all refunds that wait are taken up: never, or at once.
    async fn are_taken_up(&self, at: i64) {
        refund::Entity::update_of(self.stage.merchant.id)
            .filter(refund::Column::NextAttemptAt.is_not_null())
            .col_expr(refund::Column::NextAttemptAt, Expr::value(at))
            .exec(self.stage.world.app().db.writer())
            .await
            .expect("the database answers");
    }

    /// A shop's server asks for a refund over HTTP; none where the connection broke.
    async fn asks(&self, order: &Order, key: &str) -> Option<Value> {
        let input = json!({ "orderId": order.id.to_string(), "idempotencyKey": key });
        let body = json!({ "query": REFUND, "variables": { "input": input } });
        let request = browser()
            .post(format!("{}/graphql", self.settings.http.public_url))
            .header("authorization", &self.bearer)
            .header("content-type", "application/json")
            .body(body.to_string());
        let text = request.send().await.ok()?.text().await.ok()?;
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        Some(answer["data"]["refundCreate"].clone())
    }

    /// A worker dies at each point, each time at another refund.
    async fn workers_die(&self, generation: usize) -> Vec<(Order, Refund)> {
        let mut told = Vec::new();
        for (point, ..) in WORKING {
            if point.is_empty() {
                continue;
            }
            let order = self.order(generation).await;
            let mut process = self.process(point).await;
            let refund = order.refund(json!({})).await;
            process.dies().await;
            self.are_put_aside().await;
            told.push((order, refund));
        }
        told
    }

    async fn order(&self, generation: usize) -> Order {
        let (_, channel) = self.stage.channels[generation];
        self.stage.paid_order("9.90", channel).await
    }

    /// Time passes for a living process, until a refund has come to its end, or to a person.
    async fn comes_to_an_end(&self, refund: &Refund) -> String {
        eventually("the refund is through", async || {
            self.are_taken_up(0).await;
            let seen = refund.read("state needsAttention").await;
            seen["state"] == "SUCCEEDED" || seen["needsAttention"] == true
        })
        .await;
        refund.state().await
    }
}

/// What is left when all are through.
async fn nobody_is_paid_twice(scene: &Scene, orders: &[Order]) {
    let money_back = scene.stage.money_back();
    for order in orders {
        let seen = order.read("refundState").await;
        let full = seen["refundState"] == "FULL";
        let expected: &[&str] = if full { &["9.90"] } else { &[] };
        let given = money_back.get(&order.order_no).cloned().unwrap_or_default();
        assert_eq!(given, expected, "{seen} {}", order.order_no);
    }
    let numbers: Vec<_> = scene.stage.stub.money_back();
    let distinct: BTreeMap<_, _> = numbers
        .iter()
        .map(|one| (&one.out_refund_no, one))
        .collect();
    assert_eq!(distinct.len(), numbers.len());
    scene.stage.merchant.books_are_right().await;
}

async fn workers_that_die(world: World, generation: usize) {
    let scene = Scene::set(world).await;
    let mut refunds = scene.workers_die(generation).await;
    let _process = scene.process("").await;
    let order = scene.order(generation).await;
    let refund = order.refund(json!({})).await;
    refunds.push((order, refund));
    for ((point, moved, recorded), (order, refund)) in WORKING.into_iter().zip(&refunds) {
        let state = scene.comes_to_an_end(refund).await;
        let expected = if generation == 0 && !recorded {
            "UNKNOWN"
        } else {
            "SUCCEEDED"
        };
        assert_eq!(state, expected, "{point}");
        if state == "UNKNOWN" {
            // A person looks at the platform.
            let there = scene.stage.money_back().contains_key(&order.order_no);
            assert_eq!(there, moved, "{point}");
            let outcome = if there { "SUCCEEDED" } else { "FAILED" };
            let owner = scene.stage.merchant.owner().await;
            let input = json!({ "outcome": outcome, "note": "平台后台核对" });
            let payload = decided(&owner, "refundResolve", refund.id, point, input).await;
            assert_eq!(payload["refund"]["state"], outcome);
        }
    }
    let orders: Vec<_> = refunds.into_iter().map(|(order, _)| order).collect();
    nobody_is_paid_twice(&scene, &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_leaves_v1_to_a_person() {
    if let Some(world) = World::on_postgres().await {
        workers_that_die(world, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_has_lost_nothing_of_v2() {
    if let Some(world) = World::on_postgres().await {
        workers_that_die(world, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_has_lost_nothing_on_sqlite() {
    workers_that_die(World::on_sqlite().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asked_a_dying_gateway_asks_again_with_the_same_key_and_has_one_refund() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let scene = Scene::set(world).await;
    let mut orders = Vec::new();
    for (point, is_kept) in [("refund.reserving", false), ("refund.reserved", true)] {
        for generation in [0, 1] {
            let order = scene.order(generation).await;
            let key = format!("{point}-{generation}");
            let mut process = scene.process(point).await;
            assert_eq!(scene.asks(&order, &key).await, None, "nobody answers");
            process.dies().await;
            scene.are_put_aside().await;
            let seen = order.read("refunds { state }").await;
            let kept = seen["refunds"].as_array().expect("refunds").len();
            assert_eq!(kept, usize::from(is_kept), "{point}");
            scene.stage.merchant.books_are_right().await;
            let process = scene.process("").await;
            let payload = scene.asks(&order, &key).await.expect("an answer");
            let again = scene.asks(&order, &key).await.expect("an answer");
            assert_eq!(payload["refund"]["id"], again["refund"]["id"], "{payload}");
            let refund = scene.stage.merchant.refund_of(&payload);
            assert_eq!(scene.comes_to_an_end(&refund).await, "SUCCEEDED");
            drop(process);
            orders.push(order);
        }
    }
    nobody_is_paid_twice(&scene, &orders).await;
}
