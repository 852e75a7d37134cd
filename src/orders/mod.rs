//! Orders 订单: what a payer buys.
//!
//! An order has three independent axes. *Payment*: PENDING becomes PAID, FAILED or CLOSED; FAILED is
//! PENDING again with a new attempt; a CLOSED order that is paid after all is PAID and flagged `late`.
//! PAID is for good: a repeated notification changes nothing. *Refund* follows from succeeded refunds;
//! a partial refund never takes an order out of sales. *Fulfilment* is UNFULFILLED, PARTIAL, FULFILLED
//! or NOT_REQUIRED.
//!
//! A payment is believed when signature, merchant, channel, order number and amount all agree. Another
//! amount never marks an order PAID: it opens a reconciliation item. So does a second payment, which
//! is to be refunded. A lost callback loses no payment: the provider is asked after 1, 3, 10 and 30
//! minutes, before the order closes, and twice afterwards. Nothing is ever deleted.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
