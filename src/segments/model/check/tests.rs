//! What rules may be.
