//! What happened to payouts, step by step.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// What happened to payouts, step by step.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "CREATE TABLE payout_records (
        merchant_id BIGINT NOT NULL,
        payout_id BIGINT NOT NULL,
        no INTEGER NOT NULL CHECK (no > 0),
        kind TEXT NOT NULL CHECK (kind IN ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELED', 'SENT',
            'UNKNOWN', 'PAID', 'FAILED', 'RETURNED')),
        happened_at BIGINT NOT NULL,
        actor TEXT,
        note TEXT,
        PRIMARY KEY (merchant_id, payout_id, no),
        FOREIGN KEY (merchant_id, payout_id) REFERENCES payouts (merchant_id, id)
    ) CLUSTERED";

/// What is known of payouts that were made before: the steps that they remember themselves. An id holds the
/// milliseconds since 2010 above 22 bits.
const BEFORE: &[&str] = &[
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 1, 'REQUESTED', (id >> 22) + 1262304000000, requested_by, note
        FROM payouts",
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 2, CASE WHEN state = 'REJECTED' THEN 'REJECTED' ELSE 'APPROVED' END,
            decided_at, decided_by, decision_note
        FROM payouts WHERE decided_at IS NOT NULL",
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 3, 'SENT', sent_at, NULL, NULL
        FROM payouts WHERE sent_at IS NOT NULL",
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 4, 'PAID', paid_at, NULL, NULL
        FROM payouts WHERE paid_at IS NOT NULL",
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 5, 'RETURNED', returned_at, NULL, error
        FROM payouts WHERE returned_at IS NOT NULL",
    "INSERT INTO payout_records (merchant_id, payout_id, no, kind, happened_at, actor, note)
        SELECT merchant_id, id, 6, CASE WHEN state = 'CANCELED' THEN 'CANCELED' ELSE 'FAILED' END,
            closed_at, CASE WHEN closed_by = 'provider' THEN NULL ELSE closed_by END, error
        FROM payouts WHERE closed_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, &[TABLE]).await?;
        dialect::run(manager, BEFORE).await?;
        dialect::refuse(manager, "payout_records", &["UPDATE", "DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
