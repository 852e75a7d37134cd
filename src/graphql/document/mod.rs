//! What becomes of a parsed document before it is kept: refused where it would cost too much, and the
//! doubles of a mutation's fields merged.

mod merging;
mod weight;

use async_graphql::parser::types::ExecutableDocument;

use crate::error::Error;

pub use weight::NESTING;

/// Makes a parsed document fit to be validated and executed, or says why it is not.
pub fn prepare(document: &mut ExecutableDocument) -> Result<(), Error> {
    weight::check(document)?;
    merging::merge(document)
}
