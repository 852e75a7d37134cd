//! The gateway dies while it moves points: it has moved all of them, or none, and the same request does it once.

use serde_json::{Value, json};
use yigate::crash;

use super::scene::{has, has_rules, ordered, points_are_right};
use crate::support::instances::browser;
use crate::support::process::Process;
use crate::support::{Merchant, World};

const ADJUST: &str = "mutation($input: PointsAdjustInput!) { pointsAdjust(input: $input) { \
    member { points { available } } userErrors { code } } }";

/// What a program is told over HTTP; none where the connection broke.
async fn asks(world: &World, bearer: &str, input: &Value) -> Option<Value> {
    let url = &world.app().settings.http.public_url;
    let body = json!({ "query": ADJUST, "variables": { "input": input } });
    let request = browser()
        .post(format!("{url}/graphql"))
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .body(body.to_string());
    let text = request.send().await.ok()?.text().await.ok()?;
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    Some(answer["data"]["pointsAdjust"].clone())
}

async fn key(merchant: &Merchant) -> String {
    let document = "mutation { apiKeyCreate(input: { name: \"crm\", scopes: [MEMBERS_READ, POINTS_ADJUST] }) \
        { secret userErrors { code } } }";
    let answer = merchant.owner().await.data(document, json!({})).await;
    let secret = answer["apiKeyCreate"]["secret"].as_str();
    format!(
        "Bearer {}",
        secret.unwrap_or_else(|| panic!("no key: {answer}"))
    )
}

async fn dies_at_each_point(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    has_rules(&merchant, json!({})).await;
    ordered(&merchant, "M1", "1.00").await;
    let bearer = key(&merchant).await;
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let process = async |point: &str| {
        let variables = [(crash::VARIABLE, point)];
        Process::start_with(&settings, world.directory(), &variables).await
    };
    for (turn, (point, kept)) in [("points.adjusting", 0), ("points.adjusted", 10)]
        .into_iter()
        .enumerate()
    {
        let before = has(&merchant, "M1").await[0];
        let input = json!({ "idempotencyKey": format!("adjusting-{turn}"), "member": { "memberNo": "M1" },
            "points": 10, "reason": "补偿" });
        let mut dying = process(point).await;
        assert_eq!(asks(&world, &bearer, &input).await, None, "nobody answers");
        dying.dies().await;
        assert_eq!(has(&merchant, "M1").await[0], before + kept, "{point}");
        points_are_right(&merchant).await;
        let living = process("").await;
        let payload = asks(&world, &bearer, &input).await.expect("an answer");
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(has(&merchant, "M1").await[0], before + 10, "{point}");
        points_are_right(&merchant).await;
        drop(living);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_moved_all_points_or_none_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        dies_at_each_point(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_moved_all_points_or_none_on_sqlite() {
    dies_at_each_point(World::on_sqlite().await).await;
}
