//! What is done with messages.

mod audience;
mod cancel;
mod change;
mod deliver;
mod effect;
mod list;
mod naming;
mod people;
mod preview;
mod recipients;
mod reseal;
mod sealed;
mod send;
mod write;

pub use audience::left;
pub use cancel::cancel;
pub use change::{create, update};
pub use deliver::{BATCH, send_due};
pub use effect::{came_back, effect};
pub use list::{count, find_many, list, maybe_find};
pub use naming::naming_segment;
pub use preview::{Preview, Sample, preview};
pub use recipients::{find_recipients, list_recipients};
pub use reseal::reseal;
pub use sealed::open;
pub use send::send;
