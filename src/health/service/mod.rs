//! Watches channels and writes down how they are.

mod change;
pub mod incidents;
mod lease;
mod shown;
mod traffic;

pub use change::{Turn, change};
pub use lease::{hold, release};
pub use shown::list_shown;
pub use traffic::{count_attempt, count_payment, flush, prune_minutes};
