//! What comes late: payments of closed orders, and refunds that the bank returns.

use entity::campaign::RefundPolicy;
use entity::coupon::CouponState;
use entity::merchant::LatePaymentPolicy;
use entity::offer_counter::{self, Column, CounterKind};
use entity::{CampaignId, MerchantId};
use futures_util::{StreamExt, stream};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, Select};
use serde_json::json;
use yigate::error::Error;

use super::books::counters_are_right;
use super::scene::{REDEMPTIONS, cash, code, deadlocks, until_waiting};
use super::settling::Scene;
use crate::everywhere;
use crate::payments::close;
use crate::support::money::decided;
use crate::support::{Refund, World};

impl Scene {
    /// The bank returns a refund that had gone through.
    async fn bank_returns(&self, refund: &Refund) {
        let owner = self.merchant.owner().await;
        let returned = json!({ "outcome": "REVERSED", "note": "银行退回" });
        let payload = decided(&owner, "refundResolve", refund.id, "resolve-0001", returned).await;
        assert_eq!(payload["refund"]["state"], "REVERSED", "{payload}");
        assert_eq!(self.order.read("refundState").await["refundState"], "NONE");
    }

    /// Whether counters hold what the order took.
    async fn counted(&self) -> Vec<bool> {
        let seen = self.order.read(REDEMPTIONS).await;
        let all = seen["redemptions"].as_array().expect("a list").iter();
        all.map(|it| it["counted"] == json!(true)).collect()
    }
}

everywhere! {
    async fn a_late_payment_that_is_sent_back_takes_nothing_whatever_offers_say_of_refunds(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        scene.merchant.decides_late_payments(LatePaymentPolicy::AutoRefund).await;
        close(&scene.merchant.owner().await, &scene.order).await;
        scene.order.pay().await;
        scene.merchant.refunds_go_through().await;
        let seen = scene.order.read("late refundState").await;
        assert_eq!(seen, json!({ "late": true, "refundState": "FULL" }));
        scene.all_is_back().await;
        // For the same member, too, to whom it may be given once.
        scene.goes_to_another().await;
    }

    async fn a_late_payment_that_a_buyer_gives_back_is_kept_where_the_offer_says_so(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        close(&scene.merchant.owner().await, &scene.order).await;
        scene.order.pay().await;
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        counters_are_right(&scene.merchant).await;
    }

    async fn a_refund_that_the_bank_returns_takes_once_more_what_it_gave_back(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        scene.order.pay().await;
        let refund = scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        scene.all_is_back().await;
        scene.bank_returns(&refund).await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        assert_eq!(scene.counted().await, [true, true]);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Used);
        let seen = scene.order.read(REDEMPTIONS).await;
        assert_eq!(seen["redemptions"][0]["newcomer"], true, "as it was");
        counters_are_right(&scene.merchant).await;
        // Refunded once more, it is given back once more.
        scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        scene.all_is_back().await;
    }

    async fn of_a_refund_that_the_bank_returns_nothing_is_counted_that_others_have_by_then(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Restore).await;
        scene.order.pay().await;
        let refund = scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        scene.goes_to_another().await;
        scene.bank_returns(&refund).await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        assert_eq!(scene.counted().await, [false, false]);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000), "the limit holds");
        assert_eq!(scene.merchant.coupon_state(&scene.coupon).await, CouponState::Reserved);
        counters_are_right(&scene.merchant).await;
    }

    async fn a_refund_that_gave_nothing_back_has_nothing_to_take_when_the_bank_returns_it(world: World) {
        let scene = Scene::of(&world, RefundPolicy::Keep).await;
        scene.order.pay().await;
        let refund = scene.order.refund(json!({})).await;
        scene.merchant.refunds_go_through().await;
        scene.bank_returns(&refund).await;
        assert_eq!(scene.states().await, ["COMMITTED", "COMMITTED"]);
        assert_eq!(scene.merchant.taken(&scene.campaign).await, (1, 1_000));
        counters_are_right(&scene.merchant).await;
    }

    async fn a_late_payment_of_two_campaigns_counts_the_one_that_is_left(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let one = json!({ "benefit": cash("5.00"), "limits": { "total": 1 } });
        let first = merchant.campaign("前一名", one).await;
        let second = merchant.campaign("立减", json!({ "benefit": cash("3.00") })).await;
        let order = merchant.checked_out("50.00", "42.00", &[], json!({})).await;
        close(&merchant.owner().await, &order).await;
        merchant.checked_out("50.00", "42.00", &[], json!({})).await;
        order.pay().await;
        let seen = order.read("redemptions { state counted campaign { id } }").await;
        assert_eq!(seen["redemptions"], json!([
            { "state": "COMMITTED", "counted": false, "campaign": { "id": first } },
            { "state": "COMMITTED", "counted": true, "campaign": { "id": second } },
        ]));
        assert_eq!(merchant.taken(&first).await, (1, 500));
        assert_eq!(merchant.taken(&second).await, (2, 600));
        counters_are_right(&merchant).await;
    }
}

/// The counter of a campaign in a span that begins so.
fn counter(merchant_id: MerchantId, campaign: &str, span: &str) -> Select<offer_counter::Entity> {
    let id: CampaignId = campaign.parse().expect("an id");
    offer_counter::Entity::of(merchant_id)
        .filter(Column::Kind.eq(CounterKind::Campaign))
        .filter(Column::OfferId.eq(id.0))
        .filter(Column::Span.starts_with(span))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_late_payment_takes_counters_in_the_order_in_which_orders_do() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let (app, merchant) = (world.app(), world.merchant("汇贤饭店").await);
    let five = json!({ "benefit": cash("5.00") });
    let first = &merchant.campaign("五元", five).await;
    let second = &merchant
        .campaign("三元", json!({ "benefit": cash("3.00") }))
        .await;
    let order = &merchant.checked_out("50.00", "42.00", &[], json!({})).await;
    close(&merchant.owner().await, order).await;
    // Somebody has the counter of everything of the first campaign: orders take it last but one.
    let paying = app.write(merchant.id, |txn| async move {
        let all = counter(merchant.id, first, "").filter(Column::Span.eq(""));
        all.lock_exclusive().one(&*txn).await?.expect("a counter");
        let order = order.clone();
        let paying = tokio::spawn(async move { order.pay().await });
        until_waiting(app, 1).await;
        let free = app.write(merchant.id, |txn| async move {
            let day = counter(merchant.id, second, "d");
            let day = day.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            Ok::<_, Error>(day.one(&*txn).await?)
        });
        let free = free.await?;
        assert_eq!(
            free, None,
            "the second campaign's day comes before all of the first"
        );
        Ok::<_, Error>(paying)
    });
    let paying = paying.await.expect("the transaction goes on");
    paying.await.expect("nobody panics");
    assert_eq!(order.read("paymentState").await["paymentState"], "PAID");
    counters_are_right(&merchant).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn late_payments_and_orders_of_two_campaigns_never_wait_in_a_circle() {
    const MANY: usize = 30;
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    let five = json!({ "benefit": cash("5.00") });
    let first = merchant.campaign("五元", five).await;
    let second = merchant
        .campaign("三元", json!({ "benefit": cash("3.00") }))
        .await;
    let member = |turn: usize| json!({ "memberNo": format!("M{}", turn % 3) });
    let owner = merchant.owner().await;
    let mut late = Vec::new();
    for turn in 0..MANY {
        let order = merchant
            .checked_out("50.00", "42.00", &[], member(turn))
            .await;
        close(&owner, &order).await;
        late.push(order);
    }
    let both = late.iter().enumerate().map(|(turn, order)| {
        let (shop, order) = (merchant.clone(), order.clone());
        let input = merchant.checkout_input("50.00", "42.00", &[], member(turn));
        let paying = tokio::spawn(async move { order.pay().await });
        let asking = tokio::spawn(async move { shop.asked_for(input).await });
        async move {
            paying.await.expect("nobody panics");
            asking.await.expect("nobody panics")
        }
    });
    let answers: Vec<_> = stream::iter(both).buffer_unordered(MANY).collect().await;
    for payload in &answers {
        assert_eq!(code(payload), "", "{payload}");
    }
    let many = i64::try_from(MANY).expect("few");
    assert_eq!(merchant.taken(&first).await, (2 * many, 1_000 * many));
    assert_eq!(merchant.taken(&second).await, (2 * many, 600 * many));
    counters_are_right(&merchant).await;
    assert_eq!(deadlocks(world.app()).await, 0);
}
