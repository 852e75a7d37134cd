//! A field that cannot be meant.

use crate::error::Problem;

/// A field of the input that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which, by its path in the input.
    pub field: String,
    /// What is wrong with it, and what would be right.
    pub problem: Problem,
}

impl Invalid {
    /// A field that cannot be meant; the sentences begin with its name.
    #[must_use]
    pub fn new(field: impl Into<String>, problem: &Problem) -> Self {
        let field = field.into();
        let problem = Problem::new(
            format!("`{field}` {}", problem.en),
            format!("`{field}` {}", problem.zh),
        );
        Self { field, problem }
    }
}
