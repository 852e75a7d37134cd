//! Building statistics anew: what is served stays, what was not counted yet is counted once, and what was
//! tampered with is found.

use chrono::TimeDelta;
use entity::event;
use entity::statistic::{self, Cut, Grain};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use yigate::lease;
use yigate::statistics::service::{check, project, rebuild, served};

use crate::everywhere;
use crate::support::{Merchant, World};

async fn orders(merchant: &Merchant) -> i64 {
    let told = merchant
        .statistics("range: { preset: TODAY }", "totals { orders }")
        .await;
    told["totals"]["orders"].as_i64().unwrap()
}

/// How many rows of builds there are that are not served.
async fn leftovers(world: &World, merchant: &Merchant) -> u64 {
    let served = served(world.app(), merchant.id).await.unwrap();
    statistic::Entity::of(merchant.id)
        .filter(statistic::Column::Generation.ne(served.generation.unwrap()))
        .count(world.app().db.reads())
        .await
        .unwrap()
}

everywhere! {
    async fn until_something_is_built_everything_is_zero_and_of_no_instant(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        let document = "{ statistics(range: { preset: TODAY }, grain: DAY) { asOf totals { orders } \
            rows { measures { orders } } } }";
        let told = merchant.owner().await.data(document, serde_json::Value::Null).await;
        assert_eq!(told["statistics"], serde_json::json!({
            "asOf": null, "totals": { "orders": 0 }, "rows": [{ "measures": { "orders": 0 } }] }));
        assert_eq!(orders(&merchant).await, 1);
        let told = merchant.owner().await.data(document, serde_json::Value::Null).await;
        assert_eq!(told["statistics"]["asOf"], "2026-11-23T04:00:00.000Z");
    }

    async fn a_build_takes_the_place_of_what_was_served_and_leaves_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let first = served(world.app(), merchant.id).await.unwrap();
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        let second = served(world.app(), merchant.id).await.unwrap();
        assert_eq!((first.generation, second.generation), (Some(1), Some(2)));
        assert_eq!(leftovers(&world, &merchant).await, 0);
        merchant.paid_order("36.00").await;
        assert_eq!(orders(&merchant).await, 2);
        merchant.is_counted_right().await;
    }

    async fn what_a_build_that_was_killed_left_is_removed_and_never_served(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let row = |generation, starts| statistic::Model {
            merchant_id: merchant.id,
            generation,
            grain: Grain::Day,
            cut: Cut::Channel,
            starts,
            channel_id: merchant.channel_id,
            country: String::new(),
            category: String::new(),
            orders: 1_000,
            converted: 0,
            paid_orders: 0,
            gross_minor: 0,
            discount_minor: 0,
            refunds: 0,
            refunded_minor: 0,
            fee_minor: 0,
            pay_ms: 0,
        };
        // 2026-11-23 is this day.
        let left = [row(2, 20_780), row(2, 20_781), row(7, 20_780)].map(IntoActiveModel::into_active_model);
        statistic::Entity::insert_many(left)
            .exec_without_returning(world.app().db.writer()).await.unwrap();
        assert_eq!(orders(&merchant).await, 1);
        merchant.is_counted_right().await;
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        assert_eq!(leftovers(&world, &merchant).await, 0);
        assert_eq!(orders(&merchant).await, 1);
        merchant.is_counted_right().await;
    }

    async fn one_builds_at_a_time_and_another_goes_on_when_it_is_gone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let name = format!("statistics.rebuild:{}", merchant.id);
        assert!(lease::hold(world.app(), &name, "another").await.unwrap());
        assert!(!rebuild(world.app(), merchant.id).await.unwrap());
        world.clock.advance(TimeDelta::seconds(7));
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
    }

    async fn what_had_no_number_when_it_was_built_is_counted_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.numbered().await;
        // As if the instance had died before it numbered them: its events have no number yet.
        let last = event::Entity::of(merchant.id)
            .filter(event::Column::Kind.eq(event::EventKind::OrderPaid))
            .one(world.app().db.reads()).await.unwrap().unwrap();
        event::Entity::update_of(merchant.id)
            .filter(event::Column::Seq.gte(last.seq))
            .col_expr(event::Column::Seq, Expr::value(Option::<i64>::None))
            .exec(world.app().db.writer()).await.unwrap();
        entity::event_head::Entity::update_of(merchant.id)
            .col_expr(entity::event_head::Column::LastSeq, Expr::value(last.seq.unwrap() - 1))
            .exec(world.app().db.writer()).await.unwrap();
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        merchant.is_counted_right().await;
        world.app().events.committed(merchant.id);
        merchant.numbered().await;
        while project(world.app(), merchant.id).await.unwrap() {}
        assert_eq!(orders(&merchant).await, 1);
        let told = merchant.statistics("range: { preset: TODAY }", "totals { paidOrders }").await;
        assert_eq!(told["totals"]["paidOrders"], 1);
        merchant.is_counted_right().await;
        let skips = entity::statistics_skip::Entity::of(merchant.id).count(world.app().db.reads()).await.unwrap();
        assert_eq!(skips, 0, "none is kept once it was skipped");
    }

    async fn events_that_were_removed_before_they_were_counted_have_it_built_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        merchant.paid_order("36.00").await;
        merchant.numbered().await;
        world.clock.advance(TimeDelta::minutes(1));
        let pruned = world.app().events.prune(merchant.id, world.clock.instant()).await.unwrap();
        assert!(pruned > 0);
        merchant.paid_order("36.00").await;
        assert_eq!(orders(&merchant).await, 3);
        merchant.is_counted_right().await;
    }

    async fn the_check_names_what_was_tampered_with(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        merchant.is_counted_right().await;
        statistic::Entity::update_of(merchant.id)
            .filter(statistic::Column::Grain.eq(Grain::Day))
            .filter(statistic::Column::Cut.eq(Cut::Country))
            .col_expr(statistic::Column::GrossMinor, Expr::value(3_601))
            .exec(world.app().db.writer()).await.unwrap();
        let found = check(world.app(), merchant.id).await.unwrap().unwrap().buckets;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].bucket.grain, found[0].bucket.cut), (Grain::Day, Cut::Country));
        assert_eq!((found[0].expected.gross_minor, found[0].found.gross_minor), (3_600, 3_601));
        // An event that was not counted yet is no difference.
        merchant.paid_order("50.00").await;
        let found = check(world.app(), merchant.id).await.unwrap().unwrap().buckets;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(rebuild(world.app(), merchant.id).await.unwrap());
        merchant.is_counted_right().await;
    }

    async fn an_event_is_counted_once_however_often_it_is_read(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.counted().await;
        for _ in 0..5 {
            merchant.paid_order("36.00").await;
            merchant.numbered().await;
            project(world.app(), merchant.id).await.unwrap();
            project(world.app(), merchant.id).await.unwrap();
        }
        assert_eq!(orders(&merchant).await, 5);
        merchant.is_counted_right().await;
    }
}
