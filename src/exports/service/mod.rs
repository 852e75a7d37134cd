//! Does what is done with exports: a write is one function and one transaction.

mod cancel;
mod claim;
mod create;
mod expire;
mod file;
mod link;
mod list;
mod member_rows;
mod prune;
mod rows;
mod run;

pub use cancel::cancel;
pub use claim::claim;
pub use create::{Draft, create};
pub use expire::expire;
pub use file::{Kept, kept};
pub use link::{needed, open, sign, tell_download};
pub use list::{find, find_many, list};
pub use prune::prune;
pub use run::run;
