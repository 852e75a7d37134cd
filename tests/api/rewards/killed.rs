//! The gateway dies while it gives a reward: the member has lost nothing, and nothing is taken.

use serde_json::{Value, json};
use yigate::crash;

use crate::support::World;
use crate::support::coupons::new_key;
use crate::support::instances::browser;
use crate::support::process::Process;

/// What a shop's server is told over HTTP; none where the connection broke.
async fn asks(world: &World, bearer: &str, input: &Value) -> Option<Value> {
    let url = &world.app().settings.http.public_url;
    let document = "mutation($input: RewardRedeemInput!) { rewardRedeem(input: $input) \
        { redemption { id } userErrors { code } } }";
    let body = json!({ "query": document, "variables": { "input": input } });
    let request = browser()
        .post(format!("{url}/graphql"))
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .body(body.to_string());
    let text = request.send().await.ok()?.text().await.ok()?;
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    Some(answer["data"]["rewardRedeem"].clone())
}

async fn dies_while_it_gives(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let template = merchant.coupon_template(json!({ "quantity": 1 })).await;
    let reward =
        json!({ "kind": "COUPON", "points": 100, "couponTemplateId": template, "stock": 1 });
    let reward = merchant.reward(reward).await;
    merchant.has_points("m1", 100, None).await;
    let key =
        "mutation { apiKeyCreate(input: { name: \"shop\", scopes: [REWARDS_REDEEM] }) { secret } }";
    let key = merchant.owner().await.data(key, Value::Null).await;
    let bearer = format!(
        "Bearer {}",
        key["apiKeyCreate"]["secret"].as_str().expect("a secret")
    );
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let process = async |point: &str| {
        let variables = [(crash::VARIABLE, point)];
        Process::start_with(&settings, world.directory(), &variables).await
    };
    let input =
        json!({ "idempotencyKey": new_key(), "rewardId": reward, "member": { "memberNo": "m1" } });
    let mut dying = process("reward.redeeming").await;
    assert_eq!(asks(&world, &bearer, &input).await, None, "nobody answers");
    dying.dies().await;
    assert_eq!(merchant.points_of("m1").await, 100);
    let coupons = merchant.coupons(json!({ "templateId": template }), "id");
    assert_eq!(coupons.await.len(), 0);
    merchant.rewards_are_right().await;
    let _living = process("").await;
    let first = asks(&world, &bearer, &input).await.expect("an answer");
    assert_eq!(first["userErrors"], json!([]), "{first}");
    assert_eq!(asks(&world, &bearer, &input).await, Some(first));
    assert_eq!(merchant.points_of("m1").await, 0);
    merchant.rewards_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_given_all_of_a_reward_or_nothing_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        dies_while_it_gives(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_given_all_of_a_reward_or_nothing_on_sqlite() {
    dies_while_it_gives(World::on_sqlite().await).await;
}
