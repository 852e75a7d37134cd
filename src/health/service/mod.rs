//! Watches channels and writes down how they are.

mod change;
pub mod incidents;
pub mod maintenance;
mod manual;
mod outages;
mod probe;
mod shown;
mod uptime;

pub use change::{Turn, change};
pub use manual::{clear_override, set_override};
pub use outages::{end_outage, start_outage};
pub use probe::{claim_due, enter_new, find_probes, probe};
pub use shown::list_shown;
pub use uptime::uptime;
