//! Refunds 退款: money back to the payer.
//!
//! ```text
//! AWAITING_APPROVAL → PROCESSING → SUCCEEDED → REVERSED
//!        ↓              ↓  ↑ ↓ ↑
//!     REJECTED      FAILED  UNKNOWN, ABNORMAL → SUCCEEDED or FAILED
//! ```
//!
//! Asking for a refund sets the money aside and commits; then a worker, under a lease, asks the payment
//! platform; then the outcome is written. What the platform left unclear (a timeout, a reset, a 5xx, an
//! answer that cannot be read) is UNKNOWN, never FAILED: it is asked about, or sent again under the same
//! number where the platform gives money back once for it, and otherwise a person has to look. What is
//! UNKNOWN still counts: an order's succeeded refunds and those in flight never exceed what was paid.
//!
//! What a refund costs the merchant is its amount less the fee that comes back, and follows from the
//! order's totals (`model/position.rs`), so that no sequence of parts and failures drifts. It is taken
//! from what the order's own payment has not settled yet, and beyond that from AVAILABLE.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
