//! Which campaigns a list wants.

use chrono::{DateTime, Utc};
use entity::campaign::{BenefitKind, CampaignState};

/// Which campaigns are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Any of these states.
    pub states: Option<Vec<CampaignState>>,
    /// Any of these ways of giving.
    pub kinds: Option<Vec<BenefitKind>>,
    /// A part of the name.
    pub search: Option<String>,
    /// Given at this instant, by its period.
    pub running_at: Option<DateTime<Utc>>,
}
