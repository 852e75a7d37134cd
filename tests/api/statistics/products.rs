//! The products that brought most, why money went back, and how far orders came.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::{statistic_product, statistics_position};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::statistics::service::{check, rebuild};

use super::scene::between;
use crate::everywhere;
use crate::support::{Merchant, World};

fn line(title: &str, category: &str, quantity: i32, price: &str) -> Value {
    json!({ "title": title, "category": category, "quantity": quantity,
        "unitPrice": { "amount": price, "currency": "CNY" } })
}

/// An order of lines, less a discount, that is paid.
async fn sold(merchant: &Merchant, lines: Value, discount: &str) {
    let discount = json!({ "amount": discount, "currency": "CNY" });
    let order = merchant
        .order_with("0.00", json!({ "lines": lines, "discount": discount }))
        .await;
    order.pay().await;
}

async fn shop(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    let there = merchant.through(alipay);
    sold(
        &merchant,
        json!([
            line("宫保鸡丁", "热菜", 2, "36.00"),
            line("米饭", "主食", 4, "2.00")
        ]),
        "8.00",
    )
    .await;
    sold(&there, json!([line("米饭", "主食", 10, "2.00")]), "0.00").await;
    // Not paid, so not sold.
    merchant.order("99.00").await;
    merchant
}

everywhere! {
    async fn products_are_ranked_by_what_was_paid_or_by_how_many(world: World) {
        let merchant = shop(&world).await;
        let owner = merchant.owner().await;
        let ranking = |arguments: &str| format!("{{ productRanking(range: {{ preset: TODAY }} {arguments}) {{ \
            quantity paid {{ amount }} rows {{ rank title category quantity orders paid {{ amount }} share }} }} }}");
        let told = owner.data(&ranking(""), Value::Null).await;
        assert_eq!(told["productRanking"], json!({ "quantity": 16, "paid": { "amount": "92.00" }, "rows": [
            { "rank": 1, "title": "宫保鸡丁", "category": "热菜", "quantity": 2, "orders": 1,
              "paid": { "amount": "64.80" }, "share": "0.704348" },
            { "rank": 2, "title": "米饭", "category": "主食", "quantity": 14, "orders": 2,
              "paid": { "amount": "27.20" }, "share": "0.295652" },
        ] }));
        let by_quantity = owner.data(&ranking("first: 1 orderBy: QUANTITY"), Value::Null).await;
        let rows = &by_quantity["productRanking"]["rows"];
        assert_eq!(rows.as_array().unwrap().len(), 1);
        assert_eq!((&rows[0]["title"], &rows[0]["share"]), (&json!("米饭"), &json!("0.295652")));
        let channel = merchant.channel_id;
        let here = owner.data(&ranking(&format!(r#"channelIds: ["{channel}"] categories: ["主食"]"#)), Value::Null).await;
        assert_eq!(here["productRanking"]["paid"]["amount"], "7.20");
        let none = owner.data(&ranking(r#"categories: ["酒水"]"#), Value::Null).await;
        assert_eq!(none["productRanking"], json!({ "quantity": 0, "paid": { "amount": "0.00" }, "rows": [] }));
        for (arguments, field) in [("first: 0", "first"), ("first: 101", "first"), ("categories: []", "categories")] {
            let (code, message) = owner.error(&ranking(arguments), Value::Null).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains(field), "{message}");
        }
        let long = "{ productRanking(range: { custom: { from: \"2020-01-01T00:00:00Z\", \
            to: \"2026-01-01T00:00:00Z\" } }) { quantity } }";
        assert!(owner.error(long, Value::Null).await.1.contains("366 days"));
    }

    async fn what_is_read_from_months_days_and_orders_is_what_the_orders_lines_say(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        let there = merchant.through(alipay);
        // From September to November, at odd hours, and around midnights.
        world.clock.advance(-TimeDelta::days(70));
        for turn in 0..22 {
            let here = if turn % 3 == 0 { &there } else { &merchant };
            let lines = json!([
                line("宫保鸡丁", "热菜", turn % 4 + 1, "36.00"),
                line("米饭", "主食", 2, "2.00"),
                line("米饭", "主食", 1, "2.50"),
            ]);
            sold(here, lines, "3.00").await;
            world.clock.advance(TimeDelta::hours(i64::from(turn * 7 % 130)) + TimeDelta::minutes(11));
        }
        world.clock.set(crate::support::noon());
        let channel = merchant.channel_id;
        let filters = [
            String::new(),
            format!(r#"channelIds: ["{channel}"]"#),
            r#"categories: ["主食"], orderBy: QUANTITY"#.to_owned(),
            format!(r#"channelIds: ["{channel}", "{alipay}"], categories: ["热菜"]"#),
        ];
        let spans = [
            ("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"),
            ("2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"),
            ("2026-09-20T03:07:00Z", "2026-11-02T15:59:59.999Z"),
            ("2026-10-10T16:00:00Z", "2026-10-20T16:00:00Z"),
            ("2026-10-01T01:00:00Z", "2026-10-01T23:00:00Z"),
        ];
        let mut documents = Vec::new();
        for (from, to) in spans {
            for filter in &filters {
                documents.push(format!("{{ productRanking({} {filter}) {{ quantity paid {{ amount }} rows \
                    {{ rank title quantity orders paid {{ amount }} share }} }} }}", between(from, to)));
            }
        }
        let owner = merchant.owner().await;
        // While nothing is built, orders' lines are read.
        let mut expected = Vec::new();
        for document in &documents {
            expected.push(owner.data(document, Value::Null).await);
        }
        assert_eq!(expected[0]["productRanking"]["rows"][1]["orders"], 22);
        merchant.counted().await;
        merchant.is_counted_right().await;
        for (document, expected) in documents.iter().zip(&expected) {
            assert_eq!(owner.data(document, Value::Null).await, *expected, "{document}");
        }
        // What is counted by events is what a build reads.
        sold(&there, json!([line("米饭", "主食", 2, "2.00"), line("米饭", "主食", 1, "2.00")]), "1.00").await;
        merchant.counted().await;
        merchant.is_counted_right().await;
        let told = owner.data("{ productRanking(range: { preset: TODAY }) { asOf rows { title quantity orders \
            paid { amount } } } }", Value::Null).await;
        assert_eq!(told["productRanking"], json!({ "asOf": "2026-11-23T04:00:00.000Z", "rows": [
            { "title": "米饭", "quantity": 3, "orders": 1, "paid": { "amount": "5.00" } }] }));
    }

    async fn what_was_built_without_products_is_built_anew_and_served_meanwhile(world: World) {
        let merchant = shop(&world).await;
        let owner = merchant.owner().await;
        let ranking = "{ productRanking(range: { preset: TODAY }) { quantity } }";
        let quantity = async || owner.data(ranking, Value::Null).await["productRanking"]["quantity"].clone();
        merchant.counted().await;
        let writer = world.app().db.writer();
        statistics_position::Entity::update_of(merchant.id)
            .col_expr(statistics_position::Column::Shape, Expr::value(1))
            .exec(writer).await.unwrap();
        statistic_product::Entity::delete_of(merchant.id).exec(writer).await.unwrap();
        assert_eq!(quantity().await, 16);
        merchant.is_counted_right().await;
        merchant.counted().await;
        let position = statistics_position::Entity::of(merchant.id)
            .one(world.app().db.reads_across()).await.unwrap().unwrap();
        assert_eq!((position.generation, position.shape), (2, statistics_position::SHAPE));
        assert_eq!(quantity().await, 16);
        merchant.is_counted_right().await;
        // The check names what was tampered with.
        statistic_product::Entity::update_of(merchant.id)
            .filter(statistic_product::Column::Grain.eq(statistic_product::Grain::Month))
            .filter(statistic_product::Column::ChannelId.eq(merchant.channel_id))
            .filter(statistic_product::Column::Quantity.eq(2))
            .col_expr(statistic_product::Column::Quantity, Expr::value(3))
            .exec(writer).await.unwrap();
        let found = check(world.app(), merchant.id).await.unwrap().unwrap();
        assert_eq!((found.buckets.len(), found.products.len()), (0, 1), "{found:?}");
        assert_eq!((found.products[0].expected.quantity, found.products[0].found.quantity), (2, 3));
        // And a build leaves nothing of the one before.
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        let left = statistic_product::Entity::of(merchant.id)
            .filter(statistic_product::Column::Generation.ne(3))
            .count(world.app().db.reads_across()).await.unwrap();
        assert_eq!(left, 0);
        merchant.is_counted_right().await;
    }

    async fn reasons_of_refunds_are_weighed_by_what_they_cost(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("100.00").await;
        let other = merchant.paid_order("50.00").await;
        merchant.adjusts("500.00").await;
        let part = |reason: &str, amount: &str| json!({ "reason": reason,
            "amount": { "amount": amount, "currency": "CNY" } });
        order.refund(part("OUT_OF_STOCK", "30.00")).await;
        merchant.refunds_go_through().await;
        order.refund(part("OUT_OF_STOCK", "30.00")).await;
        other.refund(part("PRICE_ADJUSTMENT", "20.00")).await;
        merchant.refunds_go_through().await;
        // Refused, so nothing went back.
        other.refund(json!({ "reason": "FRAUD", "reasonText": "sandbox:refund-refuse",
            "amount": { "amount": "1.00", "currency": "CNY" } })).await;
        merchant.refunds_go_through().await;
        let document = "{ refundReasons(range: { preset: TODAY }) { reason refunds amount { amount } share } }";
        let told = merchant.owner().await.data(document, Value::Null).await;
        assert_eq!(told["refundReasons"], json!([
            { "reason": "OUT_OF_STOCK", "refunds": 2, "amount": { "amount": "60.00" }, "share": "0.75" },
            { "reason": "PRICE_ADJUSTMENT", "refunds": 1, "amount": { "amount": "20.00" }, "share": "0.25" },
        ]));
    }

    async fn a_funnel_counts_each_step_among_the_one_before(world: World) {
        let merchant = shop(&world).await;
        let refunded = merchant.paid_order("10.00").await;
        merchant.adjusts("500.00").await;
        refunded.refund(json!({})).await;
        merchant.refunds_go_through().await;
        // Of another day.
        world.clock.advance(TimeDelta::days(1));
        merchant.paid_order("1.00").await;
        let document = "{ paymentFunnel(range: { preset: YESTERDAY }) {
            totals { made asked paid refunded askedShare paidShare refundedShare }
            rows { channel { id } steps { made paid refunded } } } }";
        let told = merchant.owner().await.data(document, Value::Null).await;
        assert_eq!(told["paymentFunnel"]["totals"], json!({ "made": 4, "asked": 4, "paid": 3, "refunded": 1,
            "askedShare": "1", "paidShare": "0.75", "refundedShare": "0.333333" }));
        let rows = &told["paymentFunnel"]["rows"];
        assert_eq!(rows[0], json!({ "channel": { "id": merchant.channel_id.to_string() },
            "steps": { "made": 3, "paid": 2, "refunded": 1 } }));
        assert_eq!(rows[1]["steps"], json!({ "made": 1, "paid": 1, "refunded": 0 }));
        let one = format!("{{ paymentFunnel(range: {{ preset: YESTERDAY }}, channelIds: [\"{}\"]) {{ \
            totals {{ made }} }} }}", merchant.channel_id);
        let told = merchant.owner().await.data(&one, Value::Null).await;
        assert_eq!(told["paymentFunnel"]["totals"]["made"], 3);
        let none = "{ paymentFunnel(range: { custom: { from: \"2020-01-01T00:00:00Z\", to: \"2020-01-02T00:00:00Z\" } }) {
            totals { made askedShare paidShare refundedShare } } }";
        let told = merchant.owner().await.data(none, Value::Null).await;
        assert_eq!(told["paymentFunnel"]["totals"],
            json!({ "made": 0, "askedShare": null, "paidShare": null, "refundedShare": null }));
    }

    async fn another_merchants_business_is_in_no_ranking(world: World) {
        let (ours, theirs) = (shop(&world).await, shop(&world).await);
        let stranger = world.merchant("云裳时装").await;
        for channel in [theirs.channel_id, ours.channel_id] {
            let document = format!("{{ productRanking(range: {{ preset: TODAY }}, channelIds: [\"{channel}\"]) {{ \
                quantity rows {{ title }} }} paymentFunnel(range: {{ preset: TODAY }}, channelIds: [\"{channel}\"]) {{ \
                totals {{ made }} rows {{ channel {{ id }} }} }} refundReasons(range: {{ preset: TODAY }}) {{ reason }} \
                today {{ orders awaitingShipment }} dailyBrief {{ toDo {{ awaitingShipment }} }} }}");
            let told = stranger.owner().await.data(&document, Value::Null).await;
            assert_eq!(told, json!({ "productRanking": { "quantity": 0, "rows": [] },
                "paymentFunnel": { "totals": { "made": 0 }, "rows": [] }, "refundReasons": [],
                "today": { "orders": 0, "awaitingShipment": 0 },
                "dailyBrief": { "toDo": { "awaitingShipment": 0 } } }));
        }
    }

    async fn shares_of_methods_sum_to_one(world: World) {
        let merchant = shop(&world).await;
        let told = merchant.statistics("range: { preset: TODAY } dimensions: [METHOD] orderBy: PAID_ORDERS",
            "rows { method share measures { paidOrders } }").await;
        assert_eq!(told["rows"], json!([
            { "method": "WECHAT_PAY", "share": "0.5", "measures": { "paidOrders": 1 } },
            { "method": "ALIPAY", "share": "0.5", "measures": { "paidOrders": 1 } },
        ]));
        let told = merchant.statistics("range: { preset: TODAY } dimensions: [METHOD] orderBy: SUCCESS_RATE",
            "rows { share }").await;
        assert_eq!(told["rows"][0]["share"], Value::Null, "a quotient has no parts");
        let told = merchant.statistics("range: { preset: YESTERDAY } grain: DAY", "rows { share }").await;
        assert_eq!(told["rows"], json!([{ "share": null }]));
    }
}
