//! Watches channels and writes down how they are.

mod change;
mod facts;
mod history;
pub mod incidents;
mod judge;
mod lease;
mod row;
mod shown;
mod traffic;
mod usual;

pub use change::{Turn, change};
pub use history::{find_changes, list_changes};
pub use judge::Judge;
pub use lease::{hold, release};
pub use row::{lock, save};
pub use shown::list_shown;
pub use traffic::{count_attempt, count_payment, flush, prune_minutes};
