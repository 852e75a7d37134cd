//! Decides what an entry says, how entries hang together, and which of them a list wants.

mod chain;
mod deed;
mod filter;

pub use chain::{Break, BreakKind, ChainKey, Known, Walk, canonical};
pub use deed::{By, Deed};
pub use filter::AuditFilter;
