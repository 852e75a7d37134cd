//! Channels' health in GraphQL.

pub mod change;
pub mod enums;
pub mod health;
pub mod subscription;

pub use change::{ChannelHealthChange, ChannelHealthChangeConnection};
pub use enums::{HealthCause, HealthState};
pub use health::ChannelHealth;
pub use subscription::HealthSubscription;
