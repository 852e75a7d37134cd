//! Settlement 结算: when what was paid becomes available.
//!
//! A payment's money is PENDING until the day that its channel's terms name: at once, D+N calendar days or
//! T+N working days after the merchant's day on which it was credited. On that day a worker releases what
//! is due, a *settlement* for each channel. Working days follow a calendar of public holidays and make-up
//! days that is announced a year at a time; a payment whose day lies beyond it has none until the calendar
//! is known.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
