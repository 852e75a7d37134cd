//! Sets what is given, hands it out, and reads what was.

mod begin;
mod batch;
mod hand_out;
mod list;
mod rules;

pub use begin::begin;
pub use hand_out::hand_out;
pub use list::{count, list, rules};
pub use rules::set;
