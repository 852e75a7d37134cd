//! Incidents: opened, worsened and resolved as their channels' states change; measured meanwhile.

mod acknowledge;
mod follow;
mod list;
mod measure;

pub use acknowledge::acknowledge;
pub use follow::follow;
pub use list::{IncidentFilter, count, find, find_many, find_open, list};
pub use measure::measure;
