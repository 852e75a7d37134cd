//! Does what is done with webhooks: endpoints, deliveries, and what is sent.

mod allowed;
mod claim;
mod compose;
mod endpoints;
mod follow;
mod list;
mod notify;
mod ping;
mod prune;
mod record;
mod replay;
mod reseal;
mod secrets;
mod send;
mod subject;
mod things;

pub use claim::{Claimed, Desk, claim};
pub use endpoints::{Change, Made, create, delete, disable, enable, update};
pub use follow::{Followed, follow};
pub use list::{
    attempts_of, deliveries_of, find_deliveries, find_endpoint, find_endpoints, list,
    list_endpoints, urls_of,
};
pub use notify::{NotifyKey, find_key, has_key, remember, set_key};
pub use ping::{Ping, ping};
pub use prune::prune;
pub use replay::{ReplayWish, Replayed, replay, replay_many};
pub use reseal::reseal;
pub use secrets::rotate;
pub use send::act;
