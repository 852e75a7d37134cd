//! Does: writes entries in their deeds' transactions, seals them, lists them, and proves the chain.

mod deny;
mod list;
mod record;
mod reseal;
mod seal;
mod verify;

pub use deny::{deny, deny_refused, forbid, tell_all_counted, tell_counted};
pub use list::{Shown, count, list, maybe_find};
pub use record::{record, record_at, record_once};
pub use reseal::reseal;
pub use seal::{begin, seal, seal_all};
pub use verify::{Verified, verify};
