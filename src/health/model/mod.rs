//! Decides how a channel is, from what went through it, what probes say, and what was announced.

pub mod fallback;
pub mod impact;
pub mod incident;
pub mod baseline;
pub mod latency;
pub mod maintenance;
pub mod manual;
pub mod notice;
pub mod outage;
pub mod probing;
pub mod rate;
pub mod uptime;
pub mod rules;
pub mod signs;
#[cfg(test)]
mod simulation;
pub mod state;
pub mod window;
