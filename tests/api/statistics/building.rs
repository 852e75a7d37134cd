//! Building statistics anew: what is served stays, what was not counted yet is counted once, and what was
//! tampered with is found.

use chrono::TimeDelta;
use entity::event;
use entity::statistic::{self, Cut, Grain};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;
use yigate::lease;
use yigate::statistics::service::{check, project, rebuild, served};
use yigate::statistics::worker::Projector;

use crate::everywhere;
use crate::support::money::decided;
use crate::support::{Merchant, World, eventually};

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
        .count(world.app().db.reads_across())
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
            tier_id: entity::TierId(0),
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
            .one(world.app().db.reads_across()).await.unwrap().unwrap();
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
        let skips = entity::statistics_skip::Entity::of(merchant.id).count(world.app().db.reads_across()).await.unwrap();
        assert_eq!(skips, 0, "none is kept once it was skipped");
    }

    async fn what_is_wrong_with_one_merchant_holds_up_no_other(world: World) {
        let mut merchants = Vec::new();
        for name in ["一", "二", "三", "四", "五"] {
            merchants.push(world.merchant(name).await);
        }
        for merchant in &merchants {
            merchant.counted().await;
        }
        // Nobody knows in which order they are looked at: the third is well.
        let well = merchants.remove(2);
        for merchant in &merchants {
            entity::statistics_position::Entity::update_of(merchant.id)
                .col_expr(entity::statistics_position::Column::TimeZone, Expr::value("Mars/Olympus"))
                .exec(world.app().db.writer()).await.unwrap();
            merchant.paid_order("36.00").await;
            merchant.numbered().await;
        }
        well.paid_order("36.00").await;
        well.numbered().await;
        let mut projector = Projector::named("another test");
        world.clock.advance(TimeDelta::seconds(7));
        assert!(projector.work(world.app()).await.unwrap());
        assert_eq!(served(world.app(), well.id).await.unwrap().as_of, Some(world.clock.instant()));
        // The others are built anew, in their own zone, and are well, too.
        eventually("all are built", || async { !projector.is_building() }).await;
        for merchant in &merchants {
            world.clock.advance(TimeDelta::seconds(7));
            assert_eq!(orders(merchant).await, 1);
        }
    }

    async fn whose_events_were_numbered_is_counted_without_a_look_at_all(world: World) {
        let (ours, theirs) = (world.merchant("一").await, world.merchant("二").await);
        for merchant in [&ours, &theirs] {
            merchant.counted().await;
        }
        let _ = world.app().events.take_numbered();
        theirs.paid_order("36.00").await;
        theirs.numbered().await;
        let fresh = std::sync::Mutex::new(Vec::new());
        eventually("it is known whose events were numbered", || async {
            let mut fresh = fresh.lock().unwrap();
            fresh.extend(world.app().events.take_numbered());
            !fresh.is_empty()
        }).await;
        let fresh = fresh.into_inner().unwrap();
        assert_eq!(fresh, [theirs.id]);
        ours.paid_order("36.00").await;
        ours.numbered().await;
        world.clock.advance(TimeDelta::seconds(7));
        let mut projector = Projector::named("another test");
        assert!(projector.work_on(world.app(), &fresh).await.unwrap());
        let is_counted = async |merchant: &Merchant| {
            served(world.app(), merchant.id).await.unwrap().as_of == Some(world.clock.instant())
        };
        assert_eq!((is_counted(&theirs).await, is_counted(&ours).await), (true, false));
        assert!(projector.work(world.app()).await.unwrap());
        assert!(is_counted(&ours).await);
    }

    async fn who_cannot_be_built_takes_nobodys_place(world: World) {
        let mut merchants = Vec::new();
        for name in ["一", "二", "三", "四", "五"] {
            let merchant = world.merchant(name).await;
            merchant.paid_order("36.00").await;
            merchant.numbered().await;
            merchants.push(merchant);
        }
        let well = merchants.remove(2);
        for merchant in &merchants {
            merchant.lives_in("Mars/Olympus").await;
        }
        let mut projector = Projector::named("another test");
        for _ in 0..4 {
            assert!(projector.work(world.app()).await.unwrap());
            eventually("builds have ended", || async { !projector.is_building() }).await;
        }
        assert!(served(world.app(), well.id).await.unwrap().generation.is_some());
        // Once it is well again it is built after a while.
        merchants[0].lives_in("Asia/Shanghai").await;
        let mut built = Vec::new();
        for seconds in [1, 10] {
            world.clock.advance(TimeDelta::seconds(seconds));
            assert!(projector.work(world.app()).await.unwrap());
            eventually("builds have ended", || async { !projector.is_building() }).await;
            built.push(served(world.app(), merchants[0].id).await.unwrap().generation);
        }
        assert_eq!(built, [None, Some(1)]);
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

    async fn the_check_goes_through_the_months_and_what_spans_two_is_counted_in_both(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // Before midnight of the last of November: paid in December, and an hour before as well.
        world.clock.advance(TimeDelta::days(7) + TimeDelta::minutes(11 * 60 + 50));
        let order = merchant.order("36.00").await;
        merchant.paid_order("50.00").await;
        world.clock.advance(TimeDelta::minutes(15));
        order.pay().await;
        merchant.adjusts("500.00").await;
        // A refund in January, which the bank returns in February; and another one in March.
        world.clock.advance(TimeDelta::days(40));
        let refund = order.refund_amount("6.00").await;
        merchant.refunds_go_through().await;
        world.clock.advance(TimeDelta::days(30));
        let (owner, input) = (merchant.owner().await, json!({ "outcome": "REVERSED", "note": "银行退回" }));
        let payload = decided(&owner, "refundResolve", refund.id, "reversal-1", input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        world.clock.advance(TimeDelta::days(30));
        order.refund_amount("1.00").await;
        merchant.refunds_go_through().await;
        // The last month has a day without an end, the first one without a beginning.
        merchant.paid_order("9.00").await;
        for built in ["counted", "half counted", "built anew"] {
            match built {
                "counted" => merchant.counted().await,
                "half counted" => {
                    merchant.paid_order("7.00").await;
                    merchant.numbered().await;
                }
                _ => assert!(rebuild(world.app(), merchant.id).await.unwrap()),
            }
            merchant.is_counted_right().await;
        }
        // A day of each month, and days before the first and after the last one.
        let served = served(world.app(), merchant.id).await.unwrap();
        let rows: Vec<statistic::Model> = statistic::Entity::of(merchant.id)
            .filter(statistic::Column::Grain.eq(Grain::Day))
            .filter(statistic::Column::Cut.eq(Cut::Channel))
            .all(world.app().db.reads_across()).await.unwrap();
        assert_eq!(rows.len(), 5, "a row for each day on which something was: {rows:?}");
        let first = rows.iter().map(|row| row.starts).min().unwrap();
        let beside = [first - 400, first + 4_000].map(|starts| statistic::Model {
            starts, generation: served.generation.unwrap(), ..rows[0].clone() });
        statistic::Entity::insert_many(beside.map(IntoActiveModel::into_active_model))
            .exec_without_returning(world.app().db.writer()).await.unwrap();
        statistic::Entity::update_of(merchant.id)
            .filter(statistic::Column::Grain.eq(Grain::Day))
            .filter(statistic::Column::Cut.eq(Cut::Channel))
            .filter(statistic::Column::Starts.ne(first))
            .col_expr(statistic::Column::PayMs, Expr::value(77))
            .exec(world.app().db.writer()).await.unwrap();
        let found = check(world.app(), merchant.id).await.unwrap().unwrap();
        let mut wanted: Vec<i64> = rows.iter().map(|row| row.starts).filter(|starts| *starts != first).collect();
        wanted.extend([first - 400, first + 4_000]);
        wanted.sort_unstable();
        let mut named: Vec<i64> = found.buckets.iter().map(|one| one.bucket.starts).collect();
        named.sort_unstable();
        assert_eq!((named, found.products), (wanted, Vec::new()));
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
