//! Opens, lists and settles what does not fit.

mod list;
mod open;
mod refunded;

pub use list::{find_items, list_items};
pub use open::{NewItem, open};
pub use refunded::refunded;
