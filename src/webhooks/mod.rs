//! Webhooks 事件推送: what happens is sent to the merchant's own servers.
//!
//! ```text
//! events (numbered) → deliveries, one for each endpoint and event, written with the position
//! PENDING → DELIVERED           a 2xx within 15 seconds
//!    ↓  ↖ replay
//!  FAILED                       seven times more within a day, then no more
//! ```
//!
//! A worker follows the numbered events of each merchant that has endpoints. The position and the deliveries
//! that follow from it are written in one transaction, so an event becomes one delivery for each endpoint
//! however many instances look. Deliveries are sent under leases: a worker that dies may have sent one, and
//! it is sent again. Receivers know it by its `webhook-id`, the same however often it comes. Nothing is told
//! of webhooks themselves: that would be a circle.
//!
//! A payload is made when it is sent: the event as it was, and what it is about as that is now. It is signed
//! as Standard Webhooks says, by the secret before as well while one is exchanged for another. An endpoint
//! that says 410, or takes nothing for five days, is disabled. So that a dead one starves nobody, an instance
//! sends few at a time to each endpoint and each host, and one at a time where nothing was taken last.
//!
//! An order may name the address of its shop: once it is paid the shop is called as 易支付 calls shops, with
//! its retry times, signed with the merchant's notify key.

pub mod courier;
pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
