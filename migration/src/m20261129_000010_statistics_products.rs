//! Statistics by product: what was sold of each by day and month, and which builds hold it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Statistics by product: what was sold of each by day and month, and which builds hold it.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    // In the order in which they are asked for: one channel's months, or those of all of them, lie together.
    "CREATE TABLE statistics_products (
        merchant_id BIGINT NOT NULL,
        generation SMALLINT NOT NULL,
        grain TEXT! NOT NULL CHECK (grain IN ('DAY', 'MONTH')),
        channel_id BIGINT NOT NULL,
        starts BIGINT NOT NULL,
        product_id BIGINT NOT NULL,
        quantity BIGINT NOT NULL,
        orders BIGINT NOT NULL,
        paid_minor BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, generation, grain, channel_id, starts, product_id)
    ) CLUSTERED",
    // What was built before holds no products: it is built anew, and served meanwhile.
    "ALTER TABLE statistics_positions ADD COLUMN shape SMALLINT NOT NULL DEFAULT 1",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
