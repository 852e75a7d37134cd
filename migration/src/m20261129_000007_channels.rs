//! Channels: how they are configured and chosen, what goes through them, how they are, and what is done about it.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Channels: how they are configured and chosen, what goes through them, how they are, and what is done about it.
#[derive(DeriveMigrationName)]
pub struct Migration;

const CONFIGURATION: &[&str] = &[
    "ALTER TABLE channels ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0)",
    "ALTER TABLE channels ADD COLUMN daily_max_minor BIGINT CHECK (daily_max_minor >= 0)",
    "ALTER TABLE channels ADD COLUMN devices TEXT NOT NULL DEFAULT 'DESKTOP MOBILE'",
    "ALTER TABLE channels ADD COLUMN hide_when TEXT NOT NULL DEFAULT 'NEVER'
        CHECK (hide_when IN ('NEVER', 'DOWN', 'DEGRADED'))",
    "ALTER TABLE channels ADD COLUMN credentials_hint TEXT",
    "ALTER TABLE channels ADD COLUMN credentials_set_at BIGINT",
    "ALTER TABLE channels ADD COLUMN sealed_previous_credentials BYTES",
    "ALTER TABLE channels ADD COLUMN previous_credentials_until BIGINT",
    "CREATE TABLE channel_versions (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        change TEXT NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at BIGINT NOT NULL,
        configuration TEXT NOT NULL,
        PRIMARY KEY (merchant_id, channel_id, version),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "ALTER TABLE api_keys ADD COLUMN publishable BOOLEAN NOT NULL DEFAULT FALSE",
];

const ROUTING: &[&str] = &[
    "CREATE TABLE routing_policies (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        method TEXT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        strategy TEXT NOT NULL CHECK (strategy IN ('PRIORITY', 'WEIGHTED', 'ROUND_ROBIN')),
        updated_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, method)
    )",
    "CREATE TABLE routing_targets (
        merchant_id BIGINT NOT NULL,
        method TEXT NOT NULL,
        position SMALLINT NOT NULL CHECK (position > 0),
        channel_id BIGINT NOT NULL,
        weight INTEGER NOT NULL CHECK (weight BETWEEN 1 AND 10000),
        min_minor BIGINT CHECK (min_minor >= 0),
        max_minor BIGINT CHECK (max_minor >= 0),
        weekdays SMALLINT NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
        from_minute SMALLINT NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
        until_minute SMALLINT NOT NULL CHECK (until_minute BETWEEN 1 AND 1440),
        PRIMARY KEY (merchant_id, method, position),
        FOREIGN KEY (merchant_id, method) REFERENCES routing_policies (merchant_id, method),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
];

const TRAFFIC: &[&str] = &[
    "CREATE TABLE channel_traffic (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        grain TEXT NOT NULL CHECK (grain IN ('MINUTE', 'HOUR')),
        starts_ms BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        attempted_minor BIGINT NOT NULL,
        paid BIGINT NOT NULL,
        paid_minor BIGINT NOT NULL,
        refused BIGINT NOT NULL,
        unavailable BIGINT NOT NULL,
        unreadable BIGINT NOT NULL,
        misconfigured BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, channel_id, grain, starts_ms)
    ) CLUSTERED",
    // What is judged again and again: the last minutes, of all merchants.
    "CREATE INDEX channel_traffic_recent ON channel_traffic (starts_ms, merchant_id, channel_id)
        WHERE grain = 'MINUTE'",
    "CREATE TABLE channel_latencies (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        starts_ms BIGINT NOT NULL,
        measure TEXT NOT NULL CHECK (measure IN ('CREATE', 'CALLBACK')),
        bucket SMALLINT NOT NULL CHECK (bucket >= 0),
        count BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, channel_id, starts_ms, measure, bucket)
    ) CLUSTERED",
];

const HEALTH: &[&str] = &[
    "CREATE TABLE channel_health (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('HEALTHY', 'DEGRADED', 'DOWN', 'MAINTENANCE', 'UNKNOWN')),
        cause TEXT,
        since BIGINT NOT NULL,
        judged_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        error_ppm INTEGER,
        success_ppm INTEGER,
        baseline_ppm INTEGER,
        candidate TEXT,
        candidate_since BIGINT,
        flaps SMALLINT NOT NULL,
        flapped_at BIGINT,
        override_state TEXT,
        override_until BIGINT,
        override_by TEXT,
        override_note TEXT,
        PRIMARY KEY (merchant_id, channel_id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE TABLE channel_health_changes (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        from_state TEXT NOT NULL,
        to_state TEXT NOT NULL,
        cause TEXT,
        changed_by TEXT NOT NULL,
        changed_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK (from_state <> to_state),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE INDEX channel_health_changes_channel
        ON channel_health_changes (merchant_id, channel_id, changed_at, id)",
    "CREATE TABLE channel_probes (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        next_at BIGINT NOT NULL,
        leased_by TEXT,
        probed_at BIGINT,
        took_ms INTEGER,
        failures INTEGER NOT NULL,
        failing_since BIGINT,
        answered_at BIGINT,
        error TEXT,
        PRIMARY KEY (merchant_id, channel_id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE INDEX channel_probes_due ON channel_probes (next_at, merchant_id, channel_id)",
    "CREATE TABLE incidents (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('OPEN', 'ACKNOWLEDGED', 'RESOLVED')),
        severity TEXT NOT NULL CHECK (severity IN ('DEGRADED', 'DOWN')),
        cause TEXT NOT NULL,
        opened_at BIGINT NOT NULL,
        worsened_at BIGINT,
        acknowledged_at BIGINT,
        acknowledged_by TEXT,
        note TEXT,
        resolved_at BIGINT,
        attempts BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        expected_paid BIGINT NOT NULL,
        paid BIGINT NOT NULL,
        at_risk_minor BIGINT NOT NULL,
        fallback_channel_id BIGINT,
        fallback_success_ppm INTEGER,
        PRIMARY KEY (merchant_id, id),
        CHECK ((state = 'RESOLVED') = (resolved_at IS NOT NULL)),
        CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX incidents_one_open ON incidents (merchant_id, channel_id)
        WHERE resolved_at IS NULL",
    "CREATE INDEX incidents_channel ON incidents (merchant_id, channel_id, id)",
    "CREATE TABLE maintenance_windows (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('MERCHANT', 'PROVIDER')),
        note TEXT,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        canceled_at BIGINT,
        canceled_by TEXT,
        PRIMARY KEY (merchant_id, id),
        CHECK (ends_at > starts_at),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE INDEX maintenance_windows_channel
        ON maintenance_windows (merchant_id, channel_id, ends_at)",
    // What begins or ends around now, of all merchants.
    "CREATE INDEX maintenance_windows_current ON maintenance_windows (ends_at, starts_at)
        WHERE canceled_at IS NULL",
    "CREATE TABLE sandbox_outages (
        merchant_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        share_ppm INTEGER NOT NULL CHECK (share_ppm BETWEEN 1 AND 1000000),
        until BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, channel_id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE TABLE leases (
        name TEXT NOT NULL PRIMARY KEY,
        holder TEXT NOT NULL,
        until BIGINT NOT NULL
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [CONFIGURATION, ROUTING, TRAFFIC, HEALTH] {
            dialect::run(manager, statements).await?;
        }
        dialect::refuse(manager, "channel_versions", &["UPDATE", "DELETE"]).await?;
        dialect::refuse(manager, "channel_health_changes", &["UPDATE", "DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
