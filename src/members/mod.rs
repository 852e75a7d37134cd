//! Members 会员: whom a shop knows again, by the numbers that it gives them.
//!
//! A member is there from the first order that names it, written in that order's transaction. The first of their
//! orders that is paid, and when, is written once, in the transaction that makes it PAID: from then on the member is
//! a customer who came back.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
