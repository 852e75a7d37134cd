//! Yigate: the GraphQL gateway behind merchant dashboards. The modules, in reading order.

// The merged roots' futures stand inside each other; the compiler asks each whether it may change threads.
#![recursion_limit = "256"]

// The domain, a slice each.
pub mod orders;
pub mod channels;
pub mod health;
pub mod routing;
pub mod fees;
pub mod settlements;
pub mod ledger;
pub mod refunds;
pub mod members;
pub mod tiers;
pub mod points;
pub mod loyalty;
pub mod rewards;
pub mod grants;
pub mod segments;
pub mod messages;
pub mod campaigns;
pub mod coupons;
pub mod checkout;
pub mod payouts;
pub mod bank_accounts;
pub mod reconciliation;
pub mod webhooks;
pub mod statistics;
pub mod charts;
pub mod overview;
pub mod exports;
pub mod auth;
pub mod second_factor;
pub mod staff;
pub mod audit;
pub mod demo;

// The edge.
pub mod graphql;
pub mod http;
pub mod throttle;
pub mod worker;
pub mod server;

// The kernel: knows no slice.
pub mod app;
pub mod merchant;
pub mod db;
pub mod offer_counters;
pub mod sums;
pub mod filters;
pub mod events;
pub mod idempotency;
pub mod lease;
pub mod crash;
pub mod error;
pub mod invalid;
pub mod locale;
pub mod paging;
pub mod money;
pub mod time_range;
pub mod working_days;
pub mod clock;
pub mod ticks;
pub mod seal;
pub mod shared_read;
pub mod understood;
pub mod reach;
pub mod config;
pub mod metrics;
pub mod traffic;
pub mod audited;
pub mod telemetry;
