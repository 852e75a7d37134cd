//! Many at once, on PostgreSQL: projectors that meet, and a build among payments.

use entity::{Instant, lease, statistic, statistic_product, statistics_position};
use futures_util::future::join_all;
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use yigate::statistics::service::{project, rebuild, served};
use yigate::statistics::worker::Projector;

use crate::support::{Merchant, World, eventually};

/// A merchant as two instances see it; none where there is no PostgreSQL.
async fn two() -> Option<(World, [Merchant; 2])> {
    let world = World::on_postgres().await?;
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    Some((world, [here, there]))
}

async fn sold(merchants: &[Merchant; 2], count: usize) {
    let orders = (0..count).map(|turn| {
        let merchant = merchants[turn % 2].clone();
        tokio::spawn(async move { merchant.paid_order("36.00").await })
    });
    for order in join_all(orders).await {
        order.expect("nobody panics");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn projectors_that_meet_count_nothing_twice() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    merchants[0].counted().await;
    let stop = tokio_util::sync::CancellationToken::new();
    // Without a lease, as if clocks differed too much: only the position keeps them apart.
    let projecting = merchants.clone().map(|merchant| {
        let stop = stop.clone();
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                project(merchant.app(), merchant.id)
                    .await
                    .expect("the database answers");
                tokio::task::yield_now().await;
            }
        })
    });
    sold(&merchants, 60).await;
    merchants[0].numbered().await;
    stop.cancel();
    for projecting in projecting {
        projecting.await.expect("nobody panics");
    }
    let told = merchants[1]
        .statistics(
            "range: { preset: TODAY }",
            "totals { orders converted paidOrders }",
        )
        .await;
    let sixty = json!({ "orders": 60, "converted": 60, "paidOrders": 60 });
    assert_eq!(told["totals"], sixty);
    merchants[0].is_counted_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_projector_that_is_broken_off_anywhere_loses_and_doubles_nothing() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    merchants[0].counted().await;
    sold(&merchants, 20).await;
    merchants[0].numbered().await;
    for turn in 0..40_u64 {
        let merchant = merchants[0].clone();
        let project = tokio::spawn(async move { project(merchant.app(), merchant.id).await });
        tokio::time::sleep(std::time::Duration::from_micros(turn * 250)).await;
        project.abort();
        let _ = project.await;
    }
    let told = merchants[1]
        .statistics("range: { preset: TODAY }", "totals { orders paidOrders }")
        .await;
    assert_eq!(told["totals"], json!({ "orders": 20, "paidOrders": 20 }));
    merchants[0].is_counted_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_build_among_payments_is_what_a_scan_tells() {
    let Some((world, merchants)) = two().await else {
        return;
    };
    merchants[0].counted().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let building = {
        let (merchant, stop) = (merchants[1].clone(), stop.clone());
        tokio::spawn(async move {
            let mut built = 0;
            while !stop.is_cancelled() {
                built += u32::from(rebuild(merchant.app(), merchant.id).await.expect("built"));
            }
            built
        })
    };
    let projecting = {
        let (merchant, stop) = (merchants[0].clone(), stop.clone());
        tokio::spawn(async move {
            let mut projector = Projector::named("a test");
            while !stop.is_cancelled() {
                projector.work(merchant.app()).await.expect("counted");
                merchant.is_counted_right().await;
            }
        })
    };
    for _ in 0..4 {
        sold(&merchants, 20).await;
    }
    stop.cancel();
    projecting.await.expect("nobody panics");
    assert!(building.await.expect("nobody panics") > 1);
    let told = merchants[0]
        .statistics(
            "range: { preset: TODAY }",
            "totals { orders converted paidOrders }",
        )
        .await;
    let all = json!({ "orders": 80, "converted": 80, "paidOrders": 80 });
    assert_eq!(told["totals"], all);
    merchants[0].is_counted_right().await;
    let served = served(world.app(), merchants[0].id).await.expect("served");
    assert!(served.generation > Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_build_at_once_build_once_each_and_mix_nothing() {
    let Some((_world, merchants)) = two().await else {
        return;
    };
    sold(&merchants, 10).await;
    merchants[0].numbered().await;
    let builds = (0..6).map(|turn| {
        let merchant = merchants[turn % 2].clone();
        tokio::spawn(async move { rebuild(merchant.app(), merchant.id).await.expect("built") })
    });
    let mut built = join_all(builds).await.into_iter();
    assert!(built.any(|built| built.expect("nobody panics")));
    let told = merchants[0]
        .statistics("range: { preset: TODAY }", "totals { orders paidOrders }")
        .await;
    assert_eq!(told["totals"], json!({ "orders": 10, "paidOrders": 10 }));
    merchants[0].is_counted_right().await;
}

/// How many statements of this database wait for a lock.
async fn waiting(world: &World) -> i64 {
    let count = "SELECT COUNT(*) AS count FROM pg_locks WHERE NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, count);
    let row = world.app().db.reads_across().query_one_raw(statement).await;
    let row = row.expect("an answer").expect("a row");
    row.try_get("", "count").expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[allow(
    clippy::disallowed_methods,
    reason = "a transaction that stays open while others wait"
)]
async fn who_was_too_slow_and_lost_its_turn_touches_nothing_of_what_another_built() {
    let Some((world, merchants)) = two().await else {
        return;
    };
    let merchant = &merchants[0];
    sold(&merchants, 5).await;
    merchant.counted().await;
    // Where it is held up: before it removes what is left of other builds, and before it reads.
    for table in ["statistics", "orders"] {
        let first = served(world.app(), merchant.id).await.expect("served");
        let first = first.generation.expect("a build");
        let txn = world.app().db.writer().begin().await.expect("begun");
        let lock = format!("LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        txn.execute_unprepared(&lock).await.expect("locked");
        let slow = {
            let merchant = merchants[1].clone();
            tokio::spawn(async move { rebuild(merchant.app(), merchant.id).await.expect("ran") })
        };
        eventually("the slow one waits", || async { waiting(&world).await > 0 }).await;
        // Another takes over, builds the same under the same number, and has finished.
        let name = format!("statistics.rebuild:{}", merchant.id);
        lease::Entity::update_of(&name)
            .col_expr(lease::Column::Holder, Expr::value("another"))
            .col_expr(
                lease::Column::Until,
                Expr::value(Instant(world.clock.now())),
            )
            .exec(&txn)
            .await
            .expect("taken over");
        statistic::Entity::update_of(merchant.id)
            .col_expr(statistic::Column::Generation, Expr::value(first + 1))
            .exec(&txn)
            .await
            .expect("built");
        statistic_product::Entity::update_of(merchant.id)
            .col_expr(
                statistic_product::Column::Generation,
                Expr::value(first + 1),
            )
            .exec(&txn)
            .await
            .expect("built");
        statistics_position::Entity::update_of(merchant.id)
            .col_expr(
                statistics_position::Column::Generation,
                Expr::value(first + 1),
            )
            .exec(&txn)
            .await
            .expect("switched");
        txn.commit().await.expect("committed");
        assert!(!slow.await.expect("nobody panics"), "{table}");
        let now = served(world.app(), merchant.id).await.expect("served");
        assert_eq!(now.generation, Some(first + 1));
        merchant.is_counted_right().await;
    }
}
