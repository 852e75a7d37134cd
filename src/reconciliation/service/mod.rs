//! Opens, lists and settles what does not fit; imports bills.

mod gather;
mod import;
mod list;
mod open;
mod resolve;
mod write;
mod refunded;
mod transfers;

pub use import::{BillSource, NewBill, import};
pub use list::{ItemFilter, find_items, find_runs, list_items, list_runs};
pub use open::{NewItem, open};
pub use refunded::refunded;
pub use resolve::resolve;
