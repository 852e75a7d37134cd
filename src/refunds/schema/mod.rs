//! Refunds in GraphQL.

pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod object;
pub mod query;
pub mod subscription;

pub use mutation::RefundMutation;
pub use object::{Refund, RefundConnection};
pub use query::RefundQuery;
pub use subscription::RefundSubscription;
