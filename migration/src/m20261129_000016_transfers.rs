//! Money that left, compared with the platforms' own lists: which account it was sent through, and what does not fit.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Money that left, compared with the platforms' own lists: which account it was sent through, and what does not fit.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TRANSFERS: &[&str] = &[
    "ALTER TABLE refunds ADD COLUMN sent_through BYTES",
    "ALTER TABLE bank_accounts ADD COLUMN check_through BYTES",
    "ALTER TABLE reconciliation_items ADD COLUMN payout_id BIGINT",
    // A day's payouts of a channel, which its list of that day must have.
    "CREATE INDEX payouts_sent ON payouts (merchant_id, channel_id, sent_at)
        WHERE sent_at IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TRANSFERS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
