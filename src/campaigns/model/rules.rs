//! What a campaign or a coupon gives: on what, to whom, when. Frozen at its first redemption.

use chrono::{DateTime, Datelike, Timelike};
use chrono_tz::Tz;
use entity::campaign::BenefitKind;
use entity::channel::PaymentMethod;
use entity::{ChannelId, SegmentId, TierId};
use serde::{Deserialize, Serialize};

/// What is given 优惠方式.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// 满减: of the steps that are reached, the highest one's reduction.
    FullReduction(Vec<Step>),
    /// 每满减: a reduction for every full threshold, up to a cap.
    EveryFull {
        /// The threshold and what comes off for each.
        step: Step,
        /// The most that comes off, in minor units.
        cap_minor: Option<i64>,
    },
    /// 折扣: a share of the amount comes off, up to a cap.
    Discount {
        /// The share in millionths: 八折 is 200,000.
        off_ppm: i64,
        /// From which amount on, in minor units; 0 for any.
        threshold_minor: i64,
        /// The most that comes off, in minor units.
        cap_minor: Option<i64>,
    },
    /// 现金券: a fixed amount comes off, or what is left where that is less.
    Cash {
        /// What comes off, in minor units.
        off_minor: i64,
    },
}

/// One step of a full reduction 满减档位.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// From which amount on, in minor units.
    pub threshold_minor: i64,
    /// What comes off, in minor units.
    pub off_minor: i64,
}

impl Benefit {
    /// Which way of giving it is.
    #[must_use]
    pub const fn kind(&self) -> BenefitKind {
        match self {
            Self::FullReduction(_) => BenefitKind::FullReduction,
            Self::EveryFull { .. } => BenefitKind::EveryFull,
            Self::Discount { .. } => BenefitKind::Discount,
            Self::Cash { .. } => BenefitKind::Cash,
        }
    }

    /// What comes off an amount.
    #[must_use]
    pub fn off(&self, amount_minor: i64) -> i64 {
        let off = match self {
            Self::FullReduction(steps) => {
                let reached = steps
                    .iter()
                    .filter(|step| step.threshold_minor <= amount_minor);
                reached.map(|step| step.off_minor).max().unwrap_or(0)
            }
            Self::EveryFull { step, cap_minor } => {
                let times = amount_minor.checked_div(step.threshold_minor).unwrap_or(0);
                let off = times.saturating_mul(step.off_minor);
                cap_minor.map_or(off, |cap| off.min(cap))
            }
            Self::Discount {
                off_ppm,
                threshold_minor,
                cap_minor,
            } if *threshold_minor <= amount_minor => {
                let off = i128::from(amount_minor) * i128::from(*off_ppm) / 1_000_000;
                let off = i64::try_from(off).unwrap_or(i64::MAX);
                cap_minor.map_or(off, |cap| off.min(cap))
            }
            Self::Discount { .. } => 0,
            Self::Cash { off_minor } => *off_minor,
        };
        off.clamp(0, amount_minor.max(0))
    }

    /// What is missing until something, or something more, comes off; none where nothing is.
    #[must_use]
    pub fn missing(&self, amount_minor: i64) -> Option<i64> {
        let next = match self {
            Self::FullReduction(steps) => steps
                .iter()
                .map(|step| step.threshold_minor)
                .filter(|threshold| *threshold > amount_minor)
                .min(),
            Self::EveryFull { step, .. } => Some(step.threshold_minor),
            Self::Discount {
                threshold_minor, ..
            } => Some(*threshold_minor),
            Self::Cash { .. } => None,
        };
        next.map(|threshold| threshold - amount_minor)
            .filter(|missing| *missing > 0)
    }
}

/// On what it is given 适用范围. An empty list of what is included is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Products of these titles: a shop may name what it has not sold yet.
    pub products: Vec<String>,
    /// And products of these categories.
    pub categories: Vec<String>,
    /// But not products of these titles.
    pub without_products: Vec<String>,
    /// Nor products of these categories.
    pub without_categories: Vec<String>,
    /// Only what is paid through these channels.
    pub channels: Vec<ChannelId>,
    /// Only what is paid by these methods.
    pub methods: Vec<PaymentMethod>,
}

impl Scope {
    /// Whether a line is what it is given on.
    #[must_use]
    pub fn holds(&self, title: &str, category: &str) -> bool {
        let names = |list: &[String], name: &str| list.iter().any(|known| known == name);
        let all = self.products.is_empty() && self.categories.is_empty();
        let included = all || names(&self.products, title) || names(&self.categories, category);
        included
            && !names(&self.without_products, title)
            && !names(&self.without_categories, category)
    }

    /// Whether it is given on what is paid this way. What is limited to channels is not given where none is known.
    #[must_use]
    pub fn holds_way(&self, channel: Option<ChannelId>, method: Option<PaymentMethod>) -> bool {
        (self.channels.is_empty() && self.methods.is_empty())
            || channel.is_some_and(|id| self.channels.contains(&id))
            || method.is_some_and(|method| self.methods.contains(&method))
    }
}

/// Whom it is given to 适用人群.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Only known members.
    pub members: bool,
    /// Only who has paid for nothing yet 新客.
    pub newcomers: bool,
    /// Only members of these tiers 指定等级.
    pub tiers: Vec<TierId>,
    /// Only members of at least one of these segments 指定分群.
    pub segments: Vec<SegmentId>,
    /// But not members of any of these segments 排除分群.
    pub without_segments: Vec<SegmentId>,
}

impl Audience {
    /// The segments that decide who is given it.
    pub fn named_segments(&self) -> impl Iterator<Item = SegmentId> {
        self.segments.iter().chain(&self.without_segments).copied()
    }

    /// Whether a segment decides who is given it.
    #[must_use]
    pub fn names_segment(&self, id: SegmentId) -> bool {
        self.named_segments().any(|named| named == id)
    }
}

/// When in the week it is given, on the merchant's clock 适用时段.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// On these days, Monday the lowest bit.
    pub weekdays: u8,
    /// From this minute of the day on.
    pub from_minute: u16,
    /// Up to before this minute; not after `from_minute` where it goes on past midnight.
    pub to_minute: u16,
}

impl Hours {
    /// Whether a moment is within. What goes on past midnight belongs to the day on which it began.
    #[must_use]
    pub fn holds(&self, at: DateTime<Tz>) -> bool {
        let minute = u16::try_from(at.hour() * 60 + at.minute()).unwrap_or(0);
        let today = at.weekday().num_days_from_monday();
        let on = |day: u32| self.weekdays & (1 << day) != 0;
        if self.from_minute < self.to_minute {
            return on(today) && (self.from_minute..self.to_minute).contains(&minute);
        }
        let yesterday = (today + 6) % 7;
        (on(today) && minute >= self.from_minute) || (on(yesterday) && minute < self.to_minute)
    }
}

/// How it stands beside others 叠加规则.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stacking {
    /// What comes first; the higher, the earlier.
    pub priority: i16,
    /// Of a group one is given alone: the one that would take most off the cart by itself.
    pub group: Option<String>,
    /// Whether it is given only where nothing else is.
    pub exclusive: bool,
}

/// How often, and how much of it 限制. None is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Orders in all.
    pub total: Option<i64>,
    /// Orders of a day of the merchant.
    pub per_day: Option<i64>,
    /// Orders of one member.
    pub per_member: Option<i64>,
    /// What it may cost in all, in minor units 预算.
    pub budget_minor: Option<i64>,
}

/// Everything that decides what comes off an order 活动规则.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What is given.
    pub benefit: Benefit,
    /// On what.
    #[serde(default)]
    pub scope: Scope,
    /// To whom.
    #[serde(default)]
    pub audience: Audience,
    /// When in the week; always where there are none.
    #[serde(default)]
    pub hours: Vec<Hours>,
    /// Beside what.
    #[serde(default)]
    pub stacking: Stacking,
    /// How often.
    #[serde(default)]
    pub limits: Limits,
}

impl Rules {
    /// How many orders of one member may have it. Newcomers have it once: two of their orders at the same time are
    /// both the first, until one is paid.
    #[must_use]
    pub fn per_member(&self) -> Option<i64> {
        if self.audience.newcomers {
            return Some(1);
        }
        self.limits.per_member
    }

    /// Whether it is given to known members alone.
    #[must_use]
    pub fn needs_member(&self) -> bool {
        let Audience {
            members,
            tiers,
            segments,
            ..
        } = &self.audience;
        *members || !tiers.is_empty() || !segments.is_empty() || self.per_member().is_some()
    }

    /// Whether it is given at this moment of the week.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Tz>) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.holds(at))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn hours_that_go_on_past_midnight_belong_to_the_day_on_which_they_began() {
        let friday_night = Hours {
            weekdays: 1 << 4,
            from_minute: 22 * 60,
            to_minute: 2 * 60,
        };
        let zone = chrono_tz::Asia::Shanghai;
        let at = |day, hour| zone.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap();
        let held: Vec<bool> = [(27, 1), (27, 21), (27, 22), (28, 1), (28, 2), (28, 22)]
            .into_iter()
            .map(|(day, hour)| friday_night.holds(at(day, hour)))
            .collect();
        assert_eq!(held, [false, false, true, true, false, false]);
    }
}
