//! Channels' health: what goes through is counted, judged, and told; incidents and their impact, alerts,
//! maintenance, states set by hand, probes, outages, uptime.

mod alerts;
mod hanging;
mod incidents;
mod judging;
mod leases;
mod live;
mod maintenance;
mod manual;
mod outages;
mod plans;
mod probes;
mod races;
mod scene;
mod traffic;
mod uptime;
