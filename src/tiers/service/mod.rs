//! Reads tiers, sets them, and looks again at who has which.

mod assign;
mod begin;
mod list;
mod look;
mod run;
mod set;
mod shown;
mod sums;
mod write;

pub use assign::assign;
pub use begin::begin;
pub use list::{changes, counts, find_many};
pub use look::{Look, Why, look_again};
pub use run::{due, go_on};
pub use set::{remove, set};
pub use shown::{shown, shown_in};
pub use sums::{Whose, sums, sums_of};
