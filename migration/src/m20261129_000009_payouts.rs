//! Money out, and people: second factors, invitations, bank accounts, payouts, and who did what.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use sea_orm_migration::sea_orm::DbBackend;

use crate::dialect;

/// Money out, and people: second factors, invitations, bank accounts, payouts, and who did what.
#[derive(DeriveMigrationName)]
pub struct Migration;

const PEOPLE: &[&str] = &[
    // Tokens and sign-ins from before this moment are over.
    "ALTER TABLE staff ADD COLUMN signed_out_at BIGINT",
    "CREATE TABLE second_factors (
        staff_id BIGINT NOT NULL PRIMARY KEY REFERENCES staff (id),
        sealed_secret BYTES,
        confirmed_at BIGINT,
        pending_secret BYTES,
        pending_at BIGINT,
        last_step BIGINT NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
        blocked_until BIGINT,
        CHECK ((sealed_secret IS NULL) = (confirmed_at IS NULL)),
        CHECK ((pending_secret IS NULL) = (pending_at IS NULL))
    )",
    "CREATE TABLE recovery_codes (
        staff_id BIGINT NOT NULL REFERENCES staff (id),
        code_hash BYTES NOT NULL,
        used_at BIGINT,
        PRIMARY KEY (staff_id, code_hash)
    )",
    "CREATE TABLE staff_invitations (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        email TEXT NOT NULL,
        role TEXT NOT NULL,
        secret_hash BYTES NOT NULL,
        invited_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        accepted_at BIGINT,
        accepted_by BIGINT REFERENCES staff (id),
        revoked_at BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
    )",
    "CREATE UNIQUE INDEX staff_invitations_open ON staff_invitations (merchant_id, email)
        WHERE accepted_at IS NULL AND revoked_at IS NULL",
];

const BANK_ACCOUNTS: &[&str] = &[
    "CREATE TABLE bank_accounts (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('PERSONAL_CARD', 'CORPORATE')),
        bank_code TEXT NOT NULL,
        sealed_holder BYTES NOT NULL,
        masked_holder TEXT NOT NULL,
        sealed_number BYTES NOT NULL,
        number_hash BYTES NOT NULL,
        last_four TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('CHECKING', 'VERIFIED', 'FAILED', 'UNBOUND')),
        channel_id BIGINT NOT NULL,
        bound_by TEXT NOT NULL,
        bound_at BIGINT NOT NULL,
        check_lease INTEGER NOT NULL DEFAULT 0,
        check_attempts INTEGER NOT NULL DEFAULT 0,
        check_next_at BIGINT,
        check_asked_at BIGINT,
        check_sent_at BIGINT,
        check_minor BIGINT NOT NULL CHECK (check_minor > 0),
        check_failures INTEGER NOT NULL DEFAULT 0,
        check_error TEXT,
        verified_at BIGINT,
        payable_from BIGINT,
        unbound_at BIGINT,
        unbound_by TEXT,
        PRIMARY KEY (merchant_id, id),
        CHECK (state <> 'VERIFIED' OR (verified_at IS NOT NULL AND payable_from IS NOT NULL)),
        CHECK ((state = 'UNBOUND') = (unbound_at IS NOT NULL)),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    // A number is bound to a merchant once; what failed can be bound anew.
    "CREATE UNIQUE INDEX bank_accounts_number ON bank_accounts (merchant_id, number_hash)
        WHERE state IN ('CHECKING', 'VERIFIED')",
    // Accounts that the provider is to be asked about, of all merchants.
    "CREATE INDEX bank_accounts_due ON bank_accounts (check_next_at, merchant_id, id)
        WHERE check_next_at IS NOT NULL",
];

const PAYOUTS: &[&str] = &[
    "ALTER TABLE merchants ADD COLUMN payout_approval_above_minor BIGINT
        CHECK (payout_approval_above_minor >= 0)",
    "CREATE TABLE payout_terms (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        channel_id BIGINT,
        rate_ppm INTEGER NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
        fixed_minor BIGINT NOT NULL CHECK (fixed_minor >= 0),
        min_fee_minor BIGINT CHECK (min_fee_minor >= 0),
        max_fee_minor BIGINT CHECK (max_fee_minor >= 0),
        min_minor BIGINT NOT NULL CHECK (min_minor > 0),
        max_minor BIGINT NOT NULL CHECK (max_minor >= min_minor),
        daily_max_minor BIGINT CHECK (daily_max_minor >= 0),
        cutoff_minute SMALLINT NOT NULL CHECK (cutoff_minute BETWEEN 0 AND 1440),
        arrival_days_min SMALLINT NOT NULL CHECK (arrival_days_min BETWEEN 0 AND 30),
        arrival_days_max SMALLINT NOT NULL CHECK (arrival_days_max BETWEEN 0 AND 30),
        fee_returned BOOLEAN NOT NULL,
        updated_at BIGINT NOT NULL,
        CHECK (arrival_days_max >= arrival_days_min)
    )",
    "CREATE TABLE payout_challenges (
        merchant_id BIGINT NOT NULL,
        id BIGINT NOT NULL,
        staff_id BIGINT NOT NULL REFERENCES staff (id),
        bank_account_id BIGINT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0),
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_at BIGINT,
        payout_id BIGINT,
        PRIMARY KEY (merchant_id, id),
        CHECK ((used_at IS NULL) = (payout_id IS NULL)),
        FOREIGN KEY (merchant_id, bank_account_id) REFERENCES bank_accounts (merchant_id, id)
    )",
    "CREATE TABLE payouts (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        bank_account_id BIGINT NOT NULL,
        channel_id BIGINT NOT NULL,
        currency TEXT NOT NULL,
        amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
        fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0),
        net_minor BIGINT NOT NULL CHECK (net_minor > 0),
        state TEXT NOT NULL CHECK (state IN ('AWAITING_APPROVAL', 'REJECTED', 'PROCESSING',
            'UNKNOWN', 'PAID', 'FAILED', 'CANCELED', 'RETURNED')),
        origin TEXT NOT NULL CHECK (origin IN ('PERSON', 'SCHEDULE')),
        requested_by TEXT NOT NULL,
        note TEXT,
        challenge_id BIGINT,
        signature BYTES NOT NULL,
        decided_by TEXT,
        decided_at BIGINT,
        decision_note TEXT,
        attempts INTEGER NOT NULL,
        lease INTEGER NOT NULL,
        sent_at BIGINT,
        sent_through BYTES,
        accepted_at BIGINT,
        next_attempt_at BIGINT,
        needs_attention BOOLEAN NOT NULL,
        provider_payout_no TEXT,
        error_code TEXT,
        error TEXT,
        expected_from_on INTEGER,
        expected_to_on INTEGER,
        paid_at BIGINT,
        returned_at BIGINT,
        closed_at BIGINT,
        closed_by TEXT,
        returns_fee BOOLEAN NOT NULL,
        fee_returned_minor BIGINT NOT NULL DEFAULT 0
            CHECK (fee_returned_minor BETWEEN 0 AND fee_minor),
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id),
        CHECK (net_minor + fee_minor = amount_minor),
        CHECK (decided_by IS NULL OR decided_by <> requested_by),
        CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
        CHECK ((state = 'RETURNED') = (returned_at IS NOT NULL)),
        CHECK ((state IN ('PAID', 'RETURNED')) = (paid_at IS NOT NULL)),
        CHECK ((state IN ('FAILED', 'CANCELED')) = (closed_at IS NOT NULL)),
        CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
        FOREIGN KEY (merchant_id, bank_account_id) REFERENCES bank_accounts (merchant_id, id),
        FOREIGN KEY (merchant_id, channel_id) REFERENCES channels (merchant_id, id)
    )",
    "CREATE INDEX payouts_account ON payouts (merchant_id, bank_account_id, id)",
    "CREATE INDEX payouts_state ON payouts (merchant_id, state, id)",
    // Payouts whose turn it is, of all merchants.
    "CREATE INDEX payouts_due ON payouts (next_attempt_at, merchant_id, id)
        WHERE next_attempt_at IS NOT NULL",
    // Some platforms tell one number twice: ours is the one that counts.
    "CREATE INDEX payouts_provider_no ON payouts (merchant_id, channel_id, provider_payout_no)
        WHERE provider_payout_no IS NOT NULL",
    "CREATE TABLE payout_schedules (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        bank_account_id BIGINT NOT NULL,
        cadence TEXT NOT NULL CHECK (cadence IN ('DAILY', 'WEEKLY', 'MONTHLY')),
        day SMALLINT,
        at_minute SMALLINT NOT NULL CHECK (at_minute BETWEEN 0 AND 1439),
        retained_minor BIGINT NOT NULL CHECK (retained_minor >= 0),
        min_minor BIGINT NOT NULL CHECK (min_minor > 0),
        version INTEGER NOT NULL CHECK (version > 0),
        set_by TEXT NOT NULL,
        set_at BIGINT NOT NULL,
        paused BOOLEAN NOT NULL,
        next_at BIGINT,
        last_at BIGINT,
        last_outcome TEXT,
        FOREIGN KEY (merchant_id, bank_account_id) REFERENCES bank_accounts (merchant_id, id)
    )",
    "CREATE INDEX payout_schedules_due ON payout_schedules (next_at, merchant_id)
        WHERE next_at IS NOT NULL",
];

const AUDIT: &[&str] = &[
    "CREATE TABLE audit_entries (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        actor_kind TEXT NOT NULL CHECK (actor_kind IN ('STAFF', 'API_KEY', 'SYSTEM', 'NOBODY')),
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('DONE', 'DENIED')),
        target TEXT,
        before TEXT,
        after TEXT,
        reason TEXT,
        ip TEXT,
        user_agent TEXT,
        request_id TEXT,
        happened_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE INDEX audit_entries_actor ON audit_entries (merchant_id, actor, id)",
    "CREATE INDEX audit_entries_action ON audit_entries (merchant_id, action, id)",
    "CREATE INDEX audit_entries_target ON audit_entries (merchant_id, target, id)",
    "CREATE INDEX audit_entries_ip ON audit_entries (merchant_id, ip, id)",
    "CREATE INDEX audit_entries_denied ON audit_entries (merchant_id, id) WHERE outcome = 'DENIED'",
    // The chain: one seal for each entry, in the order in which they were committed.
    "CREATE TABLE audit_seals (
        merchant_id BIGINT NOT NULL,
        seq BIGINT NOT NULL CHECK (seq > 0),
        entry_id BIGINT NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (merchant_id, seq),
        FOREIGN KEY (merchant_id, entry_id) REFERENCES audit_entries (merchant_id, id)
    )",
    "CREATE UNIQUE INDEX audit_seals_entry ON audit_seals (merchant_id, entry_id)",
    // How far a chain goes, and the key that only the master key opens.
    "CREATE TABLE audit_heads (
        merchant_id BIGINT NOT NULL PRIMARY KEY REFERENCES merchants (id),
        last_seq BIGINT NOT NULL CHECK (last_seq >= 0),
        last_hash BYTES NOT NULL,
        sealed_key BYTES NOT NULL,
        proof BYTES NOT NULL
    )",
    // Entries that are committed and not sealed yet, each with the proof that it was Yigate who wrote it.
    "CREATE TABLE audit_unsealed (
        merchant_id BIGINT NOT NULL,
        entry_id BIGINT NOT NULL,
        proof BYTES NOT NULL,
        PRIMARY KEY (merchant_id, entry_id)
    )",
];

/// The order in which the database took the entries. SQLite has it as `rowid`.
const AUDIT_POSITION: &[&str] = &[
    "CREATE SEQUENCE audit_position",
    "ALTER TABLE audit_unsealed ADD COLUMN position BIGINT NOT NULL
        DEFAULT nextval('audit_position')",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statements in [PEOPLE, BANK_ACCOUNTS, PAYOUTS, AUDIT] {
            dialect::run(manager, statements).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            dialect::run(manager, AUDIT_POSITION).await?;
        }
        for table in ["audit_entries", "audit_seals"] {
            dialect::refuse(manager, table, &["UPDATE", "DELETE"]).await?;
        }
        for table in ["payouts", "bank_accounts", "audit_heads"] {
            dialect::refuse(manager, table, &["DELETE"]).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
