//! Channels in GraphQL.

pub mod mutation;
pub mod object;
pub mod query;
pub mod terms;

pub use mutation::ChannelMutation;
pub use object::{Channel, ChannelKind, PaymentMethod};
pub use query::ChannelQuery;
pub use terms::{ChannelTerms, FundsMode, RefundTerms};
