//! The history of the tables. Written out in SQL and never in terms of `entity`: what was applied
//! once must read the same for ever.

use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait, async_trait};

mod dialect;
mod m20261123_000001_identity;
mod m20261123_000002_orders;
mod m20261123_000003_events;
mod m20261124_000004_money;
mod m20261128_000005_sealed;
mod m20261128_000006_sign_in_delays;
mod m20261129_000007_channels;
mod m20261129_000008_statistics;
mod m20261129_000009_payouts;
mod m20261129_000010_statistics_products;
mod m20261129_000012_webhooks;
mod m20261129_000011_exports;
mod m20261129_000015_doors;
mod m20261129_000016_transfers;
mod m20261129_000018_payout_records;
mod m20261129_000019_approval_rests;
mod m20261129_000020_members;
mod m20261129_000021_campaigns;
mod m20261129_000022_buyers;
mod m20261129_000023_coupon_index;
mod m20261129_000024_loyalty;
mod m20261129_000025_statistics_tiers;
mod m20261129_000026_member_windows;
mod m20261129_000027_timelines;

pub use m20261129_000024_loyalty::BOUGHT_BEFORE;

/// Applies the migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_identity::Migration),
            Box::new(m20261123_000002_orders::Migration),
            Box::new(m20261123_000003_events::Migration),
            Box::new(m20261124_000004_money::Migration),
            Box::new(m20261128_000005_sealed::Migration),
            Box::new(m20261128_000006_sign_in_delays::Migration),
            Box::new(m20261129_000007_channels::Migration),
            Box::new(m20261129_000008_statistics::Migration),
            Box::new(m20261129_000009_payouts::Migration),
            Box::new(m20261129_000010_statistics_products::Migration),
            Box::new(m20261129_000012_webhooks::Migration),
            Box::new(m20261129_000011_exports::Migration),
            Box::new(m20261129_000015_doors::Migration),
            Box::new(m20261129_000016_transfers::Migration),
            Box::new(m20261129_000018_payout_records::Migration),
            Box::new(m20261129_000019_approval_rests::Migration),
            Box::new(m20261129_000020_members::Migration),
            Box::new(m20261129_000021_campaigns::Migration),
            Box::new(m20261129_000022_buyers::Migration),
            Box::new(m20261129_000023_coupon_index::Migration),
            Box::new(m20261129_000024_loyalty::Migration),
            Box::new(m20261129_000025_statistics_tiers::Migration),
            Box::new(m20261129_000026_member_windows::Migration),
            Box::new(m20261129_000027_timelines::Migration),
        ]
    }
}
