//! Decides how a channel may be configured.

mod terms;

pub use terms::{RefundTermsChange, TermsChange, TermsRefusal};
