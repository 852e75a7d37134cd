//! Keeps policies, finds routes, and gathers what a payment page shows.

mod dry_run;
mod history;
mod page;
mod policies;
mod route;
mod used;

pub use dry_run::{DryRun, Reach, dry_run};
pub use history::{PolicyVersion, cursor, history};
pub use page::{Shown, page};
pub use policies::{Stored, list, remove, set};
pub use route::{Asked, check, route, took_turn};
