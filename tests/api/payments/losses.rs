//! Lost callbacks: the worker asks, closes what expired, and loses nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use yigate::orders::service::claim_due;
use yigate::orders::worker::work;

use super::close;
use crate::everywhere;
use crate::support::{Order, World};

impl World {
    /// The workers deal with what is due now; returns how many orders that were.
    async fn works(&self) -> u64 {
        work(self.app(), &self.gateway.providers).await
    }

    /// The payer pays, and the callback is lost.
    fn pays_unheard(&self, order: &Order) {
        let sandbox = order.merchant().sandbox();
        sandbox
            .pay(&order.order_no, self.clock.now())
            .expect("known there");
    }

    /// The clock moves to so many seconds after an instant.
    fn at(&self, began: DateTime<Utc>, second: i64) {
        self.clock.set(began + TimeDelta::seconds(second));
    }
}

everywhere! {
    async fn a_lost_callback_is_found_at_the_next_question(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let long = json!({ "expiresInSeconds": 7_200 });
        // Paid just before the first, second, third and fourth question.
        for (earlier, question) in [(0, 1), (1, 3), (2, 10), (3, 30)] {
            let began = world.clock.now();
            let order = merchant.order_with("36.00", long.clone()).await;
            for minute in [1, 3, 10].into_iter().take(earlier) {
                world.at(began, minute * 60);
                assert_eq!(world.works().await, 1, "asked after {minute} minutes");
                assert_eq!(world.works().await, 0, "and not again at once");
            }
            world.at(began, question * 60 - 1);
            world.pays_unheard(&order);
            assert_eq!(world.works().await, 0, "not asked before {question} minutes");
            assert_eq!(order.payment_state().await, "PENDING");
            world.at(began, question * 60);
            assert_eq!(world.works().await, 1);
            let seen = order.read("paymentState late paidAt").await;
            assert_eq!(seen["paymentState"], "PAID");
            assert_eq!(seen["late"], false);
            let paid_at = began + TimeDelta::seconds(question * 60 - 1);
            let paid_at = paid_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(seen["paidAt"], paid_at, "when it was paid, not when it was found");
            world.at(began, 86_400);
            assert_eq!(world.works().await, 0, "a paid order is asked about no more");
        }
    }

    async fn an_unpaid_order_closes_at_its_expiry(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        for second in [60, 180, 600, 1_799] {
            world.at(began, second);
            world.works().await;
            assert_eq!(order.payment_state().await, "PENDING");
        }
        world.at(began, 1_800);
        assert_eq!(world.works().await, 1);
        let seen = order.read("paymentState closedAt timeline { kind actor }").await;
        assert_eq!(seen["paymentState"], "CLOSED");
        assert_eq!(seen["closedAt"], "2026-11-23T04:30:00.000Z");
        assert_eq!(seen["timeline"][2], json!({ "kind": "CLOSED", "actor": "system" }));
    }

    async fn an_order_closes_after_a_long_standstill_of_the_workers(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        world.at(began, 86_400);
        while world.works().await > 0 {}
        assert_eq!(order.payment_state().await, "CLOSED");
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "CLOSED"]);
    }

    async fn a_payment_just_before_expiry_is_found_before_closing(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        for second in [60, 180, 600] {
            world.at(began, second);
            world.works().await;
        }
        world.at(began, 1_799);
        world.pays_unheard(&order);
        world.at(began, 1_800);
        assert_eq!(world.works().await, 1);
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
    }

    async fn a_payment_after_closing_is_found_by_the_later_questions(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (paid_at, found_at) in [(1_801, 2_400), (2_401, 9_000)] {
            let began = world.clock.now();
            let order = merchant.order("36.00").await;
            for second in [60, 180, 600, 1_800, 2_400] {
                if second < paid_at {
                    world.at(began, second);
                    assert_eq!(world.works().await, 1, "at {second} s");
                }
            }
            assert_eq!(order.payment_state().await, "CLOSED");
            world.at(began, paid_at);
            world.pays_unheard(&order);
            world.at(began, found_at);
            assert_eq!(world.works().await, 1);
            let timeline = ["CREATED", "PAYMENT_REQUESTED", "CLOSED", "PAID_LATE"];
            assert_eq!(order.timeline().await, timeline);
        }
    }

    async fn an_order_that_its_shop_closed_is_asked_about_all_the_same(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        close(&merchant.owner().await, &order).await;
        world.pays_unheard(&order);
        world.at(began, 60);
        assert_eq!(world.works().await, 1);
        let timeline = ["CREATED", "PAYMENT_REQUESTED", "CLOSED", "PAID_LATE"];
        assert_eq!(order.timeline().await, timeline);
    }

    async fn a_claimed_order_is_claimed_again_only_after_its_lease(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        world.pays_unheard(&order);
        world.at(began, 60);
        let claimed = claim_due(world.app(), 50).await.expect("the database answers");
        assert_eq!(claimed.len(), 1);
        // The instance that claimed it dies here.
        assert_eq!(world.works().await, 0);
        world.at(began, 179);
        assert_eq!(world.works().await, 0);
        world.at(began, 180);
        assert_eq!(world.works().await, 1);
        assert_eq!(order.payment_state().await, "PAID");
    }

    async fn many_due_orders_are_dealt_with_in_batches(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        for _ in 0..60 {
            let order = merchant.order("36.00").await;
            world.pays_unheard(&order);
        }
        world.at(began, 60);
        assert_eq!(world.works().await, 50);
        assert_eq!(world.works().await, 10);
        assert_eq!(world.works().await, 0);
        let events = merchant.events().await;
        assert_eq!(events.iter().filter(|kind| *kind == "ORDER_PAID").count(), 60);
    }

    async fn a_payment_survives_that_its_shop_asks_for_the_code_again(world: World) {
        let began = world.clock.now();
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("36.00");
        input["title"] = json!("sandbox:unavailable-once");
        let order = merchant.order_of(&merchant.asked_for(input.clone()).await);
        world.pays_unheard(&order);
        merchant.asked_for(input).await;
        world.at(began, 60);
        world.works().await;
        assert_eq!(order.payment_state().await, "PAID");
    }
}
