//! Yigate's tests: through GraphQL and HTTP, on a really migrated database. One binary, so that it
//! links once.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test tells a whole story, and fails where something is missing"
)]

mod support;

mod access;
mod bank_accounts;
mod audit;
mod campaigns;
mod channels;
mod checkout;
mod coupons;
mod documents;
mod epay;
mod events;
mod exports;
mod faults;
mod fees;
mod fence;
mod health;
mod http;
mod idempotency;
mod identity;
mod input;
mod instances;
mod members;
mod money;
mod orders;
mod payments;
mod payouts;
mod points;
mod races;
mod reconciliation;
mod refunds;
mod schema;
mod sealed;
mod second_factor;
mod seed;
mod segments;
mod settings;
mod staff;
mod statistics;
mod tidy;
mod webhooks;
