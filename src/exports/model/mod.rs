//! Decides about exports, and writes their rows: pure, without clock, database or network.

mod cell;
pub mod columns;
mod csv;
mod file;
mod jsonl;
mod refusal;
mod wanted;
mod words;
mod xlsx;
mod zip;

pub use cell::{Cell, Part, Style, Word};
pub use file::{File, extension, media_type};
pub use refusal::{CancelRefusal, CreateRefusal, failure};
pub use wanted::{List, Wanted, file_name, percent, plain_name, scopes, tells_buyers, unasked};
