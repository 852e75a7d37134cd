//! Which files may ask the database for what is not of one merchant.

use super::{Source, sources};

/// The ways to the database.
pub(super) const WAYS: [&str; 7] = [
    "reads",
    "writes",
    "transaction_of",
    "snapshot_of",
    "reads_across",
    "transaction_across",
    "writer",
];

/// Those that go round the fence.
const ROUND: [&str; 4] = [
    "reads_across",
    "transaction_across",
    "write_across",
    "writer",
];

/// Where statements stand that are not of one merchant, and so go round the fence: what is due of all, who signs in,
/// what is of a person or of nobody, what is sealed again. A file more is a decision.
const ACROSS: &[&str] = &[
    "app.rs",
    "audit/service/reseal.rs",
    "audit/service/seal.rs",
    "auth/accounts.rs",
    "auth/delay/mod.rs",
    "auth/keys.rs",
    "auth/loader.rs",
    "auth/operating.rs",
    "auth/refresh.rs",
    "auth/reseal.rs",
    "auth/service.rs",
    "bank_accounts/service/due.rs",
    "bank_accounts/service/reseal.rs",
    "campaigns/service/due.rs",
    "channels/service/list.rs",
    "channels/service/reseal.rs",
    "commands/statistics.rs",
    "demo/bulk/mod.rs",
    "demo/exports.rs",
    "demo/fill.rs",
    "demo/seed.rs",
    "demo/waiting.rs",
    "events/number.rs",
    "exports/service/claim.rs",
    "exports/service/expire.rs",
    "grants/service/begin.rs",
    "grants/service/hand_out.rs",
    "health/service/facts.rs",
    "health/service/incidents/measure.rs",
    "health/service/judge.rs",
    "health/service/probe.rs",
    "health/service/traffic.rs",
    "lease.rs",
    "ledger/service/checkpoint.rs",
    "ledger/service/fold.rs",
    "members/service/reseal.rs",
    "merchant.rs",
    "messages/service/deliver.rs",
    "messages/service/reseal.rs",
    "metrics/pools.rs",
    "orders/service/due.rs",
    "orders/service/reseal.rs",
    "payouts/service/due.rs",
    "payouts/service/reseal.rs",
    "payouts/service/run.rs",
    "points/service/due.rs",
    "refunds/service/due.rs",
    "refunds/service/extra.rs",
    "second_factor/service/code.rs",
    "second_factor/service/enroll.rs",
    "second_factor/service/keep.rs",
    "second_factor/service/standing.rs",
    "settlements/service/release.rs",
    "staff/service/accept.rs",
    "staff/service/change.rs",
    "staff/service/password.rs",
    "statistics/service/behind.rs",
    "tiers/service/begin.rs",
    "tiers/service/run.rs",
    "webhooks/service/claim.rs",
    "webhooks/service/follow.rs",
    "webhooks/service/reseal.rs",
];

#[test]
fn who_asks_across_merchants_is_known() {
    let asks = |source: &Source| ROUND.iter().any(|way| source.calls(way));
    let mut asking: Vec<String> = sources("src")
        .iter()
        .filter(|source| !source.place().starts_with("db/") && asks(source))
        .map(|source| source.place().to_owned())
        .collect();
    asking.sort();
    assert_eq!(asking, ACROSS);
}
