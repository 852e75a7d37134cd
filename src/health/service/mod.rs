//! Watches channels and writes down how they are.

mod change;
pub mod incidents;
pub mod maintenance;
mod manual;
mod shown;

pub use change::{Turn, change};
pub use manual::{clear_override, set_override};
pub use shown::list_shown;
