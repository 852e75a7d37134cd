//! Indexes by which pages of a member's timeline, and of the members of a tier, are read in their order.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Indexes by which pages of a member's timeline, and of the members of a tier, are read in their order.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A refund names the member of its order: by their orders, all of them would be looked through for a page.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE refunds ADD COLUMN member_id BIGINT",
    "UPDATE refunds SET member_id = (SELECT orders.member_id FROM orders
        WHERE orders.merchant_id = refunds.merchant_id AND orders.id = refunds.order_id)",
    "CREATE INDEX refunds_member ON refunds (merchant_id, member_id, succeeded_at, id)
        WHERE member_id IS NOT NULL",
    "CREATE INDEX orders_member_paid ON orders (merchant_id, member_id, paid_at, id)
        WHERE member_id IS NOT NULL AND paid_at IS NOT NULL",
    "CREATE INDEX coupons_member_used ON coupons (merchant_id, member_id, used_at, id)
        WHERE member_id IS NOT NULL AND used_at IS NOT NULL",
    // What a page leaves out stands in its index: SQLite, which knows no figures of its tables, would rather walk through
    // those of all members than look up each row.
    "DROP INDEX point_entries_member",
    "CREATE INDEX point_entries_member ON point_entries (merchant_id, member_id, id, kind)",
    "DROP INDEX member_changes_member",
    "CREATE INDEX member_changes_member ON member_changes (merchant_id, member_id, id, kind)",
    "CREATE INDEX member_grants_member ON member_grants (merchant_id, member_id, id)",
    "DROP INDEX message_recipients_member",
    "CREATE INDEX message_recipients_member ON message_recipients (merchant_id, member_id, outcome, id)",
    "CREATE INDEX members_tier_spent ON members (merchant_id, tier_id, spent_minor, id)",
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
