//! The GraphQL edge: merges the slices' roots; context, connections, scalars, guards, documents.

mod admission;
pub mod batching;
pub mod connection;
pub mod context;
pub mod document;
pub mod events;
pub mod fields;
pub mod follow;
pub mod gateway;
pub mod guard;
pub mod introspection;
pub mod live;
pub mod node;
pub mod panics;
pub(crate) mod payload;
pub mod plain;
pub mod ready;
pub mod request;
pub mod scalars;
pub mod schema;
pub mod time_range;
pub mod watch;

pub use context::{Ask, Nullable, RequestInfo};
pub use guard::{Needs, SignedIn};
