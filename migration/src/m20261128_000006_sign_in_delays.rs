//! How often signing in has failed, and until when nobody may try again.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// How often signing in has failed, and until when nobody may try again.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE sign_in_delays (
        login_hash BYTES NOT NULL PRIMARY KEY,
        failures BIGINT NOT NULL CHECK (failures > 0),
        last_at BIGINT NOT NULL,
        free_at BIGINT NOT NULL CHECK (free_at >= last_at)
    )",
    "CREATE INDEX sign_in_delays_last ON sign_in_delays (last_at)",
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
