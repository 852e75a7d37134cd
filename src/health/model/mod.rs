//! Decides how a channel is, from what went through it, what probes say, and what was announced.

pub mod baseline;
pub mod latency;
pub mod rate;
pub mod rules;
pub mod signs;
#[cfg(test)]
mod simulation;
pub mod state;
pub mod window;
