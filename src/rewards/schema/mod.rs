//! Rewards in GraphQL.

pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod query;
pub mod redemption;
pub mod reward;

pub use mutation::RewardMutation;
pub use query::RewardQuery;
pub use redemption::{RewardRedemption, RewardRedemptionConnection};
pub use reward::{Reward, RewardConnection};
