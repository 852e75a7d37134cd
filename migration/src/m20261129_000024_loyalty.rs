//! Loyalty: members' profiles, tiers, points, rewards, gifts, segments and messages.

mod redemptions;
mod rewards;

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};
use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

/// Loyalty: members' profiles, tiers, points, rewards, gifts, segments and messages.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What is asked of all members at once stands in their own rows, which stay short; what names a person, in others.
const MEMBERS: &[&str] = &[
    "ALTER TABLE members ADD COLUMN joined_at BIGINT NOT NULL DEFAULT 0",
    "UPDATE members SET joined_at = id / 4194304 + 1262304000000",
    "ALTER TABLE members ADD COLUMN tier_id BIGINT",
    "ALTER TABLE members ADD COLUMN tier_since BIGINT",
    "ALTER TABLE members ADD COLUMN tier_until BIGINT",
    "ALTER TABLE members ADD COLUMN paid_orders BIGINT NOT NULL DEFAULT 0 CHECK (paid_orders >= 0)",
    "ALTER TABLE members ADD COLUMN spent_minor BIGINT NOT NULL DEFAULT 0 CHECK (spent_minor >= 0)",
    "ALTER TABLE members ADD COLUMN last_paid_at BIGINT",
    "ALTER TABLE members ADD COLUMN points BIGINT NOT NULL DEFAULT 0 CHECK (points >= 0)",
    "ALTER TABLE members ADD COLUMN points_pending BIGINT NOT NULL DEFAULT 0 CHECK (points_pending >= 0)",
    "ALTER TABLE members ADD COLUMN points_owed BIGINT NOT NULL DEFAULT 0 CHECK (points_owed >= 0)",
    "ALTER TABLE members ADD COLUMN birthday INTEGER CHECK (birthday BETWEEN 101 AND 1231)",
    "ALTER TABLE members ADD COLUMN consented_at BIGINT",
    "ALTER TABLE members ADD COLUMN locale TEXT",
    "ALTER TABLE members ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0)",
    "ALTER TABLE members ADD COLUMN merged_into BIGINT",
    "ALTER TABLE members ADD COLUMN erased_at BIGINT",
    "CREATE INDEX members_tier ON members (merchant_id, tier_id, id)",
    "CREATE INDEX members_tier_until ON members (merchant_id, tier_until, id) WHERE tier_until IS NOT NULL",
    "CREATE INDEX members_spent ON members (merchant_id, spent_minor, id)",
    "CREATE INDEX members_last_paid ON members (merchant_id, last_paid_at, id) WHERE last_paid_at IS NOT NULL",
    "CREATE INDEX members_birthday ON members (merchant_id, birthday, id) WHERE birthday IS NOT NULL",
    "CREATE INDEX members_joined ON members (merchant_id, joined_at, id)",
    "CREATE INDEX members_merged_into ON members (merchant_id, merged_into) WHERE merged_into IS NOT NULL",
    "CREATE TABLE member_profiles (
        merchant_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        sealed BYTES NOT NULL,
        name_hash BYTES,
        phone_hash BYTES,
        phone_tail_hash BYTES,
        email_hash BYTES,
        PRIMARY KEY (merchant_id, member_id),
        FOREIGN KEY (merchant_id, member_id) REFERENCES members (merchant_id, id)
    )",
    "CREATE INDEX member_profiles_name ON member_profiles (merchant_id, name_hash, member_id) WHERE name_hash IS NOT NULL",
    "CREATE INDEX member_profiles_phone ON member_profiles (merchant_id, phone_hash, member_id) WHERE phone_hash IS NOT NULL",
    "CREATE INDEX member_profiles_phone_tail ON member_profiles (merchant_id, phone_tail_hash, member_id)
        WHERE phone_tail_hash IS NOT NULL",
    "CREATE INDEX member_profiles_email ON member_profiles (merchant_id, email_hash, member_id) WHERE email_hash IS NOT NULL",
    "CREATE TABLE member_tags (
        merchant_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        tag TEXT! NOT NULL CHECK (LENGTH(tag) BETWEEN 1 AND 40),
        PRIMARY KEY (merchant_id, member_id, tag)
    ) CLUSTERED",
    "CREATE INDEX member_tags_tag ON member_tags (merchant_id, tag, member_id)",
    "CREATE TABLE member_days (
        merchant_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        day INTEGER NOT NULL,
        orders BIGINT NOT NULL CHECK (orders >= 0),
        spent_minor BIGINT NOT NULL CHECK (spent_minor >= 0),
        points BIGINT NOT NULL CHECK (points >= 0),
        PRIMARY KEY (merchant_id, member_id, day)
    ) CLUSTERED",
    "CREATE INDEX member_days_day ON member_days (merchant_id, day, member_id, orders, spent_minor, points)",
    "CREATE TABLE member_changes (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN
            ('CREATED', 'UPDATED', 'CONSENTED', 'WITHDRAWN', 'IMPORTED', 'MERGED', 'ERASED')),
        fields TEXT NOT NULL,
        actor TEXT NOT NULL,
        note TEXT,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE INDEX member_changes_member ON member_changes (merchant_id, member_id, id)",
    "CREATE TABLE member_imports (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        total INTEGER NOT NULL,
        added INTEGER NOT NULL,
        changed INTEGER NOT NULL,
        consent_kept INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        report TEXT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK (total = added + changed + failed)
    )",
];

/// Counts what was bought before: orders that were not refunded in full, as those are that are paid since. Days are those
/// of China, where a shop's own are others by hours.
pub const BOUGHT_BEFORE: &[&str] = &[
    "UPDATE members SET paid_orders = bought.orders, spent_minor = bought.spent, last_paid_at = bought.last
        FROM (SELECT merchant_id, member_id,
                CAST(SUM(CASE WHEN paid_minor > 0 AND refunded_minor = paid_minor THEN 0 ELSE 1 END) AS BIGINT) AS orders,
                CAST(SUM(paid_minor - refunded_minor) AS BIGINT) AS spent, MAX(paid_at) AS last
            FROM orders WHERE member_id IS NOT NULL AND payment_state = 'PAID'
            GROUP BY merchant_id, member_id) AS bought
        WHERE members.merchant_id = bought.merchant_id AND members.id = bought.member_id",
    "INSERT INTO member_days (merchant_id, member_id, day, orders, spent_minor, points)
        SELECT merchant_id, member_id, CAST((paid_at + 28800000) / 86400000 AS INTEGER),
            CAST(SUM(CASE WHEN paid_minor > 0 AND refunded_minor = paid_minor THEN 0 ELSE 1 END) AS BIGINT),
            CAST(SUM(paid_minor - refunded_minor) AS BIGINT), 0
        FROM orders WHERE member_id IS NOT NULL AND payment_state = 'PAID'
        GROUP BY merchant_id, member_id, CAST((paid_at + 28800000) / 86400000 AS INTEGER)",
];

const TIERS: &[&str] = &[
    "CREATE TABLE tiers (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        rank INTEGER NOT NULL CHECK (rank > 0),
        name TEXT NOT NULL,
        name_en TEXT,
        version INTEGER NOT NULL CHECK (version > 0),
        spend_minor BIGINT CHECK (spend_minor > 0),
        points BIGINT CHECK (points > 0),
        orders BIGINT CHECK (orders > 0),
        window_days INTEGER CHECK (window_days BETWEEN 1 AND 3650),
        retention_days INTEGER CHECK (retention_days BETWEEN 1 AND 3650),
        downgrade TEXT NOT NULL CHECK (downgrade IN ('QUALIFIED', 'ONE_STEP')),
        discount_ppm INTEGER NOT NULL CHECK (discount_ppm BETWEEN 0 AND 990000),
        discount_exclusive BOOLEAN NOT NULL,
        multiplier_ppm INTEGER NOT NULL CHECK (multiplier_ppm BETWEEN 0 AND 100000000),
        birthday_points BIGINT CHECK (birthday_points > 0),
        birthday_template_id BIGINT,
        priority BOOLEAN NOT NULL,
        perks TEXT,
        perks_en TEXT,
        updated_at BIGINT NOT NULL,
        removed_at BIGINT,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX tiers_rank ON tiers (merchant_id, rank) WHERE removed_at IS NULL",
    "CREATE TABLE tier_changes (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        from_tier_id BIGINT,
        to_tier_id BIGINT,
        reason TEXT NOT NULL CHECK (reason IN
            ('REACHED', 'RETAINED', 'LAPSED', 'REFUNDED', 'ASSIGNED', 'MERGED', 'REMOVED')),
        until BIGINT,
        actor TEXT NOT NULL,
        note TEXT,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE INDEX tier_changes_member ON tier_changes (merchant_id, member_id, id)",
    "CREATE TABLE loyalty_runs (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        kind TEXT! NOT NULL CHECK (kind IN ('TIERS', 'BIRTHDAY', 'ANNIVERSARY')),
        day INTEGER NOT NULL,
        after_id BIGINT NOT NULL,
        next_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, kind)
    )",
    "CREATE INDEX loyalty_runs_due ON loyalty_runs (next_at, merchant_id, kind)",
    "ALTER TABLE orders ADD COLUMN tier_id BIGINT",
];

const POINTS: &[&str] = &[
    "CREATE TABLE points_programs (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        version INTEGER NOT NULL CHECK (version > 0),
        enabled BOOLEAN NOT NULL,
        earn_points BIGINT NOT NULL CHECK (earn_points > 0),
        earn_per_minor BIGINT NOT NULL CHECK (earn_per_minor > 0),
        valid_days INTEGER CHECK (valid_days BETWEEN 1 AND 3650),
        pending_days INTEGER NOT NULL CHECK (pending_days BETWEEN 0 AND 365),
        pay_enabled BOOLEAN NOT NULL,
        pay_points BIGINT NOT NULL CHECK (pay_points > 0),
        pay_minor BIGINT NOT NULL CHECK (pay_minor > 0),
        pay_cap_ppm INTEGER NOT NULL CHECK (pay_cap_ppm BETWEEN 1 AND 1000000),
        adjust_limit BIGINT NOT NULL CHECK (adjust_limit > 0),
        updated_at BIGINT NOT NULL
    )",
    "CREATE TABLE point_lots (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN
            ('ORDER', 'ADJUSTMENT', 'BIRTHDAY', 'ANNIVERSARY', 'RESTORED', 'IMPORT')),
        source_id BIGINT,
        earned BIGINT NOT NULL CHECK (earned > 0),
        remaining BIGINT NOT NULL,
        releases_at BIGINT,
        expires_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CONSTRAINT point_lots_remaining CHECK (remaining BETWEEN 0 AND earned)
    )",
    "CREATE INDEX point_lots_member ON point_lots (merchant_id, member_id, expires_at, id) WHERE remaining > 0",
    "CREATE INDEX point_lots_source ON point_lots (merchant_id, source_id) WHERE source_id IS NOT NULL",
    "CREATE INDEX point_lots_expiring ON point_lots (merchant_id, expires_at, id)
        WHERE remaining > 0 AND expires_at IS NOT NULL",
    "CREATE INDEX point_lots_due_expiry ON point_lots (expires_at, merchant_id, member_id)
        WHERE remaining > 0 AND expires_at IS NOT NULL",
    "CREATE INDEX point_lots_due_release ON point_lots (releases_at, merchant_id, member_id)
        WHERE releases_at IS NOT NULL",
    "CREATE TABLE point_entries (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        lot_id BIGINT,
        kind TEXT NOT NULL CHECK (kind IN
            ('EARNED', 'RELEASED', 'SPENT', 'RESTORED', 'CLAWED_BACK', 'RETURNED', 'EXPIRED', 'ADJUSTED',
             'GRANTED', 'REDEEMED', 'MERGED', 'REPAID')),
        points BIGINT NOT NULL,
        pending BIGINT NOT NULL,
        owed BIGINT NOT NULL,
        balance BIGINT NOT NULL CHECK (balance >= 0),
        source_id BIGINT,
        round INTEGER NOT NULL,
        actor TEXT NOT NULL,
        note TEXT,
        PRIMARY KEY (merchant_id, id),
        CHECK (points <> 0 OR pending <> 0 OR owed <> 0)
    )",
    "CREATE INDEX point_entries_member ON point_entries (merchant_id, member_id, id)",
    "CREATE UNIQUE INDEX point_entries_once ON point_entries (merchant_id, source_id, kind, round, lot_id)
        WHERE source_id IS NOT NULL",
    "CREATE TABLE order_points (
        merchant_id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        spent BIGINT NOT NULL CHECK (spent >= 0),
        off_minor BIGINT NOT NULL CHECK (off_minor >= 0),
        shares TEXT NOT NULL,
        held BOOLEAN NOT NULL,
        restored BIGINT NOT NULL,
        base_minor BIGINT NOT NULL CHECK (base_minor >= 0),
        earn_points BIGINT NOT NULL,
        earn_per_minor BIGINT NOT NULL,
        multiplier_ppm BIGINT NOT NULL,
        earned BIGINT NOT NULL CHECK (earned >= 0),
        clawed BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, order_id),
        CHECK (restored BETWEEN 0 AND spent),
        CHECK (clawed BETWEEN 0 AND earned),
        FOREIGN KEY (merchant_id, order_id) REFERENCES orders (merchant_id, id)
    )",
    "CREATE INDEX order_points_member ON order_points (merchant_id, member_id, order_id)",
];

const SEGMENTS: &[&str] = &[
    "CREATE TABLE segments (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('RULES', 'SNAPSHOT')),
        version INTEGER NOT NULL CHECK (version > 0),
        rules TEXT NOT NULL,
        members BIGINT,
        snapshot_at BIGINT,
        created_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        removed_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((kind = 'SNAPSHOT') = (snapshot_at IS NOT NULL))
    )",
    "CREATE UNIQUE INDEX segments_name ON segments (merchant_id, name) WHERE removed_at IS NULL",
    "CREATE TABLE segment_members (
        merchant_id BIGINT NOT NULL,
        segment_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, segment_id, member_id)
    ) CLUSTERED",
    "CREATE INDEX segment_members_member ON segment_members (merchant_id, member_id, segment_id)",
    "CREATE TABLE messages (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        segment_id BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('DRAFT', 'SCHEDULED', 'SENDING', 'SENT', 'CANCELED')),
        version INTEGER NOT NULL CHECK (version > 0),
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        title_en TEXT,
        body_en TEXT,
        send_at BIGINT,
        quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439),
        quiet_to INTEGER CHECK (quiet_to BETWEEN 0 AND 1439),
        effect_days INTEGER NOT NULL CHECK (effect_days BETWEEN 1 AND 90),
        created_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        started_at BIGINT,
        finished_at BIGINT,
        next_at BIGINT,
        after_id BIGINT NOT NULL,
        sent BIGINT NOT NULL CHECK (sent >= 0),
        no_consent BIGINT NOT NULL CHECK (no_consent >= 0),
        erased BIGINT NOT NULL CHECK (erased >= 0),
        PRIMARY KEY (merchant_id, id),
        CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
        FOREIGN KEY (merchant_id, segment_id) REFERENCES segments (merchant_id, id)
    )",
    "CREATE INDEX messages_state ON messages (merchant_id, state, id)",
    "CREATE INDEX messages_due ON messages (next_at, merchant_id, id) WHERE next_at IS NOT NULL",
    "CREATE TABLE message_recipients (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        message_id BIGINT NOT NULL,
        member_id BIGINT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('SENT', 'NO_CONSENT', 'ERASED')),
        locale TEXT NOT NULL,
        sealed BYTES,
        event_id BIGINT,
        sent_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((outcome = 'SENT') = (sent_at IS NOT NULL)),
        FOREIGN KEY (merchant_id, message_id) REFERENCES messages (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX message_recipients_once ON message_recipients (merchant_id, message_id, member_id)",
    "CREATE INDEX message_recipients_list ON message_recipients (merchant_id, message_id, id)",
    "CREATE INDEX message_recipients_outcome ON message_recipients (merchant_id, message_id, outcome, id)",
    "CREATE INDEX message_recipients_member ON message_recipients (merchant_id, member_id, id)",
];

/// Days of one member are summed by their key alone; SQLite keeps the rows themselves there.
const DAYS_POSTGRES: &[&str] = &["ALTER TABLE member_days DROP CONSTRAINT member_days_pkey,
        ADD PRIMARY KEY (merchant_id, member_id, day) INCLUDE (orders, spent_minor, points)"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [
            MEMBERS,
            BOUGHT_BEFORE,
            TIERS,
            POINTS,
            rewards::STATEMENTS,
            SEGMENTS,
        ] {
            dialect::run(manager, statements).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, DAYS_POSTGRES).await?;
            dialect::run(manager, redemptions::POSTGRES).await?;
        } else {
            dialect::run(manager, redemptions::SQLITE).await?;
            dialect::refuse(manager, "redemptions", &["DELETE"]).await?;
        }
        dialect::refuse(manager, "point_entries", &["UPDATE", "DELETE"]).await?;
        dialect::refuse(manager, "tier_changes", &["UPDATE", "DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
