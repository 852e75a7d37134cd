//! Every night all members are looked at again, in steps, each once, whichever instance does it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::loyalty_run::{self, LoyaltyRunKind};
use entity::{Day, Instant, MemberId, member, member_day, tier_change};
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};
use yigate::tiers::{service, worker};

use super::{history, ladder, seen, set, sold, tier_of, times_told, wanted};
use crate::everywhere;
use crate::support::{Merchant, World};

/// The first night behind now.
async fn night(world: &World) {
    world.clock.advance(TimeDelta::days(1));
    worker::work(world.app()).await;
}

/// So many members, of whom every third has spent 0, 100 and 200 today.
async fn crowd(world: &World, merchant: &Merchant, many: usize) -> Vec<MemberId> {
    let (app, now) = (world.app(), world.clock.instant());
    let ids: Vec<MemberId> = (0..many).map(|_| app.ids.next()).collect();
    let today = Day::from(now.0.with_timezone(&chrono_tz::Asia::Shanghai).date_naive());
    for (place, some) in ids.chunks(500).enumerate() {
        let members = some
            .iter()
            .zip(place * 500..)
            .map(|(id, no)| member::ActiveModel {
                merchant_id: ActiveValue::Set(merchant.id),
                id: ActiveValue::Set(*id),
                member_no: ActiveValue::Set(format!("C-{no}")),
                joined_at: ActiveValue::Set(now),
                ..member::ActiveModel::default()
            });
        member::Entity::insert_many(members)
            .exec_without_returning(app.db.writer())
            .await
            .expect("members");
        let days = some
            .iter()
            .zip(place * 500..)
            .map(|(id, no)| member_day::Model {
                merchant_id: merchant.id,
                member_id: *id,
                day: today,
                orders: 1,
                spent_minor: i64::try_from(no % 3).expect("a figure") * 10_000,
                points: 0,
            });
        let days = days.map(IntoActiveModel::into_active_model);
        member_day::Entity::insert_many(days)
            .exec_without_returning(app.db.writer())
            .await
            .expect("days");
    }
    ids
}

/// How many changes there are of each member who has any.
async fn changes(world: &World, merchant: &Merchant) -> BTreeMap<i64, usize> {
    let rows = tier_change::Entity::of(merchant.id)
        .all(world.app().db.writer())
        .await
        .expect("changes");
    let mut counted = BTreeMap::new();
    for row in rows {
        *counted.entry(row.member_id.0).or_insert(0) += 1;
    }
    counted
}

async fn run(world: &World, merchant: &Merchant) -> loyalty_run::Model {
    let run = loyalty_run::Entity::of(merchant.id)
        .filter(loyalty_run::Column::Kind.eq(LoyaltyRunKind::Tiers))
        .one(world.app().db.writer())
        .await
        .expect("the database answers");
    run.expect("a run")
}

everywhere! {
    async fn a_tier_ends_by_the_clock_and_is_kept_by_who_reaches_it_again(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        for no in ["M-1", "M-2", "M-3"] {
            sold(&merchant, no, "500.00").await;
        }
        // Everything falls out of the window, and nothing happens until the end.
        world.clock.advance(TimeDelta::days(50));
        sold(&merchant, "M-2", "150.00").await;
        sold(&merchant, "M-3", "500.00").await;
        worker::work(world.app()).await;
        assert_eq!(times_told(&merchant).await, 3);
        for _ in 0..12 {
            night(&world).await;
        }
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡", "LAPSED -"]);
        assert_eq!(history(&merchant, "M-2").await, ["REACHED 金卡", "LAPSED 银卡"]);
        assert_eq!(history(&merchant, "M-3").await, ["REACHED 金卡", "RETAINED 金卡"]);
        // Who keeps a tier has it since then, and nobody is told of another.
        assert_eq!(seen(&merchant, "M-3", "tierSince").await["tierSince"], "2026-11-23T04:00:00.000Z");
        assert_eq!(times_told(&merchant).await, 5);
        night(&world).await;
        assert_eq!(times_told(&merchant).await, 5);
    }

    async fn who_falls_by_one_step_has_the_next_lower_tier_for_its_time(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        set(&merchant, wanted(1, "银卡", "100.00")).await;
        set(&merchant, json!({ "rank": 2, "name": "邀请制" })).await;
        let mut gold = wanted(3, "金卡", "500.00");
        gold["downgrade"] = json!("ONE_STEP");
        set(&merchant, gold).await;
        sold(&merchant, "M-1", "500.00").await;
        world.clock.advance(TimeDelta::days(61));
        worker::work(world.app()).await;
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡", "LAPSED 银卡"]);
        world.clock.advance(TimeDelta::days(61));
        worker::work(world.app()).await;
        assert_eq!(history(&merchant, "M-1").await, ["REACHED 金卡", "LAPSED 银卡", "LAPSED -"]);
    }

    async fn a_tier_that_is_made_is_had_the_next_night_by_who_reaches_it(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        sold(&merchant, "M-1", "500.00").await;
        ladder(&merchant).await;
        worker::work(world.app()).await;
        assert_eq!(tier_of(&merchant, "M-1").await, Value::Null);
        // Two o'clock in Shanghai.
        world.clock.set("2026-11-23T17:59:59Z".parse().unwrap());
        worker::work(world.app()).await;
        assert_eq!(tier_of(&merchant, "M-1").await, Value::Null);
        world.clock.set("2026-11-23T18:00:00Z".parse().unwrap());
        worker::work(world.app()).await;
        assert_eq!(tier_of(&merchant, "M-1").await, "金卡");
        let run = run(&world, &merchant).await;
        assert_eq!((run.after_id, run.next_at), (0, Instant("2026-11-24T18:00:00Z".parse().unwrap())));
        assert_eq!(run.day, Day::from("2026-11-24".parse::<chrono::NaiveDate>().unwrap()));
    }

    async fn tiers_that_were_written_without_a_run_have_one(world: World) {
        let merchant = world.merchant("木棉咖啡").await;
        ladder(&merchant).await;
        let set = run(&world, &merchant).await;
        crowd(&world, &merchant, 3).await;
        loyalty_run::Entity::delete_of(merchant.id).exec(world.app().db.writer()).await.expect("nobody looks");
        night(&world).await;
        assert!(changes(&world, &merchant).await.is_empty());
        worker::begin(world.app()).await;
        let begun = run(&world, &merchant).await;
        let day_later = Instant(set.next_at.0 + TimeDelta::days(1));
        assert_eq!((begun.after_id, begun.next_at), (0, day_later), "the next night, as where a tier is set");
        night(&world).await;
        assert_eq!(changes(&world, &merchant).await.len(), 2);
    }

    async fn a_run_that_was_broken_off_goes_on_where_it_was_and_deals_with_each_once(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        let ids = crowd(&world, &merchant, 4_500).await;
        world.clock.advance(TimeDelta::days(1));
        // One step, and the instance is gone.
        assert!(service::go_on(world.app(), merchant.id).await.expect("a step"));
        let after = run(&world, &merchant).await.after_id;
        assert_eq!(after, ids[1_999].0);
        let done = changes(&world, &merchant).await;
        assert!(done.keys().all(|id| *id <= after));
        let other = world.another_instance().await;
        assert_eq!(service::due(&other.app).await.expect("a list"), [merchant.id]);
        worker::work(&other.app).await;
        let done = changes(&world, &merchant).await;
        let wanted: BTreeMap<i64, usize> = ids.iter().enumerate()
            .filter(|(no, _)| no % 3 > 0).map(|(_, id)| (id.0, 1)).collect();
        assert_eq!(done, wanted);
        assert_eq!(run(&world, &merchant).await.after_id, 0);
        assert!(service::due(&other.app).await.expect("a list").is_empty());
        let have = member::Entity::of(merchant.id).filter(member::Column::TierId.is_not_null())
            .count(world.app().db.writer()).await.expect("a count");
        assert_eq!(have, 3_000);
        other.app.stop().await;
    }

    async fn two_instances_that_work_at_once_deal_with_each_member_once(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        let ids = crowd(&world, &merchant, 4_500).await;
        world.clock.advance(TimeDelta::days(1));
        let other = world.another_instance().await;
        // Payments come in meanwhile.
        let pay = async {
            for no in [4_400, 1_000, 10] {
                sold(&merchant, &format!("C-{no}"), "500.00").await;
            }
        };
        tokio::join!(worker::work(world.app()), worker::work(&other.app), worker::work(&other.app), pay);
        worker::work(world.app()).await;
        let done = changes(&world, &merchant).await;
        let often = done.iter().filter(|(_, often)| **often > 1);
        let bought = [ids[10].0, ids[1_000].0, ids[4_400].0];
        for (id, often) in often {
            assert!(bought.contains(id) && *often == 2, "{id} {often}");
        }
        for no in [10, 1_000, 4_400] {
            assert_eq!(tier_of(&merchant, &format!("C-{no}")).await, "金卡");
        }
        let have = member::Entity::of(merchant.id).filter(member::Column::TierId.is_not_null())
            .count(world.app().db.writer()).await.expect("a count");
        // Two thirds, and those of the three who had spent nothing.
        let nothing = [10, 1_000, 4_400].into_iter().filter(|no| no % 3 == 0).count() as u64;
        assert_eq!(have, 3_000 + nothing);
        assert_eq!(times_told(&merchant).await, done.values().sum::<usize>());
        other.app.stop().await;
    }

    async fn who_has_become_a_part_of_another_or_was_erased_is_left_alone(world: World) {
        let merchant = world.merchant("晨光咖啡").await;
        ladder(&merchant).await;
        let ids = crowd(&world, &merchant, 6).await;
        let app = world.app();
        for (no, column, value) in [
            (1, member::Column::MergedInto, ids[2].0),
            (4, member::Column::ErasedAt, world.clock.now().timestamp_millis()),
        ] {
            member::Entity::update_of(merchant.id).filter(member::Column::Id.eq(ids[no]))
                .col_expr(column, sea_orm::sea_query::Expr::value(value))
                .exec(app.db.writer()).await.expect("a change");
        }
        night(&world).await;
        let done: Vec<i64> = changes(&world, &merchant).await.into_keys().collect();
        assert_eq!(done, [ids[2].0, ids[5].0]);
    }
}
