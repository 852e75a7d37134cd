//! What is summed ahead of windows of days is what the days say, whatever comes and however the days go by.

use chrono::TimeDelta;
use entity::{Day, MemberId, member_day};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::members::worker;

use super::{find, merged, person, sold};
use crate::everywhere;
use crate::support::{Merchant, Order, World};

fn today(world: &World) -> Day {
    let here = world.clock.now().with_timezone(&chrono_tz::Asia::Shanghai);
    Day::from(here.date_naive())
}

/// Orders and spending of a member in 30, 90, 180 and 365 days, as their row says; none where it does not hold today.
async fn in_row(world: &World, merchant: &Merchant, id: &str) -> Option<[(i64, i64); 4]> {
    let (row, today) = (find(world, merchant, id).await, today(world));
    let holds = row.windows_from <= today && today < row.windows_until;
    holds.then(|| {
        [
            (row.orders_30.into(), row.spent_30_minor),
            (row.orders_90.into(), row.spent_90_minor),
            (row.orders_180.into(), row.spent_180_minor),
            (row.orders_365.into(), row.spent_365_minor),
        ]
    })
}

/// The same, as the days say.
async fn by_days(world: &World, merchant: &Merchant, id: &str) -> [(i64, i64); 4] {
    let member_id: MemberId = id.parse().expect("an id");
    let days = member_day::Entity::of(merchant.id)
        .filter(member_day::Column::MemberId.eq(member_id))
        .all(world.app().db.writer())
        .await
        .expect("days");
    let today = today(world);
    [30, 90, 180, 365].map(|width| {
        let first = Day(today.0 - width + 1);
        let inside = || days.iter().filter(|row| row.day >= first);
        (
            inside().map(|row| row.orders).sum(),
            inside().map(|row| row.spent_minor).sum(),
        )
    })
}

async fn assert_summed(world: &World, merchant: &Merchant, id: &str) -> [(i64, i64); 4] {
    let wanted = by_days(world, merchant, id).await;
    assert_eq!(in_row(world, merchant, id).await, Some(wanted));
    wanted
}

async fn refund(merchant: &Merchant, order: &Order, input: Value) {
    order.refund(input).await;
    merchant.refunds_go_through().await;
}

everywhere! {
    async fn what_is_paid_and_refunded_is_in_the_windows_of_its_day(world: World) {
        let merchant = world.merchant("汇贤咖啡").await;
        let id = person(&merchant, json!({ "memberNo": "A-1" })).await;
        let first = sold(&merchant, "A-1", "100.00").await;
        assert_eq!(assert_summed(&world, &merchant, &id).await, [(1, 10_000); 4]);
        world.clock.advance(TimeDelta::days(40));
        sold(&merchant, "A-1", "30.00").await;
        let after = [(1, 3_000), (2, 13_000), (2, 13_000), (2, 13_000)];
        assert_eq!(assert_summed(&world, &merchant, &id).await, after);
        refund(&merchant, &first, json!({ "amount": { "amount": "60.00", "currency": "CNY" } })).await;
        let after = [(1, 3_000), (2, 7_000), (2, 7_000), (2, 7_000)];
        assert_eq!(assert_summed(&world, &merchant, &id).await, after);
        refund(&merchant, &first, json!({})).await;
        assert_eq!(assert_summed(&world, &merchant, &id).await, [(1, 3_000); 4]);
    }

    async fn a_day_leaves_a_window_at_midnight_and_the_row_says_so(world: World) {
        let merchant = world.merchant("汇贤咖啡").await;
        let id = person(&merchant, json!({ "memberNo": "A-1" })).await;
        sold(&merchant, "A-1", "100.00").await;
        for (days, left) in [(30, 3), (60, 2), (90, 1), (185, 0)] {
            world.clock.advance(TimeDelta::days(days - 1));
            let before = by_days(&world, &merchant, &id).await;
            assert_eq!(in_row(&world, &merchant, &id).await, Some(before), "the day before");
            world.clock.advance(TimeDelta::days(1));
            assert_eq!(in_row(&world, &merchant, &id).await, None);
            worker::work(world.app()).await;
            let after = assert_summed(&world, &merchant, &id).await;
            assert_eq!(after.iter().filter(|window| window.0 > 0).count(), left, "{days}");
        }
    }

    async fn who_has_become_one_has_the_windows_of_both(world: World) {
        let merchant = world.merchant("汇贤咖啡").await;
        let from = person(&merchant, json!({ "memberNo": "A-1" })).await;
        let into = person(&merchant, json!({ "memberNo": "A-2" })).await;
        sold(&merchant, "A-1", "100.00").await;
        world.clock.advance(TimeDelta::days(50));
        sold(&merchant, "A-2", "20.00").await;
        let payload = merged(&merchant, &from, &into).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(in_row(&world, &merchant, &into).await, None, "summed neither of one nor of both");
        worker::work(world.app()).await;
        let after = [(1, 2_000), (2, 12_000), (2, 12_000), (2, 12_000)];
        assert_eq!(assert_summed(&world, &merchant, &into).await, after);
        let gone = find(&world, &merchant, &from).await;
        assert_eq!((gone.orders_90, gone.spent_365_minor), (0, 0));
    }
}
