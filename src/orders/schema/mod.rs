//! Orders in GraphQL.

pub mod buyer;
pub mod enums;
pub mod fetch;
pub mod inputs;
pub mod list;
pub mod mutation;
pub mod object;
pub mod query;
pub mod sort_input;
pub mod subscription;

pub use list::OrderConnection;
pub use mutation::OrderMutation;
pub use object::Order;
pub use query::{OrderQuery, reading};
pub use subscription::OrderSubscription;
