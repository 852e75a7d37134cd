//! Tiers in GraphQL.

pub mod change;
pub mod inputs;
pub mod member;
pub mod mutation;
pub mod next;
pub mod object;
pub mod query;

pub use change::{TierChange, TierChangeConnection, list_changes};
pub use member::{next_of, of_member, retention_of};
pub use mutation::TierMutation;
pub use next::{NextTier, TierRetention};
pub use object::{Tier, TierDowngrade};
pub use query::TierQuery;
