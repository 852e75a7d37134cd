//! Does what is done with segments.

mod rfm;
mod sql;
mod understood;

pub use rfm::{GroupFigures, groups};
pub use understood::{condition_of, find_many, maybe_find, members_in, memberships, size, size_of};
