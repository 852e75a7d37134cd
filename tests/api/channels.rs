//! Channels: chosen among several, shown on a payment page.

pub mod publishable;
mod routing;
