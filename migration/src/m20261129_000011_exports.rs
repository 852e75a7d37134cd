//! Lists that are written into files, and the files, in pieces.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Lists that are written into files, and the files, in pieces.
#[derive(DeriveMigrationName)]
pub struct Migration;

const EXPORTS: &[&str] = &[
    "CREATE TABLE exports (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        format TEXT NOT NULL CHECK (format IN ('CSV', 'XLSX', 'JSONL')),
        language TEXT NOT NULL CHECK (language IN ('ZH_CN', 'EN')),
        wanted TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELED', 'EXPIRED')),
        requested_by TEXT NOT NULL,
        requested_personal BOOLEAN NOT NULL,
        masked BOOLEAN,
        rows_total BIGINT CHECK (rows_total >= 0),
        rows_done BIGINT NOT NULL CHECK (rows_done >= 0),
        bytes BIGINT NOT NULL CHECK (bytes >= 0),
        stored_bytes BIGINT NOT NULL CHECK (stored_bytes >= 0),
        pieces INTEGER NOT NULL CHECK (pieces >= 0),
        attempts INTEGER NOT NULL,
        lease INTEGER NOT NULL,
        next_at BIGINT,
        failure TEXT,
        started_at BIGINT,
        finished_at BIGINT,
        expires_at BIGINT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK ((state IN ('QUEUED', 'RUNNING')) = (next_at IS NOT NULL)),
        CHECK ((state IN ('QUEUED', 'RUNNING')) = (finished_at IS NULL)),
        CHECK (state NOT IN ('DONE', 'EXPIRED') OR (expires_at IS NOT NULL AND masked IS NOT NULL)),
        CHECK ((state = 'FAILED') = (failure IS NOT NULL))
    )",
    // One of a merchant is written at a time.
    "CREATE UNIQUE INDEX exports_running ON exports (merchant_id) WHERE state = 'RUNNING'",
    // What waits, or whose instance is gone, of all merchants.
    "CREATE INDEX exports_due ON exports (next_at, merchant_id, id) WHERE next_at IS NOT NULL",
    // Files that are to go, of all merchants.
    "CREATE INDEX exports_expiring ON exports (expires_at, merchant_id, id) WHERE state = 'DONE'",
    "CREATE TABLE export_pieces (
        merchant_id BIGINT NOT NULL,
        export_id BIGINT NOT NULL,
        no INTEGER NOT NULL CHECK (no >= 0),
        bytes BYTES NOT NULL,
        PRIMARY KEY (merchant_id, export_id, no),
        FOREIGN KEY (merchant_id, export_id) REFERENCES exports (merchant_id, id)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, EXPORTS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
