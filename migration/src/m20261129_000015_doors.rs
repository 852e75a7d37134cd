//! Since when money leaves by a channel's credentials, and through which channel a payout was shown to leave.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Since when money leaves by a channel's credentials, and through which channel a payout was shown to leave.
#[derive(DeriveMigrationName)]
pub struct Migration;

const STATEMENTS: &[&str] = &[
    "ALTER TABLE channels ADD COLUMN pays_out_from BIGINT",
    // Those that paid out before go on.
    "UPDATE channels SET pays_out_from = updated_at WHERE kind = 'EPAY_V2'",
    "ALTER TABLE payout_challenges ADD COLUMN channel_id BIGINT",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, STATEMENTS).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
