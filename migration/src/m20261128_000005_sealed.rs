//! How the database looks whether a ledger transaction is sealed: by index, whatever the table's size.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// How the database looks whether a ledger transaction is sealed: by index, whatever the table's size.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::sealed_by_index(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
