//! The GraphQL edge: merges the slices' roots; context, connections, scalars, guards, documents.

mod admission;
pub mod batching;
pub mod connection;
pub mod context;
pub mod document;
pub mod events;
pub mod follow;
pub mod gateway;
pub mod guard;
pub mod live;
pub mod node;
pub(crate) mod payload;
pub mod plain;
pub mod request;
pub mod scalars;
pub mod schema;
pub mod time_range;

pub use context::{Ask, Nullable, RequestInfo};
pub use guard::{Needs, SignedIn};
