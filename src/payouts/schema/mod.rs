//! Payouts in GraphQL.

pub mod enums;
pub mod inputs;
pub mod list;
pub mod mutation;
pub mod object;
pub mod payloads;
pub mod query;
pub mod schedule;
pub mod subscription;
pub mod terms;

pub use list::PayoutConnection;
pub use mutation::PayoutMutation;
pub use object::Payout;
pub use query::PayoutQuery;
pub use schedule::PayoutScheduleMutation;
pub use subscription::PayoutSubscription;
