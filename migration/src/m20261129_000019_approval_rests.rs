//! A limit of approvals that is raised or taken away rests: what held before holds for a while.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// A limit of approvals that is raised or taken away rests: what held before holds for a while.
#[derive(DeriveMigrationName)]
pub struct Migration;

const STATEMENTS: &[&str] = &[
    "ALTER TABLE merchants ADD COLUMN payout_approval_before_minor BIGINT",
    "ALTER TABLE merchants ADD COLUMN payout_approval_before_until BIGINT",
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
