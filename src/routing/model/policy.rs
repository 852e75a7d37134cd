//! A policy, what one may say, and when its targets take orders.

use entity::channel::{self, PaymentMethod};
use entity::routing_policy::RoutingStrategy;
use entity::{ChannelId, MerchantId, routing_target};

use super::choice::{Moment, Unfit, Wish};
use crate::error::{Problem, Refusal};

/// The most targets of a policy.
const MOST_TARGETS: usize = 50;
/// The largest weight.
const LARGEST_WEIGHT: i32 = 10_000;
/// Minutes of a day.
const DAY: i16 = 1_440;

/// How a channel is chosen, and among which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How it is chosen among those that fit.
    pub strategy: RoutingStrategy,
    /// Which, in their order.
    pub targets: Vec<Target>,
}

/// A channel of a policy, and which orders may take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The channel.
    pub channel_id: ChannelId,
    /// Its weight against the others.
    pub weight: i32,
    /// Only amounts from this one on, in minor units.
    pub min_minor: Option<i64>,
    /// Only amounts up to this one, in minor units.
    pub max_minor: Option<i64>,
    /// Only at these hours.
    pub hours: Hours,
}

/// Hours of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The days on which they begin: a bit each, Monday the lowest.
    pub weekdays: i16,
    /// The minute of the day at which they begin: 0 to 1439.
    pub from: i16,
    /// The minute at which they are over: 1 to 1440; before `from` it is one of the next day.
    pub until: i16,
}

impl Hours {
    /// The whole week.
    pub const ALWAYS: Self = Self {
        weekdays: 127,
        from: 0,
        until: DAY,
    };

    /// Whether a moment lies in them.
    #[must_use]
    pub const fn hold(self, at: Moment) -> bool {
        let today = self.weekdays >> at.weekday & 1 == 1;
        if self.from < self.until {
            return today && self.from <= at.minute && at.minute < self.until;
        }
        let yesterday = self.weekdays >> ((at.weekday + 6) % 7) & 1 == 1;
        (today && self.from <= at.minute) || (yesterday && at.minute < self.until)
    }
}

impl Target {
    /// A channel, for all orders.
    #[must_use]
    pub const fn of(channel_id: ChannelId) -> Self {
        Self {
            channel_id,
            weight: 1,
            min_minor: None,
            max_minor: None,
            hours: Hours::ALWAYS,
        }
    }

    /// Whether the target takes an order that its channel fits.
    pub fn takes(&self, wish: &Wish) -> Result<(), Unfit> {
        if !self.hours.hold(wish.at) {
            return Err(Unfit::OffHours);
        }
        let amount = wish.amount_minor;
        if self.min_minor.is_some_and(|min| amount < min)
            || self.max_minor.is_some_and(|max| amount > max)
        {
            return Err(Unfit::Amount);
        }
        Ok(())
    }
}

impl From<&routing_target::Model> for Target {
    fn from(row: &routing_target::Model) -> Self {
        Self {
            channel_id: row.channel_id,
            weight: row.weight,
            min_minor: row.min_minor,
            max_minor: row.max_minor,
            hours: Hours {
                weekdays: row.weekdays,
                from: row.from_minute,
                until: row.until_minute,
            },
        }
    }
}

/// Why a policy was not set or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyRefusal {
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// A target's channel is not there.
    ChannelNotFound {
        /// The target's place, from 0.
        place: usize,
    },
    /// A target's channel is paid by another method.
    MethodNotOfChannel {
        /// The target's place, from 0.
        place: usize,
    },
    /// Somebody else was quicker.
    VersionConflict {
        /// The version by now; none where there is no policy.
        current: Option<i32>,
    },
}

impl Refusal for PolicyRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid { problem, .. } => problem.clone(),
            Self::ChannelNotFound { .. } => {
                Problem::new("There is no such channel.", "支付渠道不存在。")
            }
            Self::MethodNotOfChannel { .. } => Problem::new(
                "The channel is paid by another method.",
                "该渠道属于其他支付方式。",
            ),
            Self::VersionConflict { current } => conflict(*current),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::Invalid { field, .. } => field.clone(),
            Self::ChannelNotFound { place } | Self::MethodNotOfChannel { place } => {
                format!("targets.{place}.channelId")
            }
            Self::VersionConflict { .. } => "expectedVersion".to_owned(),
        })
    }
}

/// Why a policy was not removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveRefusal {
    /// Somebody else was quicker.
    VersionConflict {
        /// The version by now; none where there is no policy.
        current: Option<i32>,
    },
}

impl Refusal for RemoveRefusal {
    fn message(&self) -> Problem {
        let Self::VersionConflict { current } = self;
        conflict(*current)
    }

    fn field(&self) -> Option<String> {
        Some("expectedVersion".to_owned())
    }
}

fn conflict(current: Option<i32>) -> Problem {
    match current {
        None => Problem::new(
            "There is no policy for this method.",
            "该支付方式没有路由策略。",
        ),
        Some(current) => Problem::new(
            format!("The policy has version {current} by now: read it again."),
            format!("路由策略已是版本 {current}，请重新读取。"),
        ),
    }
}

fn invalid(field: String, en: &str, zh: &str) -> PolicyRefusal {
    PolicyRefusal::Invalid {
        problem: Problem::new(format!("`{field}` {en}"), format!("`{field}` {zh}")),
        field,
    }
}

impl Policy {
    /// Whether it can be meant for a method, of a merchant with these channels.
    pub fn check(
        &self,
        method: PaymentMethod,
        channels: &[channel::Model],
    ) -> Result<(), PolicyRefusal> {
        if !(1..=MOST_TARGETS).contains(&self.targets.len()) {
            return Err(invalid(
                "targets".to_owned(),
                &format!("must be 1 to {MOST_TARGETS} targets."),
                &format!("须为 1 至 {MOST_TARGETS} 个目标。"),
            ));
        }
        for (place, target) in self.targets.iter().enumerate() {
            target.check(place)?;
            match channels.iter().find(|it| it.id == target.channel_id) {
                None => return Err(PolicyRefusal::ChannelNotFound { place }),
                Some(channel) if channel.method != method => {
                    return Err(PolicyRefusal::MethodNotOfChannel { place });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Target {
    /// As tables keep it, at a place of a policy.
    #[must_use]
    pub const fn at(
        self,
        merchant_id: MerchantId,
        method: PaymentMethod,
        position: i16,
    ) -> routing_target::Model {
        routing_target::Model {
            merchant_id,
            method,
            position,
            channel_id: self.channel_id,
            weight: self.weight,
            min_minor: self.min_minor,
            max_minor: self.max_minor,
            weekdays: self.hours.weekdays,
            from_minute: self.hours.from,
            until_minute: self.hours.until,
        }
    }

    fn check(&self, place: usize) -> Result<(), PolicyRefusal> {
        let at = |name: &str| format!("targets.{place}.{name}");
        if !(1..=LARGEST_WEIGHT).contains(&self.weight) {
            return Err(invalid(
                at("weight"),
                &format!("must be from 1 to {LARGEST_WEIGHT}."),
                &format!("须为 1 至 {LARGEST_WEIGHT}。"),
            ));
        }
        for (name, minor) in [("minAmount", self.min_minor), ("maxAmount", self.max_minor)] {
            if minor.is_some_and(|minor| minor < 0) {
                return Err(invalid(at(name), "must not be negative.", "不能为负数。"));
            }
        }
        if let (Some(min), Some(max)) = (self.min_minor, self.max_minor)
            && min > max
        {
            return Err(invalid(
                at("maxAmount"),
                "must not be less than `minAmount`.",
                "不能小于 `minAmount`。",
            ));
        }
        if !(1..=127).contains(&self.hours.weekdays) {
            return Err(invalid(
                at("weekdays"),
                "must name at least one day; leave it out for all.",
                "须至少包含一天；不限时请省略。",
            ));
        }
        if self.hours.from == self.hours.until {
            return Err(invalid(
                at("until"),
                "must not be `from`; leave both out for the whole day.",
                "不能等于 `from`；全天请省略两者。",
            ));
        }
        Ok(())
    }
}

/// Whether whoever sets or removes a policy knows the one that is there, by its version and whether it has
/// targets; returns the version of the next, or the one by now.
pub const fn next_version(
    current: Option<(i32, bool)>,
    expected: Option<i32>,
) -> Result<i32, Option<i32>> {
    match (current, expected) {
        (None, None) => Ok(1),
        // A policy that was removed keeps its number, so that nobody's old number comes true again.
        (Some((version, false)), None) => Ok(version + 1),
        (Some((version, true)), Some(expected)) if version == expected => Ok(version + 1),
        (Some((version, true)), _) => Err(Some(version)),
        (None | Some((_, false)), Some(_)) => Err(None),
    }
}
