//! Campaigns in versions, coupons, what of them is taken, and in which orders.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Campaigns in versions, coupons, what of them is taken, and in which orders.
#[derive(DeriveMigrationName)]
pub struct Migration;

const CAMPAIGNS: &[&str] = &[
    "CREATE TABLE campaigns (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('DRAFT', 'SCHEDULED', 'ACTIVE', 'PAUSED', 'ENDED')),
        version INTEGER NOT NULL CHECK (version > 0),
        kind TEXT NOT NULL CHECK (kind IN ('FULL_REDUCTION', 'EVERY_FULL', 'DISCOUNT', 'CASH')),
        rules TEXT NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT,
        holdout_ppm INTEGER NOT NULL CHECK (holdout_ppm BETWEEN 0 AND 500000),
        refund_policy TEXT NOT NULL CHECK (refund_policy IN ('RESTORE', 'KEEP')),
        created_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        activated_at BIGINT,
        ended_at BIGINT,
        next_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK (ends_at IS NULL OR ends_at > starts_at),
        CHECK ((state = 'ENDED') = (ended_at IS NOT NULL))
    )",
    "CREATE INDEX campaigns_state ON campaigns (merchant_id, state, id)",
    "CREATE INDEX campaigns_due ON campaigns (next_at, merchant_id, id) WHERE next_at IS NOT NULL",
    "CREATE TABLE campaign_versions (
        merchant_id BIGINT NOT NULL,
        campaign_id BIGINT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        name TEXT NOT NULL,
        rules TEXT NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT,
        holdout_ppm INTEGER NOT NULL,
        refund_policy TEXT NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, campaign_id, version),
        FOREIGN KEY (merchant_id, campaign_id) REFERENCES campaigns (merchant_id, id)
    ) CLUSTERED",
];

const COUPONS: &[&str] = &[
    "CREATE TABLE coupon_templates (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'PAUSED', 'ENDED')),
        version INTEGER NOT NULL CHECK (version > 0),
        kind TEXT NOT NULL CHECK (kind IN ('FULL_REDUCTION', 'EVERY_FULL', 'DISCOUNT', 'CASH')),
        rules TEXT NOT NULL,
        valid_from BIGINT,
        valid_until BIGINT,
        valid_days INTEGER CHECK (valid_days BETWEEN 1 AND 3650),
        quantity BIGINT NOT NULL CHECK (quantity > 0),
        per_member BIGINT CHECK (per_member > 0),
        claim_code TEXT!,
        refund_policy TEXT NOT NULL CHECK (refund_policy IN ('RESTORE', 'KEEP')),
        created_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK ((valid_until IS NULL) = (valid_days IS NOT NULL)),
        CHECK (valid_from IS NULL OR valid_until > valid_from)
    )",
    "CREATE INDEX coupon_templates_state ON coupon_templates (merchant_id, state, id)",
    "CREATE UNIQUE INDEX coupon_templates_claim_code ON coupon_templates (merchant_id, claim_code)
        WHERE claim_code IS NOT NULL",
    "CREATE TABLE coupons (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        template_id BIGINT NOT NULL,
        batch_id BIGINT,
        code TEXT! NOT NULL,
        member_id BIGINT,
        state TEXT NOT NULL CHECK (state IN ('AVAILABLE', 'RESERVED', 'USED', 'VOID')),
        origin TEXT NOT NULL CHECK (origin IN ('ISSUED', 'CLAIMED', 'CODE')),
        valid_from BIGINT NOT NULL,
        valid_until BIGINT NOT NULL,
        order_id BIGINT,
        used_at BIGINT,
        voided_at BIGINT,
        voided_by TEXT,
        void_reason TEXT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((state IN ('RESERVED', 'USED')) = (order_id IS NOT NULL)),
        CHECK ((state = 'VOID') = (voided_at IS NOT NULL)),
        FOREIGN KEY (merchant_id, template_id) REFERENCES coupon_templates (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX coupons_code ON coupons (merchant_id, code)",
    "CREATE INDEX coupons_template ON coupons (merchant_id, template_id, id)",
    "CREATE INDEX coupons_batch ON coupons (merchant_id, batch_id, id) WHERE batch_id IS NOT NULL",
    "CREATE INDEX coupons_member ON coupons (merchant_id, member_id, id) WHERE member_id IS NOT NULL",
    "CREATE INDEX coupons_expiring ON coupons (merchant_id, valid_until, id)
        WHERE state = 'AVAILABLE'",
];

const REDEMPTIONS: &[&str] = &[
    "CREATE TABLE offer_counters (
        merchant_id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('CAMPAIGN', 'COUPON_ISSUE', 'COUPON_USE')),
        offer_id BIGINT NOT NULL,
        span TEXT! NOT NULL,
        taken BIGINT NOT NULL CHECK (taken >= 0),
        spent_minor BIGINT NOT NULL CHECK (spent_minor >= 0),
        most BIGINT,
        budget_minor BIGINT,
        PRIMARY KEY (merchant_id, kind, offer_id, span),
        CONSTRAINT offer_counters_limit CHECK (most IS NULL OR taken <= most),
        CONSTRAINT offer_counters_budget CHECK (budget_minor IS NULL OR spent_minor <= budget_minor)
    ) CLUSTERED",
    "CREATE TABLE redemptions (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        offer TEXT NOT NULL CHECK (offer IN ('CAMPAIGN', 'COUPON')),
        offer_id BIGINT NOT NULL,
        version INTEGER NOT NULL,
        coupon_id BIGINT,
        member_id BIGINT,
        state TEXT NOT NULL CHECK (state IN ('RESERVED', 'COMMITTED', 'ROLLED_BACK')),
        off_minor BIGINT NOT NULL CHECK (off_minor > 0),
        shares TEXT NOT NULL,
        day INTEGER NOT NULL,
        counted BOOLEAN NOT NULL,
        sales_minor BIGINT,
        newcomer BOOLEAN NOT NULL,
        reserved_at BIGINT NOT NULL,
        committed_at BIGINT,
        rolled_back_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((offer = 'COUPON') = (coupon_id IS NOT NULL)),
        CHECK (state <> 'COMMITTED' OR committed_at IS NOT NULL),
        CHECK ((state = 'ROLLED_BACK') = (rolled_back_at IS NOT NULL)),
        FOREIGN KEY (merchant_id, order_id) REFERENCES orders (merchant_id, id)
    )",
    "CREATE INDEX redemptions_order ON redemptions (merchant_id, order_id, id)",
    "CREATE UNIQUE INDEX redemptions_campaign_once ON redemptions (merchant_id, order_id, offer_id)
        WHERE coupon_id IS NULL",
    "CREATE UNIQUE INDEX redemptions_coupon_once ON redemptions (merchant_id, coupon_id)
        WHERE coupon_id IS NOT NULL AND state <> 'ROLLED_BACK' AND counted",
    "CREATE INDEX redemptions_offer ON redemptions (merchant_id, offer_id, id)",
    "CREATE INDEX redemptions_committed ON redemptions (merchant_id, offer_id, committed_at, id)
        WHERE state = 'COMMITTED'",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, CAMPAIGNS).await?;
        dialect::run(manager, COUPONS).await?;
        dialect::run(manager, REDEMPTIONS).await?;
        dialect::refuse(manager, "campaign_versions", &["UPDATE", "DELETE"]).await?;
        dialect::refuse(manager, "redemptions", &["DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
