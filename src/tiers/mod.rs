//! Tiers 会员等级: what it takes to have one, what it brings, and how long it is kept.
//!
//! A tier is reached by any of its thresholds, over its own window of days; one without thresholds is given by people
//! alone. It is looked at again with each payment and refund of a member ([`service::look_again`], in that transaction)
//! and every night ([`worker`]): what days fall out of a window lapses by itself. A tier that was reached is kept until
//! its end, whatever falls out meanwhile; at its end it is kept for another period where it is reached again. Only a
//! refund takes a tier away at once, where it was reached with what was refunded.
//!
//! Every change is written once, by whoever holds the member's row lock. Looking twice changes nothing.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
