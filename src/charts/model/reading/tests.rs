//! What becomes of an answer.

use serde_json::json;

use super::*;
use crate::charts::model::Kind;

fn picture(kind: Kind, pairs: &[(&str, &str)], answer: Value) -> Picture {
    let wish = Wish::read(kind, pairs.iter().copied(), Locale::ZhCn).unwrap();
    picture_of(&wish, answer, Currency::Cny).unwrap()
}

fn row(day: &str, channel: Value, amount: &str) -> Value {
    json!({ "startsAt": format!("{day}T00:00:00Z"), "startsOn": day, "isOther": false, "channel": channel,
        "measures": { "paid": { "amount": amount } } })
}

#[test]
fn days_that_have_not_come_are_not_zero() {
    let channel = json!({ "id": "a", "name": "微信支付" });
    let rows = [
        row("2026-11-22", channel.clone(), "1.00"),
        row("2026-11-23", channel.clone(), "0.00"),
        row("2026-11-24", channel, "0.00"),
    ];
    let mut answer = answer(&rows);
    answer["statistics"]["asOf"] = json!("2026-11-23T12:00:00Z");
    for pairs in [
        vec![("range", "THIS_MONTH")],
        vec![("range", "THIS_MONTH"), ("dimension", "CHANNEL")],
    ] {
        let told = picture(Kind::Line, &pairs, answer.clone());
        let Plot::Lines(_, strands) = told.plot else {
            panic!("lines");
        };
        let values: Vec<bool> = strands[0].values.iter().map(Option::is_some).collect();
        assert_eq!(values, [true, true, false]);
    }
}

fn answer(rows: &[Value]) -> Value {
    let range = json!({ "from": "2026-11-22T00:00:00Z", "to": "2026-11-24T00:00:00Z" });
    json!({ "statistics": { "timeZone": "UTC", "range": range,
        "totals": { "paid": { "amount": "9.00" } }, "rows": rows } })
}

#[test]
fn two_channels_of_one_name_are_two() {
    let named = |id: &str, name: &str| json!({ "id": id, "name": name });
    let rows = [
        row("2026-11-22", named("a", "微信支付"), "1.00"),
        row("2026-11-22", named("b", "微信支付"), "2.00"),
        row("2026-11-22", Value::Null, "3.00"),
        row("2026-11-22", named("c", "未知"), "3.00"),
        row("2026-11-23", named("b", "微信支付"), "4.00"),
    ];
    let pairs = [
        ("range", "TODAY"),
        ("grain", "DAY"),
        ("dimension", "CHANNEL"),
    ];
    let told = picture(Kind::Bar, &pairs, answer(&rows));
    let Plot::Columns(labels, strands) = told.plot else {
        panic!("columns");
    };
    assert_eq!(labels.len(), 2);
    let of = |strand: &Strand| {
        let values = strand.values.iter().map(|value| value.unwrap().to_string());
        (strand.name.clone(), values.collect::<Vec<_>>().join(" "))
    };
    let told: Vec<(String, String)> = strands.iter().map(of).collect();
    let expected = [
        ("微信支付", "1.00 0"),
        ("微信支付 (2)", "2.00 4.00"),
        ("未知", "3.00 0"),
        ("未知 (2)", "3.00 0"),
    ];
    assert_eq!(
        told,
        expected.map(|(name, values)| (name.to_owned(), values.to_owned()))
    );
    let pairs = [("range", "TODAY"), ("dimension", "CHANNEL")];
    let told = picture(Kind::Share, &pairs, answer(&rows[..2]));
    let Plot::Ring(slices) = told.plot else {
        panic!("a ring");
    };
    assert_eq!(slices[1].0, "微信支付 (2)");
}

#[test]
fn the_sum_of_a_week_is_that_of_its_hours() {
    let cells: Vec<Value> = (0..168).map(|_| json!({ "paidOrders": 2 })).collect();
    let range = json!({ "from": "2026-11-22T05:00:00Z", "to": "2026-11-23T05:00:00Z" });
    let answer = json!({ "hourlyHeatmap": { "timeZone": "America/New_York", "range": range.clone(),
        "cells": cells } });
    let told = picture(Kind::Heatmap, &[("range", "TODAY")], answer);
    assert_eq!(told.note, "2026-11-22 · America/New_York · 合计 336");
    let cells: Vec<Value> = (0..168)
        .map(|_| json!({ "paid": { "amount": "123456.00" } }))
        .collect();
    let answer = json!({ "hourlyHeatmap": { "timeZone": "America/New_York", "range": range, "cells": cells } });
    let pairs = [("range", "TODAY"), ("measure", "paid")];
    let told = picture(Kind::Heatmap, &pairs, answer);
    assert!(told.note.ends_with(" · 单位 ¥万"), "{}", told.note);
}
