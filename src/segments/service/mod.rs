//! Does what is done with segments.

mod check;
mod count;
mod list;
mod prune;
mod rfm;
mod snapshot;
mod sql;
mod understood;
mod uses;
mod write;

pub use check::{check, may_ask};
pub use count::{size, size_of};
pub use list::{count, list, list_members, sample};
pub use prune::prune;
pub use rfm::{GroupFigures, groups};
pub use snapshot::snapshot;
pub use understood::{condition_of, find_many, maybe_find, members_in, memberships, rule_of};
pub use uses::{Asked, may_name};
pub use write::{create, remove, update};
