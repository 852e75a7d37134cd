//! Which fees are wanted.

use entity::channel::PaymentMethod;
use entity::{ChannelId, FeeRuleId};
use serde::{Deserialize, Serialize};

use crate::money::AmountRange;
use crate::time_range::TimeRange;

/// Which fees are wanted; all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeFilter {
    /// When they were taken.
    pub taken: Option<TimeRange>,
    /// Of payments through any of these channels.
    pub channel_ids: Option<Vec<ChannelId>>,
    /// Of payments by any of these methods.
    pub methods: Option<Vec<PaymentMethod>>,
    /// Of buyers from any of these countries.
    pub countries: Option<Vec<String>>,
    /// By any version of this rule.
    pub rule_id: Option<FeeRuleId>,
    /// How much was taken.
    pub amount: AmountRange,
}
