//! Channels' health: what goes through is counted, judged, and told.

mod judging;
mod leases;
mod live;
mod plans;
mod traffic;
