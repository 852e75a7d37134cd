//! The gateway dies while it makes an order: it has taken all that the order takes, or nothing.

use entity::campaign::RefundPolicy;
use serde_json::{Value, json};
use yigate::crash;

use super::books::counters_are_right;
use super::regulars::{has_points, points_are_right, program, row_of, with_points};
use super::scene::{cash, cash_rules, code};
use crate::payments::close;
use crate::support::instances::browser;
use crate::support::process::Process;
use crate::support::{CREATE, World};

/// What a shop's server is told over HTTP; none where the connection broke.
async fn asks(world: &World, bearer: &str, input: &Value) -> Option<Value> {
    let url = &world.app().settings.http.public_url;
    let body = json!({ "query": CREATE, "variables": { "input": input } });
    let request = browser()
        .post(format!("{url}/graphql"))
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .body(body.to_string());
    let text = request.send().await.ok()?.text().await.ok()?;
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    Some(answer["data"]["orderCreate"].clone())
}

async fn dies_at_each_point(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let rules = json!({ "benefit": cash("5.00"), "limits": { "total": 1 } });
    let campaign = merchant.campaign("前一名", rules).await;
    let template = merchant
        .template("五元券", &cash_rules(500), RefundPolicy::Restore)
        .await;
    let coupon = merchant.coupon_of(template, None).await;
    program(&merchant, |_| ()).await;
    has_points(&merchant, "M1", 1_000).await;
    let bearer = format!("Bearer {}", merchant.api_key().await);
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let process = async |point: &str| {
        let variables = [(crash::VARIABLE, point)];
        Process::start_with(&settings, world.directory(), &variables).await
    };
    for (point, is_kept) in [("order.reserving", 0), ("order.reserved", 1)] {
        let mut input = with_points(&merchant, "M1", "50.00", "30.00", 1_000);
        input["checkout"]["couponCodes"] = json!([coupon]);
        let mut dying = process(point).await;
        assert_eq!(asks(&world, &bearer, &input).await, None, "nobody answers");
        dying.dies().await;
        assert_eq!(merchant.taken(&campaign).await.0, is_kept, "{point}");
        let points = row_of(&merchant, "M1").await.points;
        assert_eq!(points, 1_000 * (1 - is_kept), "{point}");
        counters_are_right(&merchant).await;
        points_are_right(&merchant).await;
        let living = process("").await;
        let payload = asks(&world, &bearer, &input).await.expect("an answer");
        assert_eq!(code(&payload), "", "{payload}");
        assert_eq!(merchant.taken(&campaign).await, (1, 500));
        counters_are_right(&merchant).await;
        drop(living);
        close(&merchant.owner().await, &merchant.order_of(&payload)).await;
        assert_eq!(merchant.taken(&campaign).await, (0, 0));
        assert_eq!(row_of(&merchant, "M1").await.points, 1_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_taken_all_of_an_order_or_nothing_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        dies_at_each_point(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_has_taken_all_of_an_order_or_nothing_on_sqlite() {
    dies_at_each_point(World::on_sqlite().await).await;
}
