//! Decides about refunds: values in, a value or a refusal out.

mod position;

pub use position::{Position, Shift, shift};
