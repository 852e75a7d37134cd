//! What is bought and how it is paid: channels, products, orders, lines, timeline, and what does not fit.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// What is bought and how it is paid: channels, products, orders, lines, timeline, and what does not fit.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE channels (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        method TEXT NOT NULL,
        name TEXT NOT NULL,
        display_order INTEGER NOT NULL,
        enabled BOOLEAN NOT NULL,
        min_minor BIGINT CHECK (min_minor >= 0),
        max_minor BIGINT CHECK (max_minor >= 0),
        sealed_credentials BYTES,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE TABLE products (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        title TEXT! NOT NULL,
        category TEXT! NOT NULL,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX products_title ON products (merchant_id, title, category)",
    "CREATE TABLE orders (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        merchant_order_no TEXT! NOT NULL,
        title TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        discount_minor BIGINT NOT NULL CHECK (discount_minor BETWEEN 0 AND amount_minor),
        paid_minor BIGINT NOT NULL
            CHECK (paid_minor = 0 OR paid_minor = amount_minor - discount_minor),
        channel_id BIGINT NOT NULL,
        method TEXT NOT NULL,
        country TEXT,
        payment_state TEXT NOT NULL
            CHECK (payment_state IN ('PENDING', 'PAID', 'FAILED', 'CLOSED')),
        refund_state TEXT NOT NULL CHECK (refund_state IN ('NONE', 'PARTIAL', 'FULL')),
        fulfillment_state TEXT NOT NULL
            CHECK (fulfillment_state IN ('UNFULFILLED', 'PARTIAL', 'FULFILLED', 'NOT_REQUIRED')),
        late BOOLEAN NOT NULL,
        provider_trade_no TEXT!,
        paid_at BIGINT,
        expires_at BIGINT NOT NULL,
        closed_at BIGINT,
        fulfilled_at BIGINT,
        payment_code_kind TEXT,
        payment_code TEXT,
        sealed_buyer BYTES,
        next_query_at BIGINT,
        query_attempts SMALLINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK ((payment_state = 'PAID') = (paid_at IS NOT NULL)),
        CONSTRAINT orders_channel FOREIGN KEY (merchant_id, channel_id)
            REFERENCES channels (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX orders_merchant_order_no ON orders (merchant_id, merchant_order_no)",
    "CREATE UNIQUE INDEX orders_provider_trade_no
        ON orders (merchant_id, provider_trade_no, channel_id) WHERE provider_trade_no IS NOT NULL",
    "CREATE INDEX orders_paid_at ON orders (merchant_id, paid_at, id) WHERE paid_at IS NOT NULL",
    "CREATE INDEX orders_amount ON orders (merchant_id, amount_minor, id)",
    "CREATE INDEX orders_to_ship ON orders (merchant_id, id)
        WHERE payment_state = 'PAID' AND fulfillment_state IN ('UNFULFILLED', 'PARTIAL')",
    "CREATE INDEX orders_due ON orders (next_query_at, merchant_id, id)
        WHERE next_query_at IS NOT NULL",
    "CREATE TABLE order_lines (
        merchant_id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        line_no SMALLINT NOT NULL,
        product_id BIGINT NOT NULL,
        title TEXT NOT NULL,
        category TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        fulfilled_quantity INTEGER NOT NULL CHECK (fulfilled_quantity BETWEEN 0 AND quantity),
        unit_price_minor BIGINT NOT NULL CHECK (unit_price_minor >= 0),
        discount_minor BIGINT NOT NULL CHECK (discount_minor >= 0),
        PRIMARY KEY (merchant_id, order_id, line_no),
        CONSTRAINT order_lines_order FOREIGN KEY (merchant_id, order_id)
            REFERENCES orders (merchant_id, id)
    ) CLUSTERED",
    "CREATE INDEX order_lines_product ON order_lines (merchant_id, product_id, order_id)",
    "CREATE TABLE order_timeline (
        merchant_id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        actor TEXT NOT NULL,
        note TEXT,
        occurred_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, order_id, id),
        CONSTRAINT order_timeline_order FOREIGN KEY (merchant_id, order_id)
            REFERENCES orders (merchant_id, id)
    ) CLUSTERED",
    "CREATE TABLE reconciliation_items (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        order_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        provider_trade_no TEXT! NOT NULL,
        expected_minor BIGINT NOT NULL,
        received_minor BIGINT NOT NULL,
        currency TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        resolved_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        FOREIGN KEY (merchant_id, order_id) REFERENCES orders (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX reconciliation_items_once
        ON reconciliation_items (merchant_id, order_id, kind, provider_trade_no)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::refuse(manager, "orders", &["DELETE"]).await?;
        dialect::refuse(manager, "order_timeline", &["UPDATE", "DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
