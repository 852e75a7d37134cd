//! An index by which the coupons of a template are found that are not used up: those that can be voided, and those held.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// An index by which the coupons of a template are found that are not used up: those that can be voided, and those held.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Its condition is of two words, not of a list: SQLite finds one of them in a statement, and a list only as a whole.
const STATEMENTS: &[&str] = &[
    "CREATE INDEX coupons_open ON coupons (merchant_id, template_id, state, valid_until, id)
        WHERE state = 'AVAILABLE' OR state = 'RESERVED'",
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
