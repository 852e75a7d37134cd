//! The checkout 结算: what a cart costs with its campaigns and coupons, and what of them an order takes.

pub mod model;
pub mod service;
