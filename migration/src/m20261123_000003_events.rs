//! What happened: events, how far they are numbered, and what a repeated request did the first time.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

/// What happened: events, how far they are numbered, and what a repeated request did the first time.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE events (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        seq BIGINT,
        kind TEXT NOT NULL,
        subject_id BIGINT NOT NULL,
        occurred_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX events_seq ON events (merchant_id, seq) WHERE seq IS NOT NULL",
    "CREATE INDEX events_unnumbered ON events (merchant_id, id) WHERE seq IS NULL",
    "CREATE TABLE event_heads (
        merchant_id BIGINT NOT NULL PRIMARY KEY,
        last_seq BIGINT NOT NULL,
        pruned_seq BIGINT NOT NULL,
        CHECK (pruned_seq BETWEEN 0 AND last_seq)
    )",
    "CREATE TABLE idempotency_keys (
        merchant_id BIGINT NOT NULL,
        key TEXT! NOT NULL,
        operation TEXT NOT NULL,
        body_hash BYTES NOT NULL,
        subject_id BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, key)
    )",
];

/// The order in which the database took the events, which no clock of an instance can turn round.
/// SQLite has it as `rowid`.
const POSITION: &[&str] = &[
    "CREATE SEQUENCE event_position",
    "ALTER TABLE events ADD COLUMN position BIGINT NOT NULL DEFAULT nextval('event_position')",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, POSITION).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
