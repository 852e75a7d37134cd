//! The gateway dies in the middle of a day's gifts: another goes on, and each member is given something once.

use chrono::Datelike;
use entity::member;
use sea_orm::sea_query::Expr;
use serde_json::json;
use yigate::crash;
use yigate::members::service::find_or_add_many;

use crate::support::process::Process;
use crate::support::{World, eventually};

/// One more than one transaction takes.
const MANY: usize = 501;

async fn dies_in_the_middle(world: World) {
    let world = world.served_elsewhere().await;
    let merchant = world.merchant("汇贤饭店").await;
    let app = world.app();
    let nos: Vec<String> = (0..MANY).map(|no| format!("m{no}")).collect();
    app.write(merchant.id, |txn| {
        let nos = nos.clone();
        async move {
            find_or_add_many(app, &txn, merchant.id, &nos).await?;
            Ok::<_, yigate::error::Error>(())
        }
    })
    .await
    .expect("members");
    // By the machine's clock.
    let today = world
        .clock
        .now()
        .with_timezone(&chrono_tz::Asia::Shanghai)
        .date_naive();
    let birthday = i32::try_from(today.month() * 100 + today.day()).expect("a birthday");
    member::Entity::update_of(merchant.id)
        .col_expr(member::Column::Birthday, Expr::value(birthday))
        .exec(&app.db.writes(merchant.id))
        .await
        .expect("birthdays");
    merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
    let mut settings = app.settings.clone();
    settings.events.poll_interval_ms = 500;
    let process = async |point: &str| {
        let variables = [(crash::VARIABLE, point)];
        Process::start_with(&settings, world.directory(), &variables).await
    };
    let mut dying = process("gifts.last").await;
    dying.dies().await;
    assert_eq!(
        merchant.all_gifts().await.len(),
        500,
        "the last one's was rolled back"
    );
    let _living = process("").await;
    eventually("everybody has their gift", || async {
        merchant.all_gifts().await.len() == MANY
    })
    .await;
    let members = member::Entity::of(merchant.id)
        .all(&app.db.reads(merchant.id))
        .await;
    for row in members.expect("members") {
        assert_eq!(row.points, 100, "{}", row.member_no);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_in_the_middle_leaves_nobody_out_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        dies_in_the_middle(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_dies_in_the_middle_leaves_nobody_out_on_sqlite() {
    dies_in_the_middle(World::on_sqlite().await).await;
}
