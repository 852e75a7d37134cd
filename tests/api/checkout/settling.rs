//! What becomes of what orders took: for good when they are paid, back when they are closed or refunded in full.

use chrono::TimeDelta;
use entity::campaign::RefundPolicy;
use entity::coupon::CouponState;
use entity::offer_counter::{self, CounterKind};
use sea_orm::sea_query::Expr;
use serde_json::json;
use yigate::orders::worker::work;

use super::books::counters_are_right;
use super::scene::{REDEMPTIONS, cash, cash_rules, code};
use crate::everywhere;
use crate::payments::close;
use crate::support::{Merchant, Order, World};

/// A campaign of one order, a coupon, and an order of a member that has both.
pub struct Scene {
    pub merchant: Merchant,
    pub campaign: String,
    pub coupon: String,
    pub order: Order,
}

impl Scene {
    pub async fn of(world: &World, policy: RefundPolicy) -> Self {
        let merchant = world.merchant("汇贤饭店").await;
        let member = merchant.member_id("M1").await;
        let rules = json!({ "benefit": cash("10.00"), "limits": { "total": 1, "perMember": 1,
            "budget": super::scene::cny("15.00") } });
        let gives_back = match policy {
            RefundPolicy::Restore => "RESTORE",
            RefundPolicy::Keep => "KEEP",
        };
        let campaign = merchant
            .campaign_with("前一名", rules, json!({ "refundPolicy": gives_back }))
            .await;
        let template = merchant.template("五元券", &cash_rules(500), policy).await;
        let coupon = merchant.coupon_of(template, Some(member)).await;
        let order = merchant
            .checked_out("50.00", "35.00", &[&coupon], json!({ "memberNo": "M1" }))
            .await;
        Self {
            merchant,
            campaign,
            coupon,
            order,
        }
    }

    /// The states of the campaign's and the coupon's redemption.
    pub async fn states(&self) -> [String; 2] {
        let seen = self.order.read(REDEMPTIONS).await;
        [0, 1].map(|place| {
            let state = seen["redemptions"][place]["state"].as_str();
            state.expect("a state").to_owned()
        })
    }

    /// Everything is there again for others.
    pub async fn all_is_back(&self) {
        assert_eq!(self.states().await, ["ROLLED_BACK", "ROLLED_BACK"]);
        assert_eq!(self.merchant.taken(&self.campaign).await, (0, 0));
        assert_eq!(
            self.merchant.coupon_state(&self.coupon).await,
            CouponState::Available
        );
        counters_are_right(&self.merchant).await;
    }

    /// What is told of the coupon, as a shop that keeps its members' coupons hears it.
    async fn told(&self) -> Vec<String> {
        let mut told = self.merchant.events().await;
        told.retain(|kind| kind.starts_with("COUPON_"));
        told
    }

    /// Another order takes what this one gave back.
    pub async fn goes_to_another(&self) -> Order {
        let m1 = json!({ "memberNo": "M1" });
        let codes = [self.coupon.as_str()];
        self.merchant
            .checked_out("50.00", "35.00", &codes, m1)
            .await
    }
}

everywhere! {
    async fn a_paid_order_has_what_it_took_for_good(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        scene.order.pay().await;
        let seen = scene.order.read(REDEMPTIONS).await;
        for redemption in seen["redemptions"].as_array().expect("a list") {
            assert_eq!(redemption["state"], "COMMITTED");
            assert_eq!(redemption["newcomer"], true, "the first that the member paid");
        }
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Used);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        assert_eq!(scene.told().await, ["COUPON_USED"]);
        // A second order of the member is no newcomer's, and finds nothing left.
        let input = scene.merchant.checkout_input("50.00", "40.00", &[], json!({ "memberNo": "M1" }));
        assert_eq!(code(&scene.merchant.asked_for(input).await), "PRICE_CHANGED");
        counters_are_right(&scene.merchant).await;
    }

    async fn a_closed_order_gives_back_what_it_held(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        let owner = scene.merchant.owner().await;
        close(&owner, &scene.order).await;
        scene.all_is_back().await;
        close(&owner, &scene.order).await;
        scene.all_is_back().await;
        assert_eq!(scene.told().await, ["COUPON_RETURNED"]);
        scene.goes_to_another().await;
    }

    async fn an_order_whose_time_is_over_gives_back_what_it_held(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        world.clock.advance(TimeDelta::hours(1));
        let gateway = &world.gateway;
        while work(&gateway.app, &gateway.providers).await > 0 {}
        scene.all_is_back().await;
        scene.goes_to_another().await;
    }

    async fn an_order_is_closed_though_its_counters_have_less_than_it_gives_back(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        offer_counter::Entity::update_of(scene.merchant.id)
            .col_expr(offer_counter::Column::Taken, Expr::value(0))
            .col_expr(offer_counter::Column::SpentMinor, Expr::value(1))
            .exec(world.app().db.writer())
            .await
            .expect("somebody has made a mistake");
        close(&scene.merchant.owner().await, &scene.order).await;
        assert_eq!(scene.order.read("paymentState").await["paymentState"], "CLOSED");
        scene.all_is_back().await;
    }

    async fn a_full_refund_gives_back_where_the_offer_says_so(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        scene.order.pay().await;
        scene.order.refund_amount("10.00").await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"], "a part gives nothing back");
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.order.read("refundState").await["refundState"], "FULL");
        scene.all_is_back().await;
        assert_eq!(scene.told().await, ["COUPON_USED", "COUPON_RETURNED"]);
        scene.goes_to_another().await;
    }

    async fn a_full_refund_keeps_where_the_offer_says_so(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        scene.order.pay().await;
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Used);
        counters_are_right(&scene.merchant).await;
    }

    async fn what_is_decided_later_of_refunds_is_not_said_of_orders_before(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        scene.order.pay().await;
        let owner = scene.merchant.owner().await;
        let change = "mutation($input: CampaignUpdateInput!) { campaignUpdate(input: $input) { \
            campaign { version } userErrors { code message } } }";
        let input = json!({ "id": scene.campaign, "expectedVersion": 1, "refundPolicy": "KEEP" });
        let done = owner.data(change, json!({ "input": input })).await;
        assert_eq!(done["campaignUpdate"]["campaign"]["version"], 2, "{done}");
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.states().await[0], "ROLLED_BACK");
        let seen = scene.order.read(REDEMPTIONS).await;
        assert_eq!(seen["redemptions"][0]["version"], 1);
    }

    async fn a_payment_that_comes_late_takes_once_more_what_is_left(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        close(&scene.merchant.owner().await, &scene.order).await;
        scene.all_is_back().await;
        scene.order.pay().await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Used);
        let seen = scene.order.read(REDEMPTIONS).await;
        assert_eq!(seen["redemptions"][0]["counted"], true);
        counters_are_right(&scene.merchant).await;
    }

    async fn a_payment_that_comes_too_late_is_given_its_price_and_not_counted(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        close(&scene.merchant.owner().await, &scene.order).await;
        let faster = scene.goes_to_another().await;
        faster.pay().await;
        scene.order.pay().await;
        let seen = scene.order.read(&format!("late paid {{ amount }} {REDEMPTIONS}")).await;
        assert_eq!((&seen["late"], &seen["paid"]["amount"]), (&json!(true), &json!("35.00")));
        for redemption in seen["redemptions"].as_array().expect("a list") {
            assert_eq!((&redemption["state"], &redemption["counted"]), (&json!("COMMITTED"), &json!(false)));
        }
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000), "the limit holds");
        // What was never counted is not given back either.
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Used);
        counters_are_right(&scene.merchant).await;
    }

    async fn uses_of_a_templates_coupons_are_counted(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        let uses = async || -> Vec<(i64, i64)> {
            let all = scene.merchant.counters().await.into_iter();
            all.filter(|((kind, _, _), _)| *kind == CounterKind::CouponUse).map(|(_, taken)| taken).collect()
        };
        // All of them, and the member's.
        assert_eq!(uses().await, [(1, 500); 2]);
        close(&scene.merchant.owner().await, &scene.order).await;
        assert_eq!(uses().await, [(0, 0); 2]);
    }
}
