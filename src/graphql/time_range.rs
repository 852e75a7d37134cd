//! Spans of time as clients give them.

use async_graphql::{Enum, InputObject, OneofObject};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::scalars::Timestamp;
use crate::error::Error;
use crate::time_range::{self, TimeRange};

/// A span that is named. Days, weeks (from Monday), months and quarters are those of the merchant's
/// time zone; "last N days" includes today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "time_range::Preset")]
pub enum TimeRangePreset {
    /// 今天.
    Today,
    /// 昨天.
    Yesterday,
    /// 近三天: today and the two days before.
    #[graphql(name = "LAST_3_DAYS")]
    Last3Days,
    /// 近七天: today and the six days before.
    #[graphql(name = "LAST_7_DAYS")]
    Last7Days,
    /// 近三十天: today and the 29 days before.
    #[graphql(name = "LAST_30_DAYS")]
    Last30Days,
    /// 近九十天: today and the 89 days before.
    #[graphql(name = "LAST_90_DAYS")]
    Last90Days,
    /// 近一年: today and the 364 days before.
    #[graphql(name = "LAST_365_DAYS")]
    Last365Days,
    /// 本周, from Monday.
    ThisWeek,
    /// 本月.
    ThisMonth,
    /// 上月.
    LastMonth,
    /// 本季度.
    ThisQuarter,
    /// 今年.
    ThisYear,
}

/// A span of time, half open: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomTimeRangeInput {
    /// The first instant in it.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

/// A span of time, named or given.
#[derive(Clone, Copy, Debug, OneofObject)]
pub enum TimeRangeInput {
    /// A named span in the merchant's time zone.
    Preset(TimeRangePreset),
    /// Any span.
    Custom(CustomTimeRangeInput),
}

impl TimeRangeInput {
    /// The span meant at an instant, in a zone; `field` names the argument in errors.
    pub fn read(self, field: &str, now: DateTime<Utc>, zone: Tz) -> Result<TimeRange, Error> {
        match self {
            Self::Preset(preset) => Ok(TimeRange::of_preset(preset.into(), now, zone)),
            Self::Custom(CustomTimeRangeInput { from, to }) if from.0 < to.0 => Ok(TimeRange {
                from: from.0,
                to: to.0,
            }),
            Self::Custom(_) => Err(Error::bad_input(
                format!("{field}.custom"),
                "`from` must lie before `to`.",
                "`from` 必须早于 `to`。",
            )),
        }
    }
}
