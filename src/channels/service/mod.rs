//! Reads, makes and changes channels.

mod create;
mod list;
mod terms;

pub use create::{NewChannel, create};
pub use list::{callback_url, find_many, list, list_shown, maybe_find};
pub use terms::set_terms;
