//! Statistics: figures by hour and day of the merchant's clock, and how far they have come.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Statistics: figures by hour and day of the merchant's clock, and how far they have come.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    // In the order in which they are asked for: one merchant's days of one cut lie together.
    "CREATE TABLE statistics (
        merchant_id BIGINT NOT NULL,
        generation SMALLINT NOT NULL,
        grain TEXT! NOT NULL CHECK (grain IN ('HOUR', 'DAY')),
        cut SMALLINT NOT NULL CHECK (cut BETWEEN 1 AND 4),
        starts BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        country TEXT! NOT NULL,
        category TEXT! NOT NULL,
        orders BIGINT NOT NULL,
        converted BIGINT NOT NULL,
        paid_orders BIGINT NOT NULL,
        gross_minor BIGINT NOT NULL,
        discount_minor BIGINT NOT NULL,
        refunds BIGINT NOT NULL,
        refunded_minor BIGINT NOT NULL,
        fee_minor BIGINT NOT NULL,
        pay_ms BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, generation, grain, cut, starts, channel_id, country, category)
    ) CLUSTERED",
    "CREATE TABLE statistics_positions (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        generation SMALLINT NOT NULL CHECK (generation > 0),
        seq BIGINT NOT NULL CHECK (seq >= 0),
        time_zone TEXT NOT NULL,
        as_of BIGINT NOT NULL,
        built_at BIGINT NOT NULL
    )",
    "CREATE TABLE statistics_skips (
        merchant_id BIGINT NOT NULL,
        event_id BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, event_id)
    ) CLUSTERED",
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
