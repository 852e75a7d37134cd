//! Does: binds, checks, confirms and unbinds bank accounts.

mod act;
mod bind;
mod channel;
mod confirm;
mod due;
mod list;
mod reseal;
mod sealed;
mod unbind;

pub use act::act;
pub use bind::bind;
pub use channel::checking_channel;
pub use confirm::confirm;
pub use due::{Claimed, claim_due};
pub use list::{find, find_many, list, lock};
pub use reseal::reseal;
pub use sealed::{Opened, Sealed, bound_to, open, seal};
pub use unbind::unbind;
