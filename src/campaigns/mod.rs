//! Campaigns 营销活动: what comes off orders by itself, when, for whom, and within which limits.
//!
//! ```text
//! DRAFT → SCHEDULED → ACTIVE ⇄ PAUSED → ENDED
//! ```
//!
//! Each change of what a campaign gives is a version; versions are only ever added, so what was redeemed stays as it
//! was. A cart is priced by campaigns that are kept in memory for a second ([`service::shown`]); the order that takes
//! them asks again, in its transaction, whether they are still what it was priced by ([`service::lock_current`]).
//! Campaigns begin and end by their times; a worker writes down that they did, once, whichever instance is first.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
