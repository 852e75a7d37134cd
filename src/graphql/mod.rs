//! The GraphQL edge: merges the slices' roots; context, connections, scalars, guards, limits.

pub mod batching;
pub mod connection;
pub mod context;
pub mod events;
pub mod guard;
pub mod node;
pub(crate) mod payload;
pub mod plain;
pub mod scalars;
pub mod time_range;

pub use context::{Ask, Nullable, RequestInfo};
pub use guard::{Needs, SignedIn};
