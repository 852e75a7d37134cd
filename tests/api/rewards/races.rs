//! Many want the same at once, on two instances: on PostgreSQL, where writers really meet.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::coupons::code;
use crate::support::{Merchant, World};

/// How many ask at the same moment.
const AT_ONCE: usize = 40;

async fn two() -> Option<(World, Merchant, Merchant)> {
    let world = World::on_postgres().await?;
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    Some((world, here, there))
}

/// What so many are told who redeem at once, on the two instances by turns.
async fn all_redeem(
    (here, there): (&Merchant, &Merchant),
    many: usize,
    asked: impl Fn(usize) -> (String, String),
) -> Vec<Value> {
    let asking = (0..many).map(|turn| {
        let shop = if turn % 2 == 0 { here } else { there }.clone();
        let (reward, member) = asked(turn);
        tokio::spawn(async move { shop.redeems(&reward, &member).await })
    });
    let answers = stream::iter(asking).buffer_unordered(AT_ONCE);
    answers
        .map(|answer| answer.expect("nobody panics"))
        .collect()
        .await
}

fn told(answers: &[Value], why: &str) -> usize {
    answers.iter().filter(|answer| code(answer) == why).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_members_one_has_the_last_one() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let reward = here.reward(json!({ "stock": 1 })).await;
    for no in 0..200 {
        here.has_points(&format!("m{no}"), 500, None).await;
    }
    let answers = all_redeem((&here, &there), 200, |turn| {
        (reward.clone(), format!("m{turn}"))
    })
    .await;
    assert_eq!([told(&answers, ""), told(&answers, "SOLD_OUT")], [1, 199]);
    let mut left = 0;
    for no in 0..200 {
        left += here.points_of(&format!("m{no}")).await;
    }
    assert_eq!(left, 199 * 500, "nobody else loses a point");
    here.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn points_for_one_buy_one_however_often_it_is_asked() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let rewards = [here.reward(json!({})).await, here.reward(json!({})).await];
    here.has_points("m1", 500, None).await;
    let answers = all_redeem((&here, &there), 40, |turn| {
        (rewards[turn / 2 % 2].clone(), "m1".to_owned())
    })
    .await;
    assert_eq!(
        [told(&answers, ""), told(&answers, "NOT_ENOUGH_POINTS")],
        [1, 39]
    );
    assert_eq!(here.points_of("m1").await, 0);
    here.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_member_never_has_more_than_one_may() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let reward = here.reward(json!({ "perMember": 2, "points": 10 })).await;
    here.has_points("m1", 5_000, None).await;
    let answers = all_redeem((&here, &there), 40, |_| (reward.clone(), "m1".to_owned())).await;
    assert_eq!(
        [told(&answers, ""), told(&answers, "MEMBER_LIMIT")],
        [2, 38]
    );
    assert_eq!(here.points_of("m1").await, 4_980);
    here.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_coupons_are_had_by_as_many_as_there_are() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let template = here.coupon_template(json!({ "quantity": 3 })).await;
    let reward = json!({ "kind": "COUPON", "points": 100, "couponTemplateId": template });
    let reward = here.reward(reward).await;
    for no in 0..30 {
        here.has_points(&format!("m{no}"), 100, None).await;
    }
    let answers = all_redeem((&here, &there), 30, |turn| {
        (reward.clone(), format!("m{turn}"))
    })
    .await;
    assert_eq!(
        [told(&answers, ""), told(&answers, "COUPON_USED_UP")],
        [3, 27]
    );
    let coupons = here.coupons(json!({ "templateId": template }), "id").await;
    assert_eq!(coupons.len(), 3);
    here.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redemption_that_many_call_off_gives_back_once() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let reward = here.reward(json!({ "stock": 5 })).await;
    here.has_points("m1", 500, None).await;
    let taken = here.redeems(&reward, "m1").await["redemption"].clone();
    let calls = (0..20).map(|turn| {
        let shop = if turn % 2 == 0 { &here } else { &there }.clone();
        let taken = taken.clone();
        tokio::spawn(async move { shop.calls_off(&taken).await })
    });
    for answer in futures_util::future::join_all(calls).await {
        let answer = answer.expect("nobody panics");
        assert_eq!(answer["redemption"]["state"], "CANCELED", "{answer}");
    }
    assert_eq!(here.points_of("m1").await, 500);
    here.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reward_that_is_changed_meanwhile_costs_what_it_did_or_does() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let reward = here.reward(json!({ "points": 10 })).await;
    for no in 0..30 {
        here.has_points(&format!("m{no}"), 100, None).await;
    }
    let owner = here.owner().await;
    let dearer = json!({ "id": reward, "expectedVersion": 1, "points": 20, "stock": 30 });
    let change = tokio::spawn(async move {
        crate::support::coupons::asked(&owner, "rewardUpdate", "reward { version }", dearer).await
    });
    let answers = all_redeem((&here, &there), 30, |turn| {
        (reward.clone(), format!("m{turn}"))
    })
    .await;
    let changed = change.await.expect("nobody panics");
    assert_eq!(changed["reward"]["version"], 2, "{changed}");
    assert_eq!(told(&answers, ""), 30);
    let mut spent = 0;
    for answer in &answers {
        let points = answer["redemption"]["points"].as_i64().expect("points");
        assert!([10, 20].contains(&points), "{points}");
        spent += points;
    }
    let mut left = 0;
    for no in 0..30 {
        left += here.points_of(&format!("m{no}")).await;
    }
    assert_eq!(left, 3_000 - spent);
    here.rewards_are_right().await;
}
