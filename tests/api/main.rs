//! Yigate's tests: through GraphQL and HTTP, on a really migrated database. One binary, so that it
//! links once.

#![allow(
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests tell stories"
)]

mod support;

mod access;
mod epay;
mod events;
mod faults;
mod orders;
mod payments;
mod races;
mod schema;
mod tidy;
