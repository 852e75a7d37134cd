//! Many move the points of one member at once, on two instances: on PostgreSQL, where writers really meet.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use yigate::error::Error;
use yigate::members::service::find_or_add;

use super::scene::{
    adjusted, adjusts, bought, has, has_rules, held, ordered, points_are_right, points_workers_work,
};
use crate::support::coupons::code;
use crate::support::{Merchant, World};

const MANY: usize = 40;

async fn two() -> Option<(World, Merchant, Merchant)> {
    let world = World::on_postgres().await?;
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    has_rules(&here, json!({})).await;
    Some((world, here, there))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_spend_the_last_points_one_does() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    let mut orders = Vec::new();
    for _ in 0..MANY {
        orders.push(ordered(&here, "M1", "36.00").await);
    }
    adjusts(&here, "M1", 100).await;
    let all = orders.iter().enumerate().map(|(turn, order)| {
        let merchant = if turn % 2 == 0 {
            here.clone()
        } else {
            there.clone()
        };
        let order = order.clone();
        tokio::spawn(async move { held(&merchant, &order, 100).await })
    });
    let all = join_all(all).await;
    let won = all.iter().filter(|held| matches!(held, Ok(Ok(())))).count();
    assert_eq!(won, 1);
    assert_eq!(has(&here, "M1").await, [0; 3]);
    points_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_take_points_so_many_do_as_there_are() {
    let Some((_world, here, there)) = two().await else {
        return;
    };
    ordered(&here, "M1", "1.00").await;
    adjusts(&here, "M1", 95).await;
    let all = (0..MANY).map(|turn| {
        let merchant = if turn % 2 == 0 {
            here.clone()
        } else {
            there.clone()
        };
        tokio::spawn(async move { adjusted(&merchant, "M1", -10).await })
    });
    let all = join_all(all).await;
    let codes: Vec<String> = all
        .into_iter()
        .map(|payload| code(&payload.expect("nobody panics")).to_owned())
        .collect();
    assert_eq!(codes.iter().filter(|code| code.is_empty()).count(), 9);
    assert!(
        codes
            .iter()
            .all(|code| code.is_empty() || code == "NOT_ENOUGH"),
        "{codes:?}"
    );
    assert_eq!(has(&here, "M1").await, [5, 0, 0]);
    points_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refunds_spending_and_what_is_due_meet_and_nothing_is_lost() {
    let Some((world, here, there)) = two().await else {
        return;
    };
    has_rules(&here, json!({ "validDays": 2, "pendingDays": 1 })).await;
    let mut orders = Vec::new();
    for _ in 0..8 {
        orders.push(bought(&here, "M1", "20.00").await);
    }
    adjusts(&here, "M1", 30).await;
    world.clock.advance(TimeDelta::days(1));
    for order in &orders {
        order.refund_amount("10.50").await;
    }
    let workers = [here.clone(), there.clone()];
    let refunding = workers
        .clone()
        .map(|merchant| tokio::spawn(async move { merchant.refund_workers_work().await }));
    let settling = workers
        .clone()
        .map(|merchant| tokio::spawn(async move { points_workers_work(&merchant).await }));
    let taking = workers.map(|merchant| {
        tokio::spawn(async move {
            for _ in 0..10 {
                adjusted(&merchant, "M1", -7).await;
            }
        })
    });
    join_all(refunding.into_iter().chain(settling).chain(taking)).await;
    here.refunds_go_through().await;
    points_workers_work(&here).await;
    points_are_right(&here).await;
    // Of each order 9.50 yuan are left, which have earned 9; and 30 were given; and some taken.
    let [available, pending, owed] = has(&here, "M1").await;
    assert_eq!(pending, 0);
    assert_eq!((8 * 9 + 30 - (available - owed)) % 7, 0);
    world.clock.advance(TimeDelta::days(2));
    points_workers_work(&here).await;
    points_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_let_points_end_once() {
    let Some((world, here, there)) = two().await else {
        return;
    };
    has_rules(&here, json!({ "validDays": 1 })).await;
    for no in 0..20 {
        bought(&here, &format!("M{no}"), "5.00").await;
    }
    world.clock.advance(TimeDelta::days(2));
    let both = [here.clone(), there]
        .map(|merchant| tokio::spawn(async move { points_workers_work(&merchant).await }));
    join_all(both).await;
    for no in 0..20 {
        assert_eq!(has(&here, &format!("M{no}")).await, [0; 3]);
    }
    points_are_right(&here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn points_end_while_an_order_of_their_member_is_being_made() {
    let Some((world, here, there)) = two().await else {
        return;
    };
    has_rules(&here, json!({ "validDays": 1 })).await;
    bought(&here, "M1", "5.00").await;
    world.clock.advance(TimeDelta::days(2));
    let (app, merchant_id, there) = (here.app(), here.id, &there);
    let done = app
        .write(merchant_id, |txn| async move {
            find_or_add(app, &txn, merchant_id, "M1").await?;
            Ok::<_, Error>(yigate::points::worker::work(there.app()).await)
        })
        .await;
    let done = done.expect("the database answers");
    assert_eq!(done, 1, "neither waits for the other");
    points_are_right(&here).await;
}
