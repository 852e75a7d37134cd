//! Channels' health, incidents and maintenance in GraphQL.

pub mod alerts;
pub mod change;
pub mod enums;
pub mod health;
pub mod incident;
pub mod incidents;
pub mod maintenance;
pub mod manual;
pub mod mutation;
pub mod outage;
pub mod probe;
pub mod subscription;
pub mod uptime;

pub use alerts::AlertSubscription;
pub use change::{ChannelHealthChange, ChannelHealthChangeConnection};
pub use enums::{HealthCause, HealthState, IncidentSeverity, IncidentState, MaintenanceSource};
pub use health::ChannelHealth;
pub use incident::{Incident, open_incident};
pub use incidents::IncidentQuery;
pub use maintenance::{MaintenanceQuery, MaintenanceWindow, next_window};
pub use mutation::IncidentMutation;
pub use outage::OutageMutation;
pub use probe::ChannelProbe;
pub use subscription::HealthSubscription;
pub use uptime::ChannelDay;
