//! Statistics by the buyers' tiers: two more cuts, and the tier in the indexes by which buyers are counted.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

/// Statistics by the buyers' tiers: two more cuts, and the tier in the indexes by which buyers are counted.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was built before is served until it is built anew.
const POSTGRES: &[&str] = &[
    "ALTER TABLE statistics ADD COLUMN tier_id BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE statistics DROP CONSTRAINT statistics_cut_check",
    "ALTER TABLE statistics ADD CONSTRAINT statistics_cut_check CHECK (cut BETWEEN 1 AND 6) NOT VALID",
    "ALTER TABLE statistics DROP CONSTRAINT statistics_pkey",
    "ALTER TABLE statistics ADD PRIMARY KEY
        (merchant_id, generation, grain, cut, starts, channel_id, country, category, tier_id)",
];

/// SQLite changes neither a key nor a CHECK: the table is made anew.
const SQLITE: &[&str] = &[
    "ALTER TABLE statistics RENAME TO statistics_before",
    "CREATE TABLE statistics (
        merchant_id BIGINT NOT NULL,
        generation SMALLINT NOT NULL,
        grain TEXT! NOT NULL CHECK (grain IN ('HOUR', 'DAY')),
        cut SMALLINT NOT NULL CHECK (cut BETWEEN 1 AND 6),
        starts BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        country TEXT! NOT NULL,
        category TEXT! NOT NULL,
        tier_id BIGINT NOT NULL,
        orders BIGINT NOT NULL,
        converted BIGINT NOT NULL,
        paid_orders BIGINT NOT NULL,
        gross_minor BIGINT NOT NULL,
        discount_minor BIGINT NOT NULL,
        refunds BIGINT NOT NULL,
        refunded_minor BIGINT NOT NULL,
        fee_minor BIGINT NOT NULL,
        pay_ms BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, generation, grain, cut, starts, channel_id, country, category, tier_id)
    ) CLUSTERED",
    "INSERT INTO statistics SELECT merchant_id, generation, grain, cut, starts, channel_id, country, category, 0,
        orders, converted, paid_orders, gross_minor, discount_minor, refunds, refunded_minor, fee_minor, pay_ms
        FROM statistics_before",
    "DROP TABLE statistics_before",
];

const BUYERS: &[&str] = &[
    "ALTER TABLE members ADD COLUMN first_tier_id BIGINT",
    "DROP INDEX orders_buyers",
    "CREATE INDEX orders_buyers
        ON orders (merchant_id, paid_at, member_id, channel_id, method, country, tier_id)
        WHERE member_id IS NOT NULL AND paid_at IS NOT NULL",
    "DROP INDEX members_first_paid",
    "CREATE INDEX members_first_paid
        ON members (merchant_id, first_paid_at, first_channel_id, first_method, first_country, first_tier_id)
        WHERE first_paid_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, POSTGRES).await?;
        } else {
            dialect::run(manager, SQLITE).await?;
        }
        dialect::run(manager, BUYERS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
