//! Webhooks as clients see them.

pub mod delivery;
pub mod endpoint;
pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod notify;
pub mod query;
pub mod replay;

pub use delivery::WebhookDelivery;
pub use endpoint::WebhookEndpoint;
pub use mutation::WebhookMutation;
pub use notify::{NotifyMutation, NotifyQuery};
pub use query::WebhookQuery;
pub use replay::ReplayMutation;
