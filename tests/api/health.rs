//! Channels' health: incidents and their impact, alerts, maintenance, states set by hand, probes, outages,
//! uptime.

mod alerts;
mod incidents;
mod maintenance;
mod manual;
mod outages;
mod probes;
mod races;
mod scene;
mod uptime;
