//! RFM: who paid lately, often and much, compared with the merchant's other buyers.

use entity::Instant;
use serde::{Deserialize, Serialize};

/// Who has not paid in so many days, today included, is in no group.
pub const RFM_DAYS: i32 = 365;

/// A group of buyers RFM 分层: recency, frequency and monetary value, each at least as good as the average, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RfmGroup {
    /// 重要价值: lately, often, much.
    Champions,
    /// 重要发展: lately and much, but seldom.
    Promising,
    /// 重要保持: often and much, but not lately.
    NeedsAttention,
    /// 重要挽留: much, but seldom and not lately.
    AtRisk,
    /// 一般价值: lately and often, but little.
    Loyal,
    /// 一般发展: lately, but seldom and little.
    New,
    /// 一般保持: often, but little and not lately.
    Slipping,
    /// 一般挽留: seldom, little and not lately.
    Lost,
}

impl RfmGroup {
    /// All of them, the best first.
    pub const ALL: [Self; 8] = [
        Self::Champions,
        Self::Promising,
        Self::NeedsAttention,
        Self::AtRisk,
        Self::Loyal,
        Self::New,
        Self::Slipping,
        Self::Lost,
    ];

    /// Whether its members paid lately, often, much.
    #[must_use]
    pub const fn high(self) -> (bool, bool, bool) {
        match self {
            Self::Champions => (true, true, true),
            Self::Promising => (true, false, true),
            Self::NeedsAttention => (false, true, true),
            Self::AtRisk => (false, false, true),
            Self::Loyal => (true, true, false),
            Self::New => (true, false, false),
            Self::Slipping => (false, true, false),
            Self::Lost => (false, false, false),
        }
    }
}

/// What buyers of the last year come to on average: who reaches it is high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Means {
    /// How many buyers there are.
    pub buyers: i64,
    /// When they paid last.
    pub last_paid_at: Instant,
    /// How many orders they paid for in all, rounded up.
    pub orders: i64,
    /// What they spent in all, in minor units, rounded up.
    pub spent_minor: i64,
}

/// The sums that averages are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// How many buyers.
    pub buyers: i64,
    /// Milliseconds from the begin of the year to when they paid last.
    pub since_ms: i64,
    /// Their orders.
    pub orders: i64,
    /// What they spent, in minor units.
    pub spent_minor: i64,
}

impl Sums {
    /// The averages, where the year began at `from`. Of nobody they are nothing.
    #[must_use]
    pub fn means(self, from: Instant) -> Means {
        let each = |sum: i64| match self.buyers {
            0 => 0,
            buyers => sum.div_euclid(buyers) + i64::from(sum.rem_euclid(buyers) > 0),
        };
        let since = chrono::TimeDelta::milliseconds(each(self.since_ms));
        Means {
            buyers: self.buyers,
            last_paid_at: Instant(from.0 + since),
            orders: each(self.orders),
            spent_minor: each(self.spent_minor),
        }
    }
}
