//! What is read of bills.
