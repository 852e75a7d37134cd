//! What members have bought in the windows that are asked for most, summed ahead in their own rows: what asks it of a
//! million members reads no other table.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// What members have bought in the windows that are asked for most, in their own rows.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Members who were there before are summed by the worker: until then their days are.
const WINDOWS: &[&str] = &[
    "ALTER TABLE members ADD COLUMN orders_30 INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN orders_90 INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN orders_180 INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN orders_365 INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN spent_30_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN spent_90_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN spent_180_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN spent_365_minor BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN windows_from INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN windows_until INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX members_windows_until ON members (merchant_id, windows_until, id) WHERE last_paid_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, WINDOWS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
