//! Watches channels and writes down how they are.

mod change;
pub mod incidents;
mod shown;

pub use change::{Turn, change};
pub use shown::list_shown;
