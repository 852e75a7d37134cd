//! Channels in GraphQL.

pub mod credentials;
pub mod mutation;
pub mod object;
pub mod offer;
pub mod page;
pub mod query;
pub mod switch;
pub mod terms;
pub mod version;
mod wish;

pub use credentials::ChannelCredentials;
pub use mutation::ChannelMutation;
pub use object::{Channel, ChannelKind, PaymentMethod};
pub use offer::HideWhen;
pub use query::ChannelQuery;
pub use terms::{ChannelTerms, FundsMode, RefundTerms};
pub use version::ChannelVersion;
