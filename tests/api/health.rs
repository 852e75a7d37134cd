//! Channels' health: incidents and their impact, alerts, maintenance, states set by hand, uptime.

mod alerts;
mod incidents;
mod maintenance;
mod manual;
mod races;
mod scene;
