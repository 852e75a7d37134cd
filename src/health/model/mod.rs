//! Decides how a channel is, from what went through it, what probes say, and what was announced.

pub mod latency;
pub mod rate;
