//! Does what is done at the checkout: quotes, and what orders take of offers and give back.

pub mod counters;
