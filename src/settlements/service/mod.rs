//! Releases what is due, and says what becomes available when.

mod release;

pub use release::{due, release};
