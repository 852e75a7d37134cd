//! The gateway dies at each point of a delivery's way: nothing is lost, and an event has one delivery.

use entity::webhook_delivery::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use yigate::crash;

use super::made;
use super::receiver::Receiver;
use crate::support::process::Process;
use crate::support::{World, eventually};

/// Where a worker dies, in the order of its work, and whether it was sent by then.
const POINTS: [(&str, bool); 4] = [
    ("webhook.following", false),
    ("webhook.claimed", false),
    ("webhook.answered", true),
    ("webhook.recorded", true),
];

async fn workers_die(world: World) {
    let world = world
        .served_elsewhere()
        .await
        .with_settings(|settings| {
            settings.webhooks.worker_interval_ms = 20;
            settings.webhooks.allow_private = true;
        })
        .await;
    let (merchant, receiver) = (world.merchant("汇贤饭店").await, Receiver::start().await);
    let input = serde_json::json!({ "url": receiver.url(), "eventTypes": ["ORDER_PAID"] });
    let endpoint = made(&merchant.owner().await, input).await;
    let mut settings = world.app().settings.clone();
    settings.events.poll_interval_ms = 200;
    let start = async |point: &str| {
        let variables = [(crash::VARIABLE, point)];
        Process::start_with(&settings, world.directory(), &variables).await
    };
    for (round, (point, sent)) in POINTS.into_iter().enumerate() {
        let before = receiver.heard().len();
        // What was before is looked at: else it would die before it is ready.
        merchant.numbered().await;
        yigate::webhooks::service::follow(world.app())
            .await
            .expect("followed");
        let mut process = start(point).await;
        let order = merchant.paid_order("1.00").await;
        process.dies().await;
        assert_eq!(receiver.heard().len() > before, sent, "{point}");
        // Its lease is over.
        webhook_delivery::Entity::update_of(merchant.id)
            .filter(Column::NextAttemptAt.is_not_null())
            .col_expr(Column::NextAttemptAt, Expr::value(0))
            .exec(world.app().db.writer())
            .await
            .expect("the database answers");
        let process = start("").await;
        let all = webhook_delivery::Entity::of(merchant.id);
        let delivered = all.clone().filter(Column::DeliveredAt.is_not_null());
        let count = async |select: sea_orm::Select<webhook_delivery::Entity>| {
            let counted = select.count(world.app().db.reads_across()).await;
            usize::try_from(counted.expect("the database answers")).expect("a number")
        };
        eventually("it is delivered", async || {
            count(delivered.clone()).await == round + 1
        })
        .await;
        drop(process);
        assert_eq!(
            count(all).await,
            round + 1,
            "{point}: one delivery of each event"
        );
        let told: Vec<_> = receiver
            .heard()
            .into_iter()
            .filter(|one| one.json()["data"]["subject"]["id"] == order.id.to_string())
            .collect();
        assert!(!told.is_empty() && told.len() <= 2, "{point}");
        let id = told[0].header("webhook-id");
        assert!(
            told.iter().all(|one| one.header("webhook-id") == id),
            "{point}"
        );
        assert!(
            told.iter()
                .all(|one| one.signed_with(&endpoint.secret) == 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_loses_nothing_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        workers_die(world).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_at_any_point_loses_nothing_on_sqlite() {
    workers_die(World::on_sqlite().await).await;
}
