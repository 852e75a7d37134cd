//! Routing 路由: which of several channels an order takes, and what a payment page shows.
//!
//! A channel *fits* an order where it is enabled, its payer's device can use it, and it takes the amount
//! and what is left of its limit for the day. Of those that fit, the best off are left: HEALTHY ones and
//! those of which nothing is known, else DEGRADED ones, else DOWN ones, else those in MAINTENANCE. A bad way
//! to pay is better than none.
//!
//! A *policy* 路由策略 says for one method which channels orders take, and when: from which amount on and
//! up to which, on which days of the week, at which time of the merchant's day (a span that passes midnight
//! belongs to the day on which it begins). PRIORITY takes the first of its targets, WEIGHTED one by chance,
//! as often as weights say, ROUND_ROBIN one after another: of those that fit, the one whose last order was
//! made longest ago. Each instance goes round for itself, and so do all together. Channels that are no target of it take nothing, unless the channels of all its
//! targets are closed to new orders: then the method goes on as without a policy. Without one, the order of the
//! payment page decides.
//!
//! The limit for a day counts what was paid since midnight of the merchant's zone. Who has a payment code
//! and has not paid yet does not count, so that those who leave block nobody: payments under way can pass the
//! limit by a little.
//!
//! A payment page shows methods, not channels: each that some channel fits, the well ones first. The merchant
//! says per channel when it is left out by itself; where nothing else is left, it is shown all the same.

pub mod model;
pub mod schema;
pub mod service;
