//! The check: it finds each fee that is not what its rule says, and nothing else.

use std::process::Command;

use chrono::TimeDelta;
use entity::payment::Column;
use entity::{order, payment};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, IdenStatic, Iterable, QueryFilter, Statement, Value as SqlValue,
};
use serde_json::{Value, json};

use super::{money, next_version, payment_of, rule, with};
use crate::everywhere;
use crate::support::{Merchant, Order, World};

/// Asks for differences.
const CHECK: &str =
    "query($range: TimeRangeInput!, $first: Int, $after: String, $last: Int, $before: String) {
    feeDifferences(range: $range, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { reason actual { amount } expected { amount } difference { amount }
            fee { order { id } } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn asked(merchant: &Merchant, page: Value) -> Value {
    let year = json!({ "range": { "preset": "LAST_365_DAYS" } });
    let owner = merchant.owner().await;
    let answer = owner.data(CHECK, with(year, &page)).await;
    answer["feeDifferences"].clone()
}

/// Each difference as its order, reason, and three amounts.
async fn differences(merchant: &Merchant) -> Vec<[String; 5]> {
    let answer = asked(merchant, json!({})).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let edges = answer["edges"].as_array().expect("edges").iter();
    let line = |edge: &Value| {
        let node = &edge["node"];
        let amount = |name: &str| text(&node[name]["amount"]);
        [
            text(&node["fee"]["order"]["id"]),
            text(&node["reason"]),
            amount("actual"),
            amount("expected"),
            amount("difference"),
        ]
    };
    edges.map(line).collect()
}

/// Somebody changes a payment behind the gateway's back.
async fn tamper(order: &Order, changes: &[(Column, SqlValue)]) {
    let merchant = order.merchant();
    let mut update = payment::Entity::update_of(merchant.id).filter(Column::OrderId.eq(order.id));
    for (column, value) in changes {
        update = update.col_expr(*column, Expr::value(value.clone()));
    }
    let done = update.exec(merchant.app().db.writer()).await;
    assert_eq!(done.expect("the database answers").rows_affected, 1);
}

everywhere! {
    async fn the_check_finds_what_was_tampered_with_and_nothing_else(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let before = merchant.paid_order("100.00").await;
        world.clock.advance(TimeDelta::minutes(2));
        let made = rule(&merchant, json!({ "rate": "0.01" })).await;
        let mut orders = Vec::new();
        for _ in 0..8 {
            world.clock.advance(TimeDelta::minutes(2));
            orders.push(merchant.paid_order("100.00").await);
        }
        next_version(&merchant, &made["ruleId"], json!({ "rate": "0.02", "minFee": money("3.00") })).await;
        world.clock.advance(TimeDelta::minutes(2));
        let after = merchant.paid_order("100.00").await;
        assert_eq!(differences(&merchant).await, Vec::<[String; 5]>::new());

        for (order, changes, wanted) in [
            (&orders[0], vec![(Column::FeeMinor, 101_i64.into())], ["TARIFF", "1.01", "1.00", "0.01"]),
            (&orders[1], vec![(Column::FeeMinor, 0_i64.into())], ["TARIFF", "0.00", "1.00", "-1.00"]),
            // What it was computed from is not what the rule says, though it comes to the same.
            (&orders[2], vec![(Column::FeeRatePpm, 9_999_i64.into())], ["TARIFF", "1.00", "1.00", "0.00"]),
            (&orders[3], vec![(Column::FeeReturnedMinor, 1_i64.into())], ["RETURNED", "0.01", "0.00", "0.01"]),
            // The next version did not hold yet, nor did none.
            (&orders[4], vec![(Column::FeeRuleVersion, 2_i32.into())], ["RULE", "1.00", "1.00", "0.00"]),
            (&orders[5],
                vec![
                    (Column::FeeRuleId, None::<i64>.into()),
                    (Column::FeeRuleVersion, None::<i32>.into()),
                    (Column::FeeRatePpm, 0_i64.into()),
                    (Column::FeeMinor, 0_i64.into()),
                ],
                ["RULE", "0.00", "1.00", "-1.00"]),
            (&after, vec![(Column::FeeRuleVersion, 1_i32.into())], ["RULE", "3.00", "3.00", "0.00"]),
            (&before, vec![(Column::FeeMinor, 5_i64.into())], ["TARIFF", "0.05", "0.00", "0.05"]),
        ] {
            let kept = payment_of(order).await;
            tamper(order, &changes).await;
            let mut line = vec![order.id.to_string()];
            line.extend(wanted.map(str::to_owned));
            let found = differences(&merchant).await;
            assert_eq!(found.iter().map(|one| one.to_vec()).collect::<Vec<_>>(), [line], "{changes:?}");
            tamper(order, &[
                (Column::FeeRuleId, kept.fee_rule_id.map(|id| id.0).into()),
                (Column::FeeRuleVersion, kept.fee_rule_version.into()),
                (Column::FeeRatePpm, kept.fee_rate_ppm.into()),
                (Column::FeeMinor, kept.fee_minor.into()),
                (Column::FeeReturnedMinor, kept.fee_returned_minor.into()),
            ]).await;
        }
        assert_eq!(differences(&merchant).await, Vec::<[String; 5]>::new());

        // Several, newest first, page by page in both directions.
        for order in [&orders[1], &orders[4], &orders[6]] {
            tamper(order, &[(Column::FeeMinor, 0_i64.into())]).await;
        }
        let wanted = [&orders[6], &orders[4], &orders[1]].map(|order| order.id.to_string());
        for (size, cursor, info, next) in [
            ("first", "after", "hasNextPage", "endCursor"),
            ("last", "before", "hasPreviousPage", "startCursor"),
        ] {
            let (mut seen, mut place) = (Vec::new(), Value::Null);
            loop {
                let page = asked(&merchant, json!({ size: 2, cursor: place })).await;
                let ids = page["edges"].as_array().expect("edges").iter();
                let ids = ids.map(|edge| edge["node"]["fee"]["order"]["id"].as_str().unwrap().to_owned());
                let place_of = if size == "first" { seen.len() } else { 0 };
                seen.splice(place_of..place_of, ids);
                place = page["pageInfo"][next].clone();
                if page["pageInfo"][info] == json!(false) {
                    break;
                }
            }
            assert_eq!(seen, wanted, "{size}");
        }
    }

    async fn a_payment_that_was_under_way_while_a_rule_was_set_may_carry_the_one_before(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("100.00").await;
        // Set in the same millisecond, or a little before it: the payment had read its rules.
        let made = rule(&merchant, json!({ "rate": "0.01" })).await;
        assert_eq!(differences(&merchant).await, Vec::<[String; 5]>::new());
        world.clock.advance(TimeDelta::seconds(59));
        let carries_none = [
            (Column::FeeRuleId, None::<i64>.into()),
            (Column::FeeRuleVersion, None::<i32>.into()),
            (Column::FeeRatePpm, 0_i64.into()),
            (Column::FeeMinor, 0_i64.into()),
        ];
        let late = merchant.paid_order("100.00").await;
        tamper(&late, &carries_none).await;
        assert_eq!(differences(&merchant).await, Vec::<[String; 5]>::new());
        world.clock.advance(TimeDelta::seconds(1));
        let too_late = merchant.paid_order("100.00").await;
        tamper(&too_late, &carries_none).await;
        let found = differences(&merchant).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((&found[0][0], found[0][1].as_str()), (&too_late.id.to_string(), "RULE"));
        // A version that was set long before excuses nobody.
        next_version(&merchant, &made["ruleId"], json!({ "effectiveFrom":
            (world.clock.now() + TimeDelta::minutes(5)).to_rfc3339() })).await;
        world.clock.advance(TimeDelta::minutes(5));
        tamper(&merchant.paid_order("100.00").await, &[(Column::FeeRuleVersion, 1_i32.into())]).await;
        assert_eq!(differences(&merchant).await.len(), 2);
    }

    async fn a_check_ends_after_20_000_payments_and_goes_on_where_it_stopped(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({ "rate": "0.01" })).await;
        world.clock.advance(TimeDelta::minutes(1));
        let oldest = merchant.paid_order("100.00").await;
        copies(&world, &oldest, 20_500).await;
        tamper(&oldest, &[(Column::FeeMinor, 101_i64.into())]).await;
        let page = asked(&merchant, json!({})).await;
        assert_eq!((&page["edges"], &page["pageInfo"]["hasNextPage"]), (&json!([]), &json!(true)));
        let after = page["pageInfo"]["endCursor"].clone();
        let page = asked(&merchant, json!({ "after": after })).await;
        assert_eq!(page["edges"][0]["node"]["fee"]["order"]["id"], oldest.id.to_string());
        assert_eq!(page["pageInfo"]["hasNextPage"], json!(false));
        // From the other end it is the first.
        let page = asked(&merchant, json!({ "last": 1 })).await;
        assert_eq!(page["edges"][0]["node"]["fee"]["order"]["id"], oldest.id.to_string());
    }
}

/// Copies a paid order and its payment so many times, each a millisecond later.
async fn copies(world: &World, order: &Order, count: u32) {
    let db = &world.app().db;
    let numbers = format!(
        "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    );
    let copied = |columns: Vec<String>, changed: &[(&str, &str)]| {
        let values = columns.iter().map(|column| {
            let change = changed.iter().find(|(name, _)| name == column);
            change.map_or(column.clone(), |(_, value)| (*value).to_owned())
        });
        (columns.join(", "), values.collect::<Vec<_>>().join(", "))
    };
    let orders = order::Column::iter().map(|column| column.as_str().to_owned());
    let payments = Column::iter().map(|column| column.as_str().to_owned());
    let (orders, payments) = (orders.collect(), payments.collect());
    for (table, key, columns, changed) in [
        (
            "orders",
            "id",
            orders,
            vec![
                ("id", "id + n * 4194304"),
                ("merchant_order_no", "merchant_order_no || n"),
                ("provider_trade_no", "provider_trade_no || n"),
            ],
        ),
        (
            "payments",
            "order_id",
            payments,
            vec![
                ("order_id", "order_id + n * 4194304"),
                ("credited_at", "credited_at + n"),
            ],
        ),
    ] {
        let (into, from) = copied(columns, &changed);
        let text = format!(
            "INSERT INTO {table} ({into}) {numbers} SELECT {from} FROM {table}, numbers WHERE {key} = {}",
            order.id.0
        );
        let statement = Statement::from_string(db.backend(), text);
        db.writer().execute_raw(statement).await.expect("copies");
    }
}

#[tokio::test]
async fn the_command_says_by_its_exit_code_whether_every_fee_is_right() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    rule(&merchant, json!({ "rate": "0.01" })).await;
    let order = merchant.paid_order("100.00").await;
    let file = world.directory().join("yigate.toml");
    let text = toml::to_string(&world.app().settings).expect("TOML");
    std::fs::write(&file, text).expect("a settings file");
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yigate"));
        command
            .arg("--config")
            .arg(&file)
            .args(["check", "fees", "--merchant"]);
        let done = command.arg(merchant.id.to_string()).output();
        let done = done.expect("yigate runs");
        let out = String::from_utf8_lossy(&done.stdout).into_owned();
        (done.status.code(), out)
    };
    let (code, out) = check();
    assert_eq!(
        (code, out.trim()),
        (Some(0), "every fee is what its rule says")
    );
    tamper(&order, &[(Column::FeeMinor, 101_i64.into())]).await;
    let (code, out) = check();
    assert_eq!(code, Some(1), "{out}");
    let line = format!("{}  Tariff  is 1.01  would be 1.00", order.id);
    assert!(out.trim().ends_with(&line), "{out}");
}
