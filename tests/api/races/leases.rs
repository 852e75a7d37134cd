//! A worker whose lease ran out: it sends nothing any more, and its word counts no more.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use yigate::graphql::gateway::Gateway;
use yigate::refunds::service::{Claimed, act, claim_due};
use yigate::refunds::worker::work;

use super::at_once;
use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::epay_stub::Refunding;
use crate::support::money::decided;
use crate::support::{Refund, World, eventually};

/// How long a worker has for a refund in these tests.
const LEASE_MS: u64 = 15_000;

struct Rivals {
    stage: Stage,
    second: Gateway,
}

impl Rivals {
    async fn meet(world: World) -> Self {
        let world = world
            .with_settings(|settings| settings.refunds.lease_ms = LEASE_MS)
            .await;
        let stage = Stage::set(world).await;
        // SQLite has one writer for all who are in its process.
        let second = match stage
            .world
            .app()
            .settings
            .database
            .url
            .starts_with("sqlite")
        {
            true => stage.world.gateway.clone(),
            false => stage.world.another_instance().await,
        };
        Self { stage, second }
    }

    /// A refund of a paid order through the channel of a generation.
    async fn refund(&self, generation: usize) -> (String, Refund) {
        let (_, channel) = self.stage.channels[generation];
        let order = self.stage.paid_order("9.90", channel).await;
        (order.order_no.clone(), order.refund(json!({})).await)
    }

    async fn claims(&self) -> Claimed {
        let mut claimed = claim_due(self.stage.world.app(), 32).await.expect("claims");
        assert_eq!(claimed.len(), 1);
        claimed.remove(0)
    }

    fn lease_is_over(&self) {
        let more = i64::try_from(LEASE_MS).expect("a number") + 1;
        self.stage
            .world
            .clock
            .advance(TimeDelta::milliseconds(more));
    }

    async fn second_works(&self) {
        while work(&self.second.app, &self.second.providers).await > 0 {}
    }

    /// The second takes the refund up whenever its turn comes, for three hours.
    async fn second_works_for_hours(&self) {
        for _ in 0..60 {
            self.second_works().await;
            self.stage.world.clock.advance(TimeDelta::minutes(3));
        }
    }
}

everywhere! {
    async fn who_was_held_up_since_it_claimed_sends_nothing(world: World) {
        let rivals = Rivals::meet(world).await;
        let gateway = &rivals.stage.world.gateway;
        for generation in [0, 1] {
            let (_, refund) = rivals.refund(generation).await;
            let late = rivals.claims().await;
            rivals.lease_is_over();
            rivals.second_works_for_hours().await;
            let before = (refund.state().await, rivals.stage.stub.refunds_asked().len());
            act(&gateway.app, &gateway.providers, &late).await.unwrap_err();
            let after = (refund.state().await, rivals.stage.stub.refunds_asked().len());
            assert_eq!(before, after);
            assert_eq!(before.0, ["UNKNOWN", "SUCCEEDED"][generation]);
        }
        // V1 was never sent: whoever claimed it might have, and a person has to look.
        assert_eq!(rivals.stage.stub.money_back().len(), 1);
        rivals.stage.merchant.books_are_right().await;
    }

    async fn a_slow_answer_counts_no_more_once_another_has_the_lease(world: World) {
        let rivals = Rivals::meet(world).await;
        let stub = &rivals.stage.stub;
        for generation in [0, 1] {
            let (order_no, refund) = rivals.refund(generation).await;
            stub.refund_once(Refunding::Slowly(Duration::from_millis(1200)));
            let slow = rivals.claims().await;
            let gateway = rivals.stage.world.gateway.clone();
            let asked = stub.refunds_asked().len();
            let working = tokio::spawn(async move {
                act(&gateway.app, &gateway.providers, &slow).await.expect("the word is dropped");
            });
            eventually("it is sent", async || stub.refunds_asked().len() > asked).await;
            rivals.lease_is_over();
            rivals.second_works().await;
            let state = refund.read("state needsAttention").await;
            assert_eq!(state, json!({ "state": "UNKNOWN", "needsAttention": generation == 0 }));
            working.await.expect("nobody panics");
            assert_eq!(refund.state().await, "UNKNOWN", "the later word stands");
            rivals.second_works_for_hours().await;
            assert_eq!(refund.state().await, ["UNKNOWN", "SUCCEEDED"][generation]);
            if generation == 0 {
                let owner = rivals.stage.merchant.owner().await;
                let input = json!({ "outcome": "SUCCEEDED", "note": "平台后台已退款" });
                decided(&owner, "refundResolve", refund.id, "resolve-0001", input).await;
                assert_eq!(refund.state().await, "SUCCEEDED");
            }
            assert_eq!(rivals.stage.money_back()[&order_no], ["9.90"], "once");
        }
        rivals.stage.merchant.books_are_right().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn workers_of_two_instances_send_each_number_once() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let rivals = Rivals::meet(world).await;
    let mut refunds = Vec::new();
    for turn in 0..24 {
        refunds.push(rivals.refund(turn % 2).await);
    }
    for _ in 0..4 {
        at_once((0..4).map(|turn| {
            let gateway = [&rivals.stage.world.gateway, &rivals.second][turn % 2].clone();
            async move { while work(&gateway.app, &gateway.providers).await > 0 {} }
        }))
        .await;
        rivals.stage.world.clock.advance(TimeDelta::seconds(10));
    }
    for (order_no, refund) in &refunds {
        assert_eq!(refund.state().await, "SUCCEEDED");
        assert_eq!(rivals.stage.money_back()[order_no], ["9.90"]);
    }
    let asked = rivals.stage.stub.refunds_asked();
    assert_eq!(asked.len(), refunds.len(), "each was sent once");
    rivals.stage.merchant.books_are_right().await;
}
