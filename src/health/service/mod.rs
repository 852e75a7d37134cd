//! Watches channels and writes down how they are.

mod change;
mod facts;
mod history;
pub mod incidents;
mod judge;
pub mod maintenance;
mod manual;
mod outages;
mod probe;
mod row;
mod shown;
mod traffic;
mod uptime;
mod usual;

pub use change::{Turn, change};
pub use history::{find_changes, list_changes};
pub use judge::Judge;
pub use manual::{clear_override, set_override};
pub use outages::{end_outage, start_outage};
pub use probe::{claim_due, enter_new, find_probes, probe};
pub use row::{lock, save};
pub use shown::list_shown;
pub use traffic::{count_attempt, count_payment, flush, prune_minutes};
pub use uptime::uptime;
