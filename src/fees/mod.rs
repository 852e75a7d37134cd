//! Fees 手续费: what a payment costs, and why.
//!
//! A *rule* says what payments of one kind cost: by channel, method, the buyer's country, amount and time.
//! Of all that fit, the most exact one holds: channel before method before country before amount, then the
//! newest. Rules are never edited; setting one again makes its next version.
//!
//! `fee = clamp(half_up(amount × rate + fixed), min, max)`, never above the amount. It is taken when the
//! payment is credited, and kept with everything that it was computed from. Where the channel's terms
//! return fees, refunds return them cumulatively, so that no sequence of parts drifts.
//!
//! Two rules never have the same conditions at the same time. A version holds from its begin until the next
//! one's, or its own end; none begins in the past, so that no fee is wrong afterwards. A *statement* sums up a
//! month, and nothing that happens later changes it. The *check* computes every fee anew; a payment that was
//! under way while a version was set may carry the one before.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
