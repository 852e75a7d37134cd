//! Many check out at once, on two instances: on PostgreSQL, where writers really meet.

use entity::CampaignId;
use entity::campaign::RefundPolicy;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use yigate::campaigns::service::lock_current;
use yigate::error::Error;

use super::books::counters_are_right;
use super::scene::{cash, cash_rules, cny, code, full, until_waiting};
use crate::support::{Merchant, World};

/// How many want the last one.
const MANY: usize = 500;
/// How many of them ask at the same moment.
const AT_ONCE: usize = 40;

/// What everybody is told who asks for such an order, on two instances by turns.
async fn all_ask(
    merchant: &Merchant,
    there: &Merchant,
    input: impl Fn(usize) -> Value,
) -> Vec<Value> {
    let asked = (0..MANY).map(|turn| {
        let shop = if turn % 2 == 0 { merchant } else { there }.clone();
        let input = input(turn);
        tokio::spawn(async move { shop.asked_for(input).await })
    });
    let answers = stream::iter(asked).buffer_unordered(AT_ONCE);
    answers
        .map(|answer| answer.expect("nobody panics"))
        .collect()
        .await
}

/// One has it, and everybody else is told why not, by one of these codes.
fn one_wins(answers: &[Value], losers: &[&str]) {
    let won = answers.iter().filter(|payload| code(payload).is_empty());
    assert_eq!(won.count(), 1);
    for payload in answers {
        let code = code(payload);
        assert!(code.is_empty() || losers.contains(&code), "{payload}");
        assert_eq!(code.is_empty(), !payload["order"].is_null());
    }
}

async fn two() -> Option<(World, Merchant, Merchant)> {
    let world = World::on_postgres().await?;
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    Some((world, here, there))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_hundred_one_has_the_last_redemption() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let rules = json!({ "benefit": cash("5.00"), "limits": { "total": 3 } });
    let campaign = here.campaign("前三名", rules).await;
    for _ in 0..2 {
        here.checked_out("50.00", "45.00", &[], json!({})).await;
    }
    let answers = all_ask(&here, &there, |_| {
        here.checkout_input("50.00", "45.00", &[], json!({}))
    })
    .await;
    one_wins(&answers, &["OFFER_USED_UP", "PRICE_CHANGED"]);
    assert_eq!(here.taken(&campaign).await, (3, 1_500));
    counters_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_hundred_one_has_the_last_yuan_of_the_budget() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let rules = json!({ "benefit": full("50.00", "5.00"), "limits": { "budget": cny("11.00") } });
    let campaign = here.campaign("十一元", rules).await;
    here.checked_out("50.00", "45.00", &[], json!({})).await;
    let answers = all_ask(&here, &there, |_| {
        here.checkout_input("50.00", "45.00", &[], json!({}))
    })
    .await;
    one_wins(&answers, &["OFFER_USED_UP", "PRICE_CHANGED"]);
    assert_eq!(
        here.taken(&campaign).await,
        (2, 1_000),
        "one yuan is too little for another"
    );
    counters_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_five_hundred_one_has_the_coupon() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let template = here
        .template("五元券", &cash_rules(500), RefundPolicy::Restore)
        .await;
    let coupon = here.coupon_of(template, None).await;
    let codes = [coupon.as_str()];
    let answers = all_ask(&here, &there, |_| {
        here.checkout_input("50.00", "45.00", &codes, json!({}))
    })
    .await;
    one_wins(&answers, &["OFFER_USED_UP", "COUPON_NOT_USABLE"]);
    counters_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_member_who_asks_many_times_at_once_has_it_once() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let rules = json!({ "benefit": cash("5.00"), "audience": { "newcomers": true } });
    here.campaign("新客", rules).await;
    let m1 = json!({ "memberNo": "M1" });
    let answers = all_ask(&here, &there, |_| {
        here.checkout_input("50.00", "45.00", &[], m1.clone())
    })
    .await;
    one_wins(&answers, &["OFFER_USED_UP", "PRICE_CHANGED"]);
    counters_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_campaign_is_given_to_nobody_once_its_pause_is_told() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let campaign = here
        .campaign("立减", json!({ "benefit": cash("5.00") }))
        .await;
    // The other instance keeps it in mind.
    there.checked_out("50.00", "45.00", &[], json!({})).await;
    here.turn("Pause", &campaign).await;
    let payload = there
        .asked_for(there.checkout_input("50.00", "45.00", &[], json!({})))
        .await;
    assert_eq!(code(&payload), "PRICE_CHANGED");
    there.checked_out("50.00", "50.00", &[], json!({})).await;
    assert_eq!(here.taken(&campaign).await, (1, 500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_pause_waits_for_the_orders_before_it_and_the_orders_after_it_wait_for_it() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let (app, shop) = (world.app(), &world.merchant("汇贤饭店").await);
    let campaign = &shop
        .campaign("立减", json!({ "benefit": cash("5.00") }))
        .await;
    let id: CampaignId = campaign.parse().expect("an id");
    let both = app.write(shop.id, |txn| async move {
        // An order is being made.
        lock_current(&txn, app, shop.id, &[id]).await?;
        let (pausing, campaign) = (shop.clone(), campaign.clone());
        let pausing = tokio::spawn(async move { pausing.turn("Pause", &campaign).await });
        until_waiting(app, 1).await;
        let (asking, input) = (
            shop.clone(),
            shop.checkout_input("50.00", "45.00", &[], json!({})),
        );
        let asking = tokio::spawn(async move { asking.asked_for(input).await });
        until_waiting(app, 2).await;
        Ok::<_, Error>((pausing, asking))
    });
    let (pausing, asking) = both.await.expect("the transaction goes on");
    pausing.await.expect("it is paused");
    let payload = asking.await.expect("nobody panics");
    assert_eq!(code(&payload), "PRICE_CHANGED");
    assert_eq!(shop.taken(campaign).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_that_are_made_while_a_campaign_turns_on_and_off_have_what_they_paid_for() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let campaign = here
        .campaign("立减", json!({ "benefit": cash("5.00") }))
        .await;
    let turning = {
        let (here, campaign) = (here.clone(), campaign.clone());
        tokio::spawn(async move {
            for _ in 0..15 {
                here.turn("Pause", &campaign).await;
                here.turn("Activate", &campaign).await;
            }
        })
    };
    let answers = all_ask(&here, &there, |turn| {
        let payable = if turn % 4 < 2 { "45.00" } else { "50.00" };
        here.checkout_input("50.00", payable, &[], json!({}))
    })
    .await;
    turning.await.expect("nobody panics");
    for payload in &answers {
        assert!(
            ["", "PRICE_CHANGED", "OFFER_CHANGED"].contains(&code(payload)),
            "{payload}"
        );
    }
    let made = answers.iter().filter(|payload| code(payload).is_empty());
    assert!(made.count() > 0, "some were told the right price");
    counters_are_right(&here).await;
}
