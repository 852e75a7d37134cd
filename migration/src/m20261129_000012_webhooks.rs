//! Webhooks: where events are sent, what was sent, and what came back.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Webhooks: where events are sent, what was sent, and what came back.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE webhook_endpoints (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        url TEXT NOT NULL,
        description TEXT NOT NULL,
        event_types TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'DELETED')),
        disabled_because TEXT CHECK (disabled_because IN ('MERCHANT', 'GONE', 'FAILING')),
        active_since BIGINT NOT NULL,
        sealed_secret BYTES NOT NULL,
        secret_hint TEXT NOT NULL,
        sealed_previous_secret BYTES,
        previous_secret_until BIGINT,
        failing_since BIGINT,
        last_error TEXT,
        last_delivered_at BIGINT,
        version INTEGER NOT NULL CHECK (version > 0),
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK ((state = 'DISABLED') = (disabled_because IS NOT NULL)),
        CHECK ((sealed_previous_secret IS NULL) = (previous_secret_until IS NULL))
    )",
    // How far a merchant's events have been made into deliveries.
    "CREATE TABLE webhook_positions (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        seq BIGINT NOT NULL CHECK (seq >= 0)
    )",
    "CREATE TABLE webhook_deliveries (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        endpoint_id BIGINT,
        order_id BIGINT,
        event_id BIGINT NOT NULL,
        event_seq BIGINT NOT NULL,
        event_kind TEXT NOT NULL,
        subject_id BIGINT NOT NULL,
        occurred_at BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
        attempts INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        lease INTEGER NOT NULL,
        next_attempt_at BIGINT,
        delivered_at BIGINT,
        last_status INTEGER,
        last_error TEXT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK ((endpoint_id IS NULL) <> (order_id IS NULL)),
        CHECK ((state = 'PENDING') = (next_attempt_at IS NOT NULL)),
        FOREIGN KEY (merchant_id, endpoint_id) REFERENCES webhook_endpoints (merchant_id, id)
    )",
    // An event is delivered to an endpoint once, however many instances look for it.
    "CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (merchant_id, endpoint_id, event_id)
        WHERE endpoint_id IS NOT NULL",
    "CREATE UNIQUE INDEX webhook_deliveries_order ON webhook_deliveries (merchant_id, order_id)
        WHERE order_id IS NOT NULL",
    "CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (merchant_id, endpoint_id, id)",
    // The worker's list, of all merchants.
    "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at, merchant_id, id, endpoint_id)
        WHERE next_attempt_at IS NOT NULL",
    "CREATE TABLE webhook_attempts (
        merchant_id BIGINT NOT NULL,
        delivery_id BIGINT NOT NULL,
        no INTEGER NOT NULL,
        attempted_at BIGINT NOT NULL,
        took_ms INTEGER NOT NULL,
        status INTEGER,
        error TEXT,
        answer TEXT,
        PRIMARY KEY (merchant_id, delivery_id, no)
    ) CLUSTERED",
    // The key that the callbacks of 易支付's style are signed with.
    "CREATE TABLE notify_keys (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        sealed_key BYTES NOT NULL,
        set_by TEXT NOT NULL,
        set_at BIGINT NOT NULL
    )",
    // Where the shop of an order is called back in 易支付's style.
    "CREATE TABLE order_notify_urls (
        merchant_id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        url TEXT NOT NULL,
        PRIMARY KEY (merchant_id, order_id),
        FOREIGN KEY (merchant_id, order_id) REFERENCES orders (merchant_id, id)
    ) CLUSTERED",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
