//! Channels' health, incidents and maintenance in GraphQL.

pub mod alerts;
pub mod enums;
pub mod incident;
pub mod incidents;
pub mod maintenance;
pub mod manual;
pub mod mutation;
pub mod outage;
pub mod probe;
pub mod uptime;

pub use alerts::AlertSubscription;
pub use enums::{HealthCause, HealthState, IncidentSeverity, IncidentState, MaintenanceSource};
pub use incident::{Incident, open_incident};
pub use incidents::IncidentQuery;
pub use maintenance::{MaintenanceQuery, MaintenanceWindow, next_window};
pub use mutation::IncidentMutation;
pub use outage::OutageMutation;
pub use probe::ChannelProbe;
pub use uptime::ChannelDay;
