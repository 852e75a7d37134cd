//! Messages in GraphQL.

pub mod effect;
pub mod inputs;
pub mod list;
pub mod mutation;
pub mod object;
pub mod preview;
pub mod query;
pub mod recipient;
pub mod subscription;

pub use mutation::MessageMutation;
pub use object::Message;
pub use query::MessageQuery;
pub use recipient::MessageRecipient;
pub use subscription::MessageSubscription;
