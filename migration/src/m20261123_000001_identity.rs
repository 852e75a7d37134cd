//! Who asks: merchants, staff, memberships, API keys, tokens and the keys that sign them.

use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, async_trait,
};

use crate::dialect;

/// Who asks: merchants, staff, memberships, API keys, tokens and the keys that sign them.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE merchants (
        id BIGINT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        time_zone TEXT NOT NULL,
        currency TEXT NOT NULL CHECK (length(currency) = 3),
        locale TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')),
        late_payment_policy TEXT NOT NULL
            CHECK (late_payment_policy IN ('ACCEPT', 'AUTO_REFUND')),
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE staff (
        id BIGINT NOT NULL PRIMARY KEY,
        email TEXT! NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE memberships (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        staff_id BIGINT NOT NULL REFERENCES staff (id),
        role TEXT NOT NULL
            CHECK (role IN ('OWNER', 'FINANCE', 'SUPPORT', 'MARKETING', 'VIEWER')),
        created_at BIGINT NOT NULL,
        PRIMARY KEY (merchant_id, staff_id)
    )",
    "CREATE INDEX memberships_staff ON memberships (staff_id)",
    "CREATE TABLE api_keys (
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        id BIGINT NOT NULL,
        name TEXT NOT NULL,
        secret_hash BYTES NOT NULL,
        scopes TEXT NOT NULL,
        allowed_ips TEXT,
        created_by BIGINT NOT NULL REFERENCES staff (id),
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        revoked_at BIGINT,
        PRIMARY KEY (merchant_id, id)
    )",
    "CREATE TABLE refresh_tokens (
        staff_id BIGINT NOT NULL REFERENCES staff (id),
        id BIGINT NOT NULL,
        family_id BIGINT NOT NULL,
        merchant_id BIGINT NOT NULL REFERENCES merchants (id),
        secret_hash BYTES NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_at BIGINT,
        revoked_at BIGINT,
        PRIMARY KEY (staff_id, id)
    )",
    "CREATE TABLE signing_keys (
        id TEXT! NOT NULL PRIMARY KEY,
        public_key BYTES NOT NULL,
        sealed_private_key BYTES NOT NULL,
        created_at BIGINT NOT NULL,
        signs_from BIGINT NOT NULL,
        retires_at BIGINT NOT NULL
    )",
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
