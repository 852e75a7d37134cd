//! The GraphQL edge: merges the slices' roots; context, connections, scalars, guards, limits.

pub mod connection;
pub mod context;
pub mod guard;
pub(crate) mod payload;
pub mod plain;
pub mod scalars;

pub use context::{Ask, Nullable, RequestInfo};
pub use guard::{Needs, SignedIn};
