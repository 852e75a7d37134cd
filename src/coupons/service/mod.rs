//! What is done with coupons.

mod taking;

pub use taking::{Held, available_of, find_by_codes, give_back, reserve, use_};
