//! Money: what a payment costs and when it settles, the ledger, refunds, and the platforms' daily bills.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Money: what a payment costs and when it settles, the ledger, refunds, and the platforms' daily bills.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a contract says: settlement, refunds, who else has to agree.
const TERMS: &[&str] = &[
    "ALTER TABLE merchants ADD COLUMN settlement_cycle TEXT NOT NULL DEFAULT 'T'
        CHECK (settlement_cycle IN ('INSTANT', 'D', 'T'))",
    "ALTER TABLE merchants ADD COLUMN settlement_days SMALLINT NOT NULL DEFAULT 1
        CHECK (settlement_days BETWEEN 0 AND 30)",
    "ALTER TABLE merchants ADD COLUMN refund_approval_above_minor BIGINT
        CHECK (refund_approval_above_minor >= 0)",
    "ALTER TABLE merchants ADD COLUMN refund_approval_roles TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE channels ADD COLUMN funds_mode TEXT NOT NULL DEFAULT 'COLLECT'
        CHECK (funds_mode IN ('COLLECT', 'DIRECT'))",
    "ALTER TABLE channels ADD COLUMN settlement_cycle TEXT
        CHECK (settlement_cycle IN ('INSTANT', 'D', 'T'))",
    "ALTER TABLE channels ADD COLUMN settlement_days SMALLINT
        CHECK (settlement_days BETWEEN 0 AND 30)",
    "ALTER TABLE channels ADD COLUMN refund_window_days INTEGER NOT NULL DEFAULT 365
        CHECK (refund_window_days >= 0)",
    "ALTER TABLE channels ADD COLUMN refund_max_count INTEGER NOT NULL DEFAULT 50
        CHECK (refund_max_count >= 0)",
    "ALTER TABLE channels ADD COLUMN refund_spacing_s INTEGER NOT NULL DEFAULT 0
        CHECK (refund_spacing_s >= 0)",
    "ALTER TABLE channels ADD COLUMN refund_partial BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE channels ADD COLUMN refund_returns_fee BOOLEAN NOT NULL DEFAULT TRUE",
    "ALTER TABLE channels ADD COLUMN refund_arrival_days SMALLINT NOT NULL DEFAULT 3
        CHECK (refund_arrival_days BETWEEN 0 AND 60)",
    // What was refunded, and what is on its way back, never exceed what was paid.
    "ALTER TABLE orders ADD COLUMN refunded_minor BIGINT NOT NULL DEFAULT 0
        CHECK (refunded_minor >= 0)",
    "ALTER TABLE orders ADD COLUMN refunding_minor BIGINT NOT NULL DEFAULT 0
        CHECK (refunding_minor >= 0 AND refunded_minor + refunding_minor <= paid_minor)",
    "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
];

const FEES: &[&str] = &[
    "CREATE TABLE fee_rules (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        name TEXT NOT NULL,
        channel_id BIGINT,
        method TEXT,
        country TEXT,
        min_amount_minor BIGINT CHECK (min_amount_minor >= 0),
        max_amount_minor BIGINT CHECK (max_amount_minor > min_amount_minor),
        rate_ppm BIGINT NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
        fixed_minor BIGINT NOT NULL CHECK (fixed_minor >= 0),
        min_fee_minor BIGINT CHECK (min_fee_minor >= 0),
        max_fee_minor BIGINT CHECK (max_fee_minor >= 0),
        effective_from BIGINT NOT NULL,
        effective_to BIGINT CHECK (effective_to > effective_from),
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id, version),
        CHECK (max_fee_minor >= min_fee_minor)
    )",
    "CREATE TABLE payments (
        merchant_id BIGINT NOT NULL,
        order_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        method TEXT NOT NULL,
        country TEXT,
        currency TEXT NOT NULL,
        paid_minor BIGINT NOT NULL CHECK (paid_minor > 0),
        credited_at BIGINT NOT NULL,
        funds_mode TEXT NOT NULL CHECK (funds_mode IN ('COLLECT', 'DIRECT')),
        fee_rule_id BIGINT,
        fee_rule_version INTEGER,
        fee_rate_ppm BIGINT NOT NULL,
        fee_fixed_minor BIGINT NOT NULL,
        fee_min_minor BIGINT,
        fee_max_minor BIGINT,
        fee_minor BIGINT NOT NULL CHECK (fee_minor BETWEEN 0 AND paid_minor),
        returns_fee BOOLEAN NOT NULL,
        fee_returned_minor BIGINT NOT NULL
            CHECK (fee_returned_minor BETWEEN 0 AND fee_minor),
        settles_on INTEGER,
        unsettled_minor BIGINT NOT NULL CHECK (unsettled_minor >= 0),
        pending_reserved_minor BIGINT NOT NULL CHECK (pending_reserved_minor >= 0),
        settlement_id BIGINT,
        PRIMARY KEY (merchant_id, order_id),
        CONSTRAINT payments_order FOREIGN KEY (merchant_id, order_id)
            REFERENCES orders (merchant_id, id)
    ) CLUSTERED",
    "CREATE INDEX payments_credited ON payments (merchant_id, credited_at, order_id)",
    // Holds all that a schedule shows, so that it is read from the index alone.
    "CREATE INDEX payments_unsettled
        ON payments (merchant_id, settles_on, channel_id, unsettled_minor)
        WHERE unsettled_minor > 0",
    "CREATE TABLE settlements (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        payments INTEGER NOT NULL CHECK (payments > 0),
        settles_on INTEGER NOT NULL,
        released_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
];

/// Balances are credits less debits, so that those of all accounts together are always zero.
const LEDGER: &[&str] = &[
    "CREATE TABLE ledger_transactions (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        source TEXT NOT NULL,
        source_id BIGINT NOT NULL,
        step TEXT NOT NULL,
        round SMALLINT NOT NULL CHECK (round > 0),
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        posted_at BIGINT NOT NULL,
        note TEXT,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX ledger_transactions_once
        ON ledger_transactions (merchant_id, source_id, source, step, round)",
    // Payments are most of a ledger: what is rare is found without walking past them.
    "CREATE INDEX ledger_transactions_but_payments ON ledger_transactions (merchant_id, id)
        WHERE source <> 'PAYMENT'",
    "CREATE TABLE ledger_entries (
        merchant_id BIGINT NOT NULL,
        transaction_id BIGINT NOT NULL,
        account TEXT NOT NULL CHECK (account IN ('PENDING', 'AVAILABLE', 'RESERVED', 'PREPAID',
            'CHANNEL_CLEARING', 'FEE_INCOME', 'PAYOUT_CLEARING', 'ADJUSTMENT')),
        direction TEXT NOT NULL CHECK (direction IN ('DEBIT', 'CREDIT')),
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        PRIMARY KEY (merchant_id, transaction_id, account),
        CONSTRAINT ledger_entries_transaction FOREIGN KEY (merchant_id, transaction_id)
            REFERENCES ledger_transactions (merchant_id, id) DEFERRABLE INITIALLY DEFERRED
    ) CLUSTERED",
    "CREATE TABLE ledger_balances (
        merchant_id BIGINT NOT NULL PRIMARY KEY,
        pending_minor BIGINT NOT NULL CHECK (pending_minor >= 0),
        available_minor BIGINT NOT NULL,
        available_floor_minor BIGINT NOT NULL CHECK (available_floor_minor <= 0),
        reserved_minor BIGINT NOT NULL CHECK (reserved_minor >= 0),
        prepaid_minor BIGINT NOT NULL,
        channel_clearing_minor BIGINT NOT NULL,
        fee_income_minor BIGINT NOT NULL,
        payout_clearing_minor BIGINT NOT NULL,
        adjustment_minor BIGINT NOT NULL,
        CHECK (available_minor >= available_floor_minor),
        CHECK (pending_minor + available_minor + reserved_minor + prepaid_minor
            + channel_clearing_minor + fee_income_minor + payout_clearing_minor
            + adjustment_minor = 0)
    )",
    "CREATE TABLE ledger_unfolded (
        merchant_id BIGINT NOT NULL,
        transaction_id BIGINT NOT NULL,
        pending_minor BIGINT NOT NULL,
        available_minor BIGINT NOT NULL,
        reserved_minor BIGINT NOT NULL,
        prepaid_minor BIGINT NOT NULL,
        channel_clearing_minor BIGINT NOT NULL,
        fee_income_minor BIGINT NOT NULL,
        payout_clearing_minor BIGINT NOT NULL,
        adjustment_minor BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, transaction_id)
    ) CLUSTERED",
    "CREATE TABLE ledger_checkpoints (
        merchant_id BIGINT NOT NULL,
        before_id BIGINT NOT NULL,
        pending_minor BIGINT NOT NULL,
        available_minor BIGINT NOT NULL,
        reserved_minor BIGINT NOT NULL,
        prepaid_minor BIGINT NOT NULL,
        channel_clearing_minor BIGINT NOT NULL,
        fee_income_minor BIGINT NOT NULL,
        payout_clearing_minor BIGINT NOT NULL,
        adjustment_minor BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, before_id)
    ) CLUSTERED",
];

const REFUNDS: &[&str] = &[
    "CREATE TABLE refunds (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('ORDER', 'EXTRA_PAYMENT')),
        order_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        method TEXT NOT NULL,
        provider_trade_no TEXT!,
        reconciliation_item_id BIGINT,
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        state TEXT NOT NULL CHECK (state IN ('AWAITING_APPROVAL', 'REJECTED', 'PROCESSING',
            'UNKNOWN', 'ABNORMAL', 'SUCCEEDED', 'FAILED', 'REVERSED')),
        reason TEXT NOT NULL,
        reason_text TEXT,
        requested_by TEXT NOT NULL,
        decided_by TEXT,
        decided_at BIGINT,
        round SMALLINT NOT NULL CHECK (round > 0),
        attempts INTEGER NOT NULL CHECK (attempts >= 0),
        lease INTEGER NOT NULL,
        sent_at BIGINT,
        next_attempt_at BIGINT,
        needs_attention BOOLEAN NOT NULL,
        provider_refund_no TEXT!,
        error_code TEXT,
        error TEXT,
        fee_returned_minor BIGINT NOT NULL
            CHECK (fee_returned_minor BETWEEN 0 AND amount_minor),
        succeeded_at BIGINT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK (decided_by <> requested_by),
        CHECK ((state IN ('SUCCEEDED', 'REVERSED')) = (succeeded_at IS NOT NULL)),
        CONSTRAINT refunds_order FOREIGN KEY (merchant_id, order_id)
            REFERENCES orders (merchant_id, id)
    )",
    "CREATE INDEX refunds_of_order ON refunds (merchant_id, order_id, id)",
    "CREATE INDEX refunds_succeeded ON refunds (merchant_id, succeeded_at, id)
        WHERE succeeded_at IS NOT NULL",
    "CREATE INDEX refunds_open ON refunds (merchant_id, id)
        WHERE needs_attention OR state = 'AWAITING_APPROVAL'",
    "CREATE INDEX refunds_due ON refunds (next_attempt_at, merchant_id, id)
        WHERE next_attempt_at IS NOT NULL",
    "CREATE UNIQUE INDEX refunds_of_item ON refunds (merchant_id, reconciliation_item_id)
        WHERE reconciliation_item_id IS NOT NULL",
    "CREATE TABLE refund_lines (
        merchant_id BIGINT NOT NULL,
        refund_id BIGINT NOT NULL,
        line_no SMALLINT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity > 0),
        amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
        PRIMARY KEY (merchant_id, refund_id, line_no),
        CONSTRAINT refund_lines_refund FOREIGN KEY (merchant_id, refund_id)
            REFERENCES refunds (merchant_id, id)
    ) CLUSTERED",
];

/// Differences may be about a payment that is not known here, about a refund, or found in a bill.
const RECONCILIATION: &[&str] = &[
    "CREATE TABLE reconciliation_runs (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        format TEXT NOT NULL,
        bill_on INTEGER NOT NULL,
        file_hash BYTES NOT NULL,
        rows INTEGER NOT NULL,
        matched INTEGER NOT NULL,
        differences INTEGER NOT NULL,
        carried INTEGER NOT NULL,
        imported_by TEXT NOT NULL,
        imported_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX reconciliation_runs_once
        ON reconciliation_runs (merchant_id, channel_id, bill_on, file_hash)",
    "ALTER TABLE reconciliation_items RENAME TO reconciliation_items_before",
    "DROP INDEX reconciliation_items_once",
    "CREATE TABLE reconciliation_items (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        kind TEXT NOT NULL,
        reference TEXT! NOT NULL,
        channel_id BIGINT NOT NULL,
        order_id BIGINT,
        refund_id BIGINT,
        run_id BIGINT,
        provider_trade_no TEXT! NOT NULL,
        expected_minor BIGINT,
        received_minor BIGINT,
        currency TEXT NOT NULL,
        detail TEXT,
        carried BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        resolved_at BIGINT,
        resolved_by TEXT,
        resolution TEXT,
        resolution_note TEXT,
        CONSTRAINT reconciliation_items_key PRIMARY KEY (merchant_id, id),
        CONSTRAINT reconciliation_items_order_key FOREIGN KEY (merchant_id, order_id)
            REFERENCES orders (merchant_id, id),
        CHECK ((resolved_at IS NULL) = (resolution IS NULL))
    )",
    "INSERT INTO reconciliation_items (merchant_id, id, kind, reference, channel_id, order_id,
            provider_trade_no, expected_minor, received_minor, currency, carried, created_at)
        SELECT merchant_id, id, kind, CAST(order_id AS TEXT) || ' ' || provider_trade_no, channel_id,
            order_id, provider_trade_no, expected_minor, received_minor, currency, FALSE, created_at
        FROM reconciliation_items_before",
    "DROP TABLE reconciliation_items_before",
    "CREATE UNIQUE INDEX reconciliation_items_once
        ON reconciliation_items (merchant_id, channel_id, reference, kind)",
    "CREATE INDEX reconciliation_items_open ON reconciliation_items (merchant_id, id)
        WHERE resolved_at IS NULL",
    "CREATE INDEX reconciliation_items_of_run ON reconciliation_items (merchant_id, run_id, id)
        WHERE run_id IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in [TERMS, FEES, LEDGER, REFUNDS, RECONCILIATION] {
            dialect::run(manager, part).await?;
        }
        dialect::balanced(manager).await?;
        for table in [
            "fee_rules",
            "ledger_transactions",
            "ledger_entries",
            "ledger_checkpoints",
            "settlements",
        ] {
            dialect::refuse(manager, table, &["UPDATE", "DELETE"]).await?;
        }
        dialect::refuse(manager, "payments", &["DELETE"]).await?;
        dialect::refuse(manager, "refunds", &["DELETE"]).await?;
        dialect::refuse(manager, "refund_lines", &["UPDATE", "DELETE"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
