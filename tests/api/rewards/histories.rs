//! Random histories: whatever is redeemed, handed over and called off, as many are taken as are had, and no point is lost.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::scene::REDEMPTION;
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::asked;

/// How many things happen in a history.
const STEPS: usize = 40;

async fn one_history(merchant: &Merchant, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let template = merchant
        .coupon_template(json!({ "quantity": 4, "perMember": 2 }))
        .await;
    let coupon =
        json!({ "kind": "COUPON", "points": 30, "couponTemplateId": template, "stock": 5 });
    let rewards = [
        merchant.reward(json!({ "points": 50, "stock": 3 })).await,
        merchant
            .reward(json!({ "points": 20, "perMember": 2 }))
            .await,
        merchant.reward(coupon).await,
    ];
    let members = ["m1", "m2", "m3"];
    let mut redemptions: Vec<Value> = Vec::new();
    for _ in 0..STEPS {
        let member = members[random.random_range(0..members.len())];
        match random.random_range(0..10) {
            0..2 => {
                let points = random.random_range(1..120);
                merchant.has_points(member, points, None).await;
            }
            2..6 => {
                let reward = &rewards[random.random_range(0..rewards.len())];
                let before = merchant.points_of(member).await;
                let answer = merchant.redeems(reward, member).await;
                let points = answer["redemption"]["points"].as_i64().unwrap_or_default();
                assert_eq!(
                    merchant.points_of(member).await,
                    before - points,
                    "{answer}"
                );
                if points > 0 {
                    redemptions.push(answer["redemption"].clone());
                }
            }
            6..7 if !redemptions.is_empty() => {
                let which = &redemptions[random.random_range(0..redemptions.len())];
                let input = json!({ "id": which["id"] });
                asked(&merchant.shop(), "rewardFulfill", REDEMPTION, input).await;
            }
            _ if !redemptions.is_empty() => {
                let which = &redemptions[random.random_range(0..redemptions.len())];
                merchant.calls_off(which).await;
            }
            _ => {}
        }
        merchant.rewards_are_right().await;
    }
}

everywhere! {
    async fn as_many_are_taken_as_are_had_and_no_point_is_lost(world: World) {
        for seed in 0..6 {
            let merchant = world.merchant(&format!("饭店{seed}")).await;
            one_history(&merchant, seed).await;
        }
    }
}
