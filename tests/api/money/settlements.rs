//! Settlements: on which day money becomes available, and that it does.

use chrono::TimeDelta;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{merchant, payment};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::ledger::model::{Balances, Posting};
use yigate::ledger::service::post;
use yigate::money::Currency;
use yigate::settlements::service::due;

use super::{at, balance, settles, trial};
use crate::everywhere;
use crate::support::{Merchant, Order};

/// What becomes available when: day, amount, payments, and whether there is a note.
async fn schedule(merchant: &Merchant) -> Vec<(Option<String>, String, i64, bool)> {
    let document = "{ settlementSchedule { day amount { amount } payments note \
        channels { channel { id } amount { amount } payments } } }";
    let answer = merchant.owner().await.data(document, json!({})).await;
    let days = answer["settlementSchedule"]
        .as_array()
        .expect("days")
        .iter();
    days.map(|day| {
        let channels = day["channels"].as_array().expect("channels").iter();
        let payments: i64 = channels
            .map(|one| one["payments"].as_i64().expect("a number"))
            .sum();
        assert_eq!(day["payments"], payments, "the parts are the whole: {day}");
        (
            day["day"].as_str().map(str::to_owned),
            day["amount"]["amount"]
                .as_str()
                .expect("an amount")
                .to_owned(),
            payments,
            day["note"].is_string(),
        )
    })
    .collect()
}

/// What became available, newest first: the day it was due, amount, payments, when.
async fn settlements(merchant: &Merchant, filter: Value) -> Vec<[String; 4]> {
    let document = "query($filter: SettlementFilterInput) { settlements(filter: $filter, first: 100) { edges { \
        node { settlesOn amount { amount } payments releasedAt channel { id } } } } }";
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "filter": filter }))
        .await;
    let edges = answer["settlements"]["edges"]
        .as_array()
        .expect("edges")
        .iter();
    edges
        .map(|edge| {
            let node = &edge["node"];
            assert_eq!(node["channel"]["id"], merchant.channel_id.to_string());
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let payments = node["payments"].to_string();
            [
                text(&node["settlesOn"]),
                text(&node["amount"]["amount"]),
                payments,
                text(&node["releasedAt"]),
            ]
        })
        .collect()
}

/// A refund holds some of what a payment waits for, or gives it back.
async fn holds(order: &Order, minor: i64) {
    let (merchant, app) = (order.merchant(), order.merchant().app());
    let posting = &Posting {
        source: LedgerSource::Refund,
        source_id: app.ids.next(),
        step: if minor > 0 {
            LedgerStep::Reserved
        } else {
            LedgerStep::Canceled
        },
        round: 1,
        changes: Balances::default()
            .with(LedgerAccount::Pending, -minor)
            .with(LedgerAccount::Reserved, minor),
    };
    app.write(merchant.id, |txn| async move {
        let unsettled = Expr::cust(format!("unsettled_minor - ({minor})"));
        payment::Entity::update_of(merchant.id)
            .filter(payment::Column::OrderId.eq(order.id))
            .col_expr(payment::Column::UnsettledMinor, unsettled)
            .exec(&*txn)
            .await?;
        post(app, &txn, merchant.id, Currency::Cny, posting).await
    })
    .await
    .expect("written");
}

everywhere! {
    async fn money_settles_at_once_or_days_or_working_days_later(world: World) {
        // Friday noon in Shanghai.
        world.clock.set(at("2026-11-27T04:00:00Z"));
        let merchant = world.merchant("汇贤饭店").await;
        settles(&merchant, "INSTANT", 0).await;
        merchant.paid_order("1.00").await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "1.00", "0.00", "0.00", "0.00"]);
        assert_eq!(schedule(&merchant).await, []);
        for (cycle, days, amount) in [("D", 1, "2.00"), ("D", 3, "3.00"), ("T", 1, "4.00"), ("T", 2, "5.00")] {
            settles(&merchant, cycle, days).await;
            merchant.paid_order(amount).await;
        }
        let on = |day: &str, amount: &str, payments| (Some(day.to_owned()), amount.to_owned(), payments, false);
        let saturday = on("2026-11-28", "2.00", 1);
        let monday = on("2026-11-30", "7.00", 2);
        let tuesday = on("2026-12-01", "5.00", 1);
        assert_eq!(schedule(&merchant).await, [saturday, monday.clone(), tuesday.clone()]);
        let mut available = Vec::new();
        for _ in 0..5 {
            merchant.settlement_workers_work().await;
            available.push(balance(&merchant, None).await[1].clone());
            world.clock.advance(TimeDelta::days(1));
        }
        assert_eq!(available, ["1.00", "3.00", "3.00", "10.00", "15.00"]);
        assert_eq!(schedule(&merchant).await, []);
        let released = settlements(&merchant, Value::Null).await;
        let row = |day: &str, amount: &str, payments: &str, at: &str| {
            [day.to_owned(), amount.to_owned(), payments.to_owned(), at.to_owned()]
        };
        assert_eq!(released, [
            row("2026-12-01", "5.00", "1", "2026-12-01T04:00:00.000Z"),
            row("2026-11-30", "7.00", "2", "2026-11-30T04:00:00.000Z"),
            row("2026-11-28", "2.00", "1", "2026-11-28T04:00:00.000Z"),
        ]);
        let november = json!({ "releasedAt": { "custom": {
            "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z" } } });
        assert_eq!(settlements(&merchant, november).await, released[1..]);
        let other = json!({ "channelId": [entity::ChannelId(7).to_string()] });
        assert_eq!(settlements(&merchant, other).await, [[""; 4]; 0]);
        assert_eq!(trial(&world, &merchant, None).await, (true, true));
        merchant.books_are_right().await;
    }

    async fn money_is_released_when_the_day_begins_in_the_merchants_zone(world: World) {
        let (shanghai, auckland) = (world.merchant("汇贤饭店").await, world.merchant("Kiwi").await);
        merchant::Entity::update_of(auckland.id)
            .col_expr(merchant::Column::TimeZone, Expr::value("Pacific/Auckland"))
            .exec(world.app().db.writer())
            .await
            .expect("the database answers");
        for merchant in [&shanghai, &auckland] {
            settles(merchant, "D", 1).await;
            merchant.paid_order("36.00").await;
        }
        // Noon in Shanghai is 17:00 in Auckland: there the next day begins seven hours later.
        for (now, released) in [
            ("2026-11-23T10:59:59.999Z", [false, false]),
            ("2026-11-23T11:00:00.000Z", [false, true]),
            ("2026-11-23T15:59:59.999Z", [false, true]),
            ("2026-11-23T16:00:00.000Z", [true, true]),
        ] {
            world.clock.set(at(now));
            let waiting = due(world.app()).await.expect("the database answers");
            for (merchant, released) in [&shanghai, &auckland].into_iter().zip(released) {
                merchant.settlement_workers_work().await;
                let available = if released { "36.00" } else { "0.00" };
                assert_eq!(balance(merchant, None).await[1], available, "{now}");
                assert!(released || !waiting.contains(&merchant.id), "nobody is visited in vain");
            }
        }
        // Once, and never again.
        shanghai.settlement_workers_work().await;
        assert_eq!(settlements(&shanghai, Value::Null).await.len(), 1);
        assert_eq!(due(world.app()).await.expect("the database answers"), []);
        let events = shanghai.events().await;
        assert_eq!(events.iter().filter(|kind| *kind == "SETTLEMENT_RELEASED").count(), 1);
    }

    async fn a_settlement_is_found_by_its_event_and_its_posting(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.settlement_workers_work().await;
        merchant.numbered().await;
        let document = "subscription { events(after: \"e3\") { type subject { ... on Settlement { id \
            amount { amount } } } } }";
        let mut events = merchant.owner().await.subscribe(document, json!({}));
        let event = crate::support::next(&mut events).await["data"]["events"].clone();
        assert_eq!(event["type"], "SETTLEMENT_RELEASED");
        assert_eq!(event["subject"]["amount"]["amount"], "36.00");
        let document = "{ ledgerTransactions(first: 1) { edges { node { step about { id } } } } }";
        let posted = merchant.owner().await.data(document, json!({})).await;
        let node = &posted["ledgerTransactions"]["edges"][0]["node"];
        assert_eq!(*node, json!({ "step": "RELEASED", "about": { "id": event["subject"]["id"] } }));
    }

    async fn what_a_refund_gives_back_after_the_day_is_released_as_a_straggler(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.paid_order("36.00").await;
        holds(&order, 500).await;
        world.clock.advance(TimeDelta::days(1));
        merchant.settlement_workers_work().await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "31.00", "5.00", "0.00", "0.00"]);
        holds(&order, -500).await;
        assert_eq!(balance(&merchant, None).await, ["5.00", "31.00", "0.00", "0.00", "0.00"]);
        world.clock.advance(TimeDelta::hours(1));
        merchant.settlement_workers_work().await;
        assert_eq!(balance(&merchant, None).await, ["0.00", "36.00", "0.00", "0.00", "0.00"]);
        let released = settlements(&merchant, Value::Null).await;
        let seen: Vec<_> = released.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
        assert_eq!(seen, [("2026-11-24", "5.00"), ("2026-11-24", "31.00")]);
    }

    async fn a_day_that_is_not_announced_is_named_when_it_is(world: World) {
        // The last day that the calendar knows.
        world.clock.set(at("2026-12-30T04:00:00Z"));
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("1.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.paid_order("2.00").await;
        merchant.paid_order("4.00").await;
        let known = (Some("2026-12-31".to_owned()), "1.00".to_owned(), 1, false);
        let unknown = (None, "6.00".to_owned(), 2, true);
        assert_eq!(schedule(&merchant).await, [known, unknown.clone()]);
        let notes = "{ settlementSchedule { note } }";
        let zh = merchant.owner().await.in_chinese().data(notes, json!({})).await;
        let note = zh["settlementSchedule"][1]["note"].as_str().expect("a note");
        assert!(note.contains("尚未公布"), "{note}");
        for _ in 0..3 {
            merchant.settlement_workers_work().await;
            world.clock.advance(TimeDelta::days(10));
        }
        assert_eq!(schedule(&merchant).await, std::slice::from_ref(&unknown), "it waits");

        let file = world.directory().join("working_days.toml");
        let text = "[2026]\nholidays = [\"2026-01-01\"]\nworking_weekends = []\n\
            [2027]\nholidays = [\"2027-01-01\", \"2027-02-01\"]\nworking_weekends = [\"2027-01-03\"]\n";
        std::fs::write(&file, text).expect("a calendar");
        let world = world.with_settings(|settings| settings.settlements.calendar_file = Some(file)).await;
        let merchant = merchant.on(&world.gateway);
        merchant.settlement_workers_work().await;
        assert_eq!(schedule(&merchant).await, []);
        let released = settlements(&merchant, Value::Null).await;
        assert_eq!(released[0][..3], ["2027-01-03", "6.00", "2"], "a Sunday that is worked on");
        assert_eq!(balance(&merchant, None).await, ["0.00", "7.00", "0.00", "0.00", "0.00"]);
    }
}
