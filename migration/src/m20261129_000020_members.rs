//! Members, by the numbers that their shop knows them by, and which orders are theirs.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Members, by the numbers that their shop knows them by, and which orders are theirs.
#[derive(DeriveMigrationName)]
pub struct Migration;

const STATEMENTS: &[&str] = &[
    "CREATE TABLE members (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        member_no TEXT! NOT NULL CHECK (LENGTH(member_no) BETWEEN 1 AND 64),
        first_order_id BIGINT,
        first_paid_at BIGINT,
        first_channel_id BIGINT,
        first_method TEXT,
        first_country TEXT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((first_order_id IS NULL) = (first_paid_at IS NULL)),
        CHECK ((first_order_id IS NULL) = (first_channel_id IS NULL)),
        CHECK ((first_order_id IS NULL) = (first_method IS NULL)),
        CHECK (first_order_id IS NOT NULL OR first_country IS NULL)
    )",
    "CREATE UNIQUE INDEX members_member_no ON members (merchant_id, member_no)",
    "ALTER TABLE orders ADD COLUMN member_id BIGINT",
    "CREATE INDEX orders_member ON orders (merchant_id, member_id, id) WHERE member_id IS NOT NULL",
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
