//! Does what is done with payouts: a write is one function and one transaction.

mod account;
mod act;
mod approval;
mod arrivals;
mod book;
mod cancel;
mod challenge;
mod create;
mod decide;
mod due;
mod known;
mod list;
mod quote;
mod reseal;
mod resolve;
mod run;
mod schedule;
mod seal;
mod terms;

pub use act::act;
pub use approval::set_approval;
pub use arrivals::{Arrivals, arrivals};
pub use cancel::cancel;
pub use challenge::create_challenge;
pub use create::create;
pub use decide::{approve, reject};
pub use due::{Claimed, claim_due};
pub use list::{StateCount, Totals, count, find, find_many, list, states, totals};
pub use quote::{Quote, quote};
pub use reseal::reseal;
pub use resolve::resolve;
pub use run::run_schedules;
pub use schedule::{maybe_find_schedule, set_schedule};
pub use terms::{set_terms, terms};
