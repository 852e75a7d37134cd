//! Points as payment: what they take off, what becomes of them, and who is told why they cannot.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::books::counters_are_right;
use super::regulars::{
    POINTS, has_points, has_tier, of_orders, paid_with, program, row_of, tier, with_points,
};
use super::scene::{REDEMPTIONS, cash, code, lines};
use crate::everywhere;
use crate::payments::close;
use crate::support::{Merchant, World};

/// What a quote of one line says of points.
async fn quote(merchant: &Merchant, amount: &str, no: Option<&str>, points: Option<i64>) -> Value {
    let input = json!({ "lines": lines(amount), "memberNo": no, "points": points });
    let answer = merchant
        .shop()
        .data(POINTS, json!({ "input": input }))
        .await;
    answer["checkoutQuote"].clone()
}

/// Why points are not used, of a quote.
fn problem(quote: &Value) -> &str {
    assert_eq!(quote["pointsUsed"], 0, "{quote}");
    quote["pointsProblem"]["code"].as_str().unwrap_or_default()
}

/// What is off each line of an order sums up to its discount, and so do offers and points.
async fn discount_adds_up(merchant: &Merchant) {
    counters_are_right(merchant).await;
    for row in of_orders(merchant).await {
        let shares: Vec<i64> = serde_json::from_str(&row.shares).expect("shares");
        assert_eq!(shares.iter().sum::<i64>(), row.off_minor);
    }
}

everywhere! {
    async fn they_pay_for_a_part_of_what_everything_else_leaves(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        program(&merchant, |_| ()).await;
        let gold = tier(&merchant, "金卡", 10, |row| row.multiplier_ppm = 1_500_000).await;
        has_tier(&merchant, "M1", Some(gold)).await;
        has_points(&merchant, "M1", 5_000).await;
        merchant.campaign("立减", json!({ "benefit": cash("10.00") })).await;
        // 100 less 10 less 9: of 81 a half can be paid with points.
        let told = quote(&merchant, "100.00", Some("M1"), None).await;
        assert_eq!(told["pointsUsable"], 4_050);
        assert_eq!(told["pointsUsed"], 0);
        assert_eq!(told["pointsToEarn"], 121, "81 times one and a half, rounded down");
        let told = quote(&merchant, "100.00", Some("M1"), Some(1_000)).await;
        assert_eq!(told["pointsUsed"], 1_000);
        assert_eq!(told["pointsOff"]["amount"], "10.00");
        assert_eq!(told["discount"]["amount"], "29.00");
        assert_eq!(told["payable"]["amount"], "71.00");
        assert_eq!(told["lines"], json!([{ "discount": { "amount": "29.00" }, "payable": { "amount": "71.00" } }]));
        assert_eq!(told["pointsToEarn"], 106);
        assert_eq!(told["pointsProblem"], Value::Null);
        assert_eq!(row_of(&merchant, "M1").await.points, 5_000, "asking takes none");
        let order = paid_with(&merchant, "M1", "100.00", "71.00", 1_000).await;
        assert_eq!(row_of(&merchant, "M1").await.points, 4_000, "the order holds them");
        let seen = order.read(REDEMPTIONS).await;
        assert_eq!(seen["discount"]["amount"], "29.00");
        assert_eq!(seen["payable"]["amount"], "71.00");
        discount_adds_up(&merchant).await;
        let rows = of_orders(&merchant).await;
        assert_eq!((rows[0].spent, rows[0].off_minor, rows[0].held), (1_000, 1_000, true));
        let told = order.read("redemptions { off { amount } } points { spent off { amount } held earned }").await;
        let off = |amount: &str| json!({ "off": { "amount": amount } });
        assert_eq!(told["redemptions"], json!([off("10.00"), off("9.00")]), "with the points it is the discount");
        assert_eq!(told["points"], json!({ "spent": 1_000, "off": { "amount": "10.00" }, "held": true, "earned": 0 }));
        order.pay().await;
        assert_eq!(order.read("paid { amount }").await["paid"]["amount"], "71.00");
        assert_eq!(row_of(&merchant, "M1").await.points, 4_106, "and it earns what the quote said");
        discount_adds_up(&merchant).await;
    }

    async fn each_hindrance_is_told_before_and_refused_after(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_points(&merchant, "M1", 300).await;
        let told = quote(&merchant, "100.00", Some("M1"), Some(100)).await;
        assert_eq!(problem(&told), "NOT_ACCEPTED");
        assert_eq!(told["pointsToEarn"], Value::Null, "without a program nothing is earned");
        let ordered = async |no: Option<&str>, amount: &str, points: i64| {
            let mut input = with_points(&merchant, "M1", amount, "1.00", points);
            input["memberNo"] = json!(no);
            let payload = merchant.asked_for(input).await;
            assert_eq!(payload["userErrors"][0]["field"], "checkout.points", "{payload}");
            code(&payload).to_owned()
        };
        assert_eq!(ordered(Some("M1"), "100.00", 100).await, "POINTS_NOT_ACCEPTED");
        program(&merchant, |_| ()).await;
        for (no, amount, points, told, refused) in [
            (None, "100.00", 100, "NOT_A_MEMBER", "POINTS_NEED_MEMBER"),
            (Some("NEW"), "100.00", 100, "NOT_ENOUGH", "NOT_ENOUGH_POINTS"),
            (Some("M1"), "100.00", 301, "NOT_ENOUGH", "NOT_ENOUGH_POINTS"),
            (Some("M1"), "4.00", 201, "OVER_CAP", "TOO_MANY_POINTS"),
        ] {
            assert_eq!(problem(&quote(&merchant, amount, no, Some(points)).await), told, "{no:?}");
            assert_eq!(ordered(no, amount, points).await, refused, "{no:?}");
        }
        let told = quote(&merchant, "4.00", Some("M1"), Some(201)).await;
        assert_eq!(told["pointsUsable"], 200);
        assert_eq!(told["payable"]["amount"], "4.00", "none are used");
        let message = told["pointsProblem"]["message"].as_str().expect("a message");
        assert!(message.contains("200"), "{message}");
        let negative = json!({ "lines": lines("4.00"), "memberNo": "M1", "points": -1 });
        let (code, _) = merchant.shop().error(POINTS, json!({ "input": negative })).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert_eq!(row_of(&merchant, "M1").await.points, 300);
        assert!(of_orders(&merchant).await.is_empty(), "nothing was taken");
    }

    async fn an_order_that_costs_something_else_with_them_takes_none(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        program(&merchant, |_| ()).await;
        has_points(&merchant, "M1", 1_000).await;
        let payload = merchant.asked_for(with_points(&merchant, "M1", "50.00", "45.01", 500)).await;
        assert_eq!(code(&payload), "PRICE_CHANGED");
        assert_eq!(row_of(&merchant, "M1").await.points, 1_000);
        // The same key with the same points is the same order; with others it is not.
        let input = with_points(&merchant, "M1", "50.00", "45.00", 500);
        let first = merchant.asked_for(input.clone()).await;
        assert_eq!(code(&first), "", "{first}");
        assert_eq!(merchant.asked_for(input.clone()).await["order"], first["order"]);
        assert_eq!(row_of(&merchant, "M1").await.points, 500);
        let mut other = input;
        other["checkout"]["points"] = json!(400);
        assert_eq!(code(&merchant.asked_for(other).await), "KEY_REUSED");
    }

    async fn they_come_back_when_the_order_is_closed_and_with_its_refunds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        program(&merchant, |_| ()).await;
        has_points(&merchant, "M1", 1_000).await;
        let closed = paid_with(&merchant, "M1", "20.00", "10.00", 1_000).await;
        assert_eq!(row_of(&merchant, "M1").await.points, 0);
        close(&merchant.owner().await, &closed).await;
        assert_eq!(row_of(&merchant, "M1").await.points, 1_000);
        assert!(!of_orders(&merchant).await[0].held);
        let order = paid_with(&merchant, "M1", "40.00", "30.00", 1_000).await;
        order.pay().await;
        assert_eq!(row_of(&merchant, "M1").await.points, 30, "what it earned");
        order.refund_amount("10.00").await;
        merchant.refunds_go_through().await;
        assert_eq!(row_of(&merchant, "M1").await.points, 20 + 333, "a third of what it was paid with");
        order.refund_amount("20.00").await;
        merchant.refunds_go_through().await;
        assert_eq!(row_of(&merchant, "M1").await.points, 1_000, "all of it, and nothing is earned");
        discount_adds_up(&merchant).await;
    }

    async fn no_more_are_taken_than_come_off(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // Three hundred points are a cent.
        program(&merchant, |row| (row.pay_points, row.pay_minor) = (300, 1)).await;
        has_points(&merchant, "M1", 1_000).await;
        let told = quote(&merchant, "50.00", Some("M1"), Some(899)).await;
        assert_eq!((&told["pointsUsed"], &told["pointsOff"]["amount"]), (&json!(600), &json!("0.02")));
        paid_with(&merchant, "M1", "50.00", "49.98", 899).await;
        assert_eq!(row_of(&merchant, "M1").await.points, 400);
        // Too few for anything: they stay, and the order is made.
        paid_with(&merchant, "M1", "50.00", "50.00", 299).await;
        assert_eq!(row_of(&merchant, "M1").await.points, 400);
        assert_eq!(of_orders(&merchant).await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_forty_orders_that_ask_for_the_last_points_one_has_them() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    program(&here, |_| ()).await;
    has_points(&here, "M1", 1_000).await;
    let asked = (0..40).map(|turn| {
        let shop = if turn % 2 == 0 { &here } else { &there }.clone();
        let input = with_points(&here, "M1", "20.00", "10.00", 1_000);
        tokio::spawn(async move { shop.asked_for(input).await })
    });
    let answers = join_all(asked).await;
    let answers: Vec<Value> = answers
        .into_iter()
        .map(|it| it.expect("nobody panics"))
        .collect();
    let won = answers.iter().filter(|payload| code(payload).is_empty());
    assert_eq!(won.count(), 1);
    for payload in &answers {
        let code = code(payload);
        assert!(["", "NOT_ENOUGH_POINTS"].contains(&code), "{payload}");
    }
    assert_eq!(row_of(&here, "M1").await.points, 0);
    assert_eq!(of_orders(&here).await.len(), 1);
    discount_adds_up(&here).await;
}
