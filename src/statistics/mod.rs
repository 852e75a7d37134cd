//! Statistics 统计: how the business is doing, over any time, at once, at any size.
//!
//! What happens is added up in *buckets*, by hour and by day of the merchant's clock, in four *cuts*: by
//! channel; by channel and country; by channel and category; by all three. A question reads the smallest
//! that holds what it asks for, so what it costs follows from the number of buckets, not of orders.
//!
//! An order counts as made in its hour; as converted in that same hour once it is paid, so that the success
//! rate is a share of the orders made then. A sale counts in the hour in which it was paid, with its amount,
//! discount, fee and the time it took to pay; no refund takes it out again. A refund counts in the hour in
//! which it succeeded, with what it returned of the fee; one that the bank returned counts below zero in
//! the hour of its return. A second payment of an order, which goes back, is neither a sale nor a refund: nothing
//! becomes of the order. A late payment is a sale, also where the merchant's policy sends it back, and then a
//! refund: so the list of orders, that of refunds and the ledger say, too. Money is
//! split exactly over an order's lines, so that categories sum to the whole; what is counted by the piece
//! belongs to the category of the largest line.
//!
//! A *projector*, one instance at a time, adds what merchants' events tell to their buckets, and writes how
//! far it has come in the same transaction: so each event counts once. A *rebuild* reads everything again in
//! one snapshot beside what is served, and then takes its place. What an event counts is decided by the same
//! functions as what a rebuild counts.

pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
