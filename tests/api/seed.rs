//! The bulk loader: fast, because it takes keys away from empty tables, and safe, because it brings
//! every one of them back.

mod money;
mod offers;

use sea_orm::{ConnectionTrait, Statement};
use yigate::app::App;
use yigate::demo;

use crate::support::{World, noon};

async fn texts(app: &App, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(app.db.backend(), sql);
    let rows = app
        .db
        .writer()
        .query_all_raw(statement)
        .await
        .expect("rows");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("text"))
        .collect()
}

/// Every index, constraint and trigger, by what makes it, and whether it is proven.
const DEFINITIONS: &str = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL \
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated \
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL \
    SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal \
    ORDER BY 1";

#[tokio::test]
async fn loading_leaves_every_key_and_index_of_postgresql_as_it_was() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let before = texts(world.app(), DEFINITIONS).await;
    assert!(
        before.iter().any(|text| text.contains("FOREIGN KEY")),
        "{before:#?}"
    );
    // First into empty tables, whose keys are taken away meanwhile; then into filled ones.
    for (round, orders) in [(1, "600"), (2, "1200")] {
        let seeded = demo::seed(world.app(), 600, 3, round, noon())
            .await
            .expect("orders");
        assert_eq!(seeded.orders, 600);
        assert_eq!(
            texts(world.app(), DEFINITIONS).await,
            before,
            "round {round}"
        );
        let count = texts(world.app(), "SELECT count(*)::text FROM orders").await;
        assert_eq!(count, [orders]);
    }
    let orphans = "SELECT count(*)::text FROM order_lines AS l WHERE NOT EXISTS (SELECT 1 FROM orders \
        AS o WHERE o.merchant_id = l.merchant_id AND o.id = l.order_id)";
    assert_eq!(texts(world.app(), orphans).await, ["0"]);
    money::adds_up(world.app()).await;
}
