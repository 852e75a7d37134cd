//! Spans of time: in the merchant's zone, over midnight, half open.

#![allow(clippy::unwrap_used, reason = "a test tells a story")]

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::filters::{found, wanted};
use super::rows::{Row, before_noon, insert, order};
use crate::everywhere;
use crate::support::noon;

everywhere! {
    async fn named_spans_are_days_of_the_merchants_zone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        // The first instant of each span, and the first after it, at noon of Monday 2026-11-23.
        let spans = [
            ("TODAY", "2026-11-23T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("YESTERDAY", "2026-11-22T00:00:00+08:00", "2026-11-23T00:00:00+08:00"),
            ("LAST_3_DAYS", "2026-11-21T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("LAST_7_DAYS", "2026-11-17T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("LAST_30_DAYS", "2026-10-25T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("LAST_90_DAYS", "2026-08-26T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("LAST_365_DAYS", "2025-11-24T00:00:00+08:00", "2026-11-24T00:00:00+08:00"),
            ("THIS_WEEK", "2026-11-23T00:00:00+08:00", "2026-11-30T00:00:00+08:00"),
            ("THIS_MONTH", "2026-11-01T00:00:00+08:00", "2026-12-01T00:00:00+08:00"),
            ("LAST_MONTH", "2026-10-01T00:00:00+08:00", "2026-11-01T00:00:00+08:00"),
            ("THIS_QUARTER", "2026-10-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"),
            ("THIS_YEAR", "2026-01-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00"),
        ]
        .map(|(preset, from, to)| {
            let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
            (preset, at(from), at(to))
        });
        // An order at each edge, and one a millisecond before it.
        let mut edges: Vec<DateTime<Utc>> = spans
            .iter()
            .flat_map(|(_, from, to)| [*from, *to])
            .flat_map(|edge| [edge, edge - TimeDelta::milliseconds(1)])
            .collect();
        edges.sort_unstable_by(|a, b| b.cmp(a));
        edges.dedup();
        let rows: Vec<Row> = edges
            .iter()
            .map(|at| order(&merchant, format!("{}", at.timestamp_millis()), *at).paid(*at))
            .collect();
        insert(&world, &rows).await;
        for (preset, from, to) in spans {
            let inside = wanted(&rows, |row| {
                (from.timestamp_millis()..to.timestamp_millis()).contains(&row.order.id.made_at_ms())
            });
            for field in ["createdAt", "paidAt"] {
                let found = found(&owner, json!({ field: { "preset": preset } })).await;
                assert_eq!(found, inside, "{field} {preset}");
            }
        }
    }

    async fn today_becomes_yesterday_at_midnight_in_shanghai(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rows = [
            order(&merchant, "EVENING", before_noon(-11 * 60)),
            order(&merchant, "MORNING", before_noon(3 * 60)),
            order(&merchant, "NIGHT-BEFORE", before_noon(13 * 60)),
        ];
        insert(&world, &rows).await;
        let span = |preset: &str| json!({ "createdAt": { "preset": preset } });
        world.clock.set("2026-11-23T15:59:59.999Z".parse().unwrap());
        assert_eq!(found(&owner, span("TODAY")).await, ["EVENING", "MORNING"]);
        assert_eq!(found(&owner, span("YESTERDAY")).await, ["NIGHT-BEFORE"]);
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(found(&owner, span("TODAY")).await, Vec::<String>::new());
        assert_eq!(found(&owner, span("YESTERDAY")).await, ["EVENING", "MORNING"]);
        assert_eq!(
            found(&owner, span("LAST_3_DAYS")).await,
            ["EVENING", "MORNING", "NIGHT-BEFORE"]
        );
    }

    async fn a_day_of_summer_time_has_23_hours_in_berlin(world: World) {
        let merchant = world.merchant("Berliner Laden").await;
        merchant::Entity::update_many()
            .filter(merchant::Column::Id.eq(merchant.id))
            .col_expr(merchant::Column::TimeZone, Expr::value("Europe/Berlin"))
            .exec(world.app().db.writer())
            .await
            .expect("a time zone");
        world.clock.set("2026-03-29T10:00:00Z".parse().unwrap());
        let at = |text: &str| text.parse().expect("an instant");
        let rows = [
            order(&merchant, "MONDAY", at("2026-03-30T00:00:00+02:00")),
            order(&merchant, "LAST", at("2026-03-29T23:59:59+02:00")),
            order(&merchant, "FIRST", at("2026-03-29T00:00:00+01:00")),
            order(&merchant, "SATURDAY", at("2026-03-28T23:59:59+01:00")),
        ];
        insert(&world, &rows).await;
        let owner = merchant.owner().await;
        let today = json!({ "createdAt": { "preset": "TODAY" } });
        assert_eq!(found(&owner, today).await, ["LAST", "FIRST"]);
    }

    async fn a_custom_span_holds_its_beginning_and_not_its_end(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rows = [
            order(&merchant, "END", noon()).paid(noon()),
            order(&merchant, "INSIDE", before_noon(1)).paid(before_noon(1)),
            order(&merchant, "BEGINNING", before_noon(2)).paid(before_noon(2)),
            order(&merchant, "BEFORE", before_noon(3)).paid(before_noon(3)),
        ];
        insert(&world, &rows).await;
        for field in ["createdAt", "paidAt"] {
            let span = json!({ field: { "custom": {
                "from": "2026-11-23T11:58:00+08:00", "to": "2026-11-23T04:00:00Z" } } });
            assert_eq!(found(&owner, span).await, ["INSIDE", "BEGINNING"], "{field}");
        }
    }
}
