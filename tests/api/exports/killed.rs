//! An instance is killed while it writes a file: another one writes it, whole.

use std::collections::BTreeSet;

use entity::export::{Column, Entity, ExportState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;
use yigate::crash;

use super::{Table, asked_for, downloaded, seen};
use crate::orders::rows::{insert, order};
use crate::support::postgres::PrivatePostgres;
use crate::support::process::Process;
use crate::support::{World, eventually};

/// Where it dies: with a piece written, and before it says that it is done.
const POINTS: [&str; 2] = ["export.piece", "export.finishing"];

async fn told(world: World) {
    let world = world
        .served_elsewhere()
        .await
        .with_settings(|settings| {
            settings.exports.worker_interval_ms = 20;
            // Whoever died has it until the test says that its time is over.
            settings.exports.lease_ms = 3_600_000;
        })
        .await;
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 500;
    let merchant = world.merchant("汇贤饭店").await;
    let now = world.clock.now();
    let rows: Vec<_> = (0..9_000)
        .map(|no| {
            // What is random cannot be packed: there is more than one piece.
            let (one, other) = (rand::random::<u128>(), rand::random::<u64>());
            order(&merchant, format!("S{no}-{one:032x}{other:016x}"), now)
        })
        .collect();
    insert(&world, &rows).await;
    let owner = merchant.owner().await;
    for point in POINTS {
        let variables = [(crash::VARIABLE, point)];
        let mut process = Process::start_with(&settings, world.directory(), &variables).await;
        let id = asked_for(&owner, json!({ "orders": {} }), "CSV", json!({})).await;
        process.dies().await;
        let state = seen(&owner, &id).await["state"].clone();
        assert_eq!(state, "RUNNING", "{point}");
        let _process = Process::start(&settings, world.directory()).await;
        let over = Entity::update_of(merchant.id)
            .filter(Column::State.eq(ExportState::Running))
            .col_expr(Column::NextAt, Expr::value(0_i64));
        over.exec(world.app().db.writer())
            .await
            .expect("the database answers");
        eventually("the file is written", async || {
            seen(&owner, &id).await["state"] == "DONE"
        })
        .await;
        let table = Table::of_csv(&downloaded(&seen(&owner, &id).await).await);
        let numbers: BTreeSet<&str> = table.column("商户订单号").into_iter().collect();
        let wanted: BTreeSet<&str> = rows.iter().map(|row| row.no()).collect();
        assert!(
            numbers == wanted && table.rows.len() == rows.len(),
            "{point}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_instances_file_is_written_by_another_on_sqlite() {
    told(World::on_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_instances_file_is_written_by_another_on_postgres() {
    let Some(server) = PrivatePostgres::maybe_start() else {
        return;
    };
    told(World::on_private_postgres(&server).await).await;
}
