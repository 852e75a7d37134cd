//! A tier's discount is redeemed as campaigns and coupons are.

pub const POSTGRES: &[&str] = &[
    "ALTER TABLE redemptions DROP CONSTRAINT redemptions_offer_check",
    "ALTER TABLE redemptions ADD CONSTRAINT redemptions_offer_check
        CHECK (offer IN ('CAMPAIGN', 'COUPON', 'TIER')) NOT VALID",
];

/// SQLite cannot change a CHECK: the table is made anew.
pub const SQLITE: &[&str] = &[
    "CREATE TABLE redemptions_anew (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        offer TEXT NOT NULL CHECK (offer IN ('CAMPAIGN', 'COUPON', 'TIER')),
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
    "INSERT INTO redemptions_anew SELECT merchant_id, id, order_id, offer, offer_id, version, coupon_id, member_id,
        state, off_minor, shares, day, counted, sales_minor, newcomer, reserved_at, committed_at, rolled_back_at
        FROM redemptions",
    "DROP TRIGGER redemptions_refuse_delete",
    "DROP TABLE redemptions",
    "ALTER TABLE redemptions_anew RENAME TO redemptions",
    "CREATE INDEX redemptions_order ON redemptions (merchant_id, order_id, id)",
    "CREATE UNIQUE INDEX redemptions_campaign_once ON redemptions (merchant_id, order_id, offer_id)
        WHERE coupon_id IS NULL",
    "CREATE UNIQUE INDEX redemptions_coupon_once ON redemptions (merchant_id, coupon_id)
        WHERE coupon_id IS NOT NULL AND state <> 'ROLLED_BACK' AND counted",
    "CREATE INDEX redemptions_offer ON redemptions (merchant_id, offer_id, id)",
    "CREATE INDEX redemptions_committed ON redemptions (merchant_id, offer_id, committed_at, id)
        WHERE state = 'COMMITTED'",
];
