//! Indexes by which members are counted: who bought when, and who bought for the first time.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Indexes by which members are counted: who bought when, and who bought for the first time.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Each holds all that statistics ask of it, so that no row of the table is looked at.
const STATEMENTS: &[&str] = &[
    "CREATE INDEX orders_buyers ON orders (merchant_id, paid_at, member_id, channel_id, method, country)
        WHERE member_id IS NOT NULL AND paid_at IS NOT NULL",
    "CREATE INDEX members_first_paid
        ON members (merchant_id, first_paid_at, first_channel_id, first_method, first_country)
        WHERE first_paid_at IS NOT NULL",
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
