//! Makes, changes, begins and ends campaigns, and reads them.

mod check;
mod create;
mod due;
pub mod effect;
pub mod effect_groups;
mod list;
mod naming;
mod shown;
mod turn;
mod update;
mod write;

pub use check::check_named;
pub use create::{create, duplicate};
pub use due::turn_due;
pub use list::{count, find_many, list, maybe_find, taken, versions};
pub use naming::naming_segment;
pub use shown::{Shown, are_kept, forget, lock_current, shown};
pub use turn::{activate, end, pause};
pub use update::update;
