//! Reads, makes and changes channels.

mod change;
mod create;
mod credentials;
mod history;
mod list;
mod order;
mod reseal;
mod revert;
mod signing;
mod switch;
mod terms;
mod update;

pub use create::{NewChannel, create};
pub use credentials::{NewCredentials, check, set_credentials};
pub use history::{Version, cursor, history};
pub use list::{callback_url, find_many, list, list_shown, maybe_find, owner};
pub use order::reorder;
pub use reseal::reseal;
pub use revert::{Revert, revert};
pub use switch::{disable, enable};
pub use terms::set_terms;
pub use update::update;
