//! Decides which channels of a method fit an order, and which of them it takes.

use entity::channel::{self, PaymentMethod};
use entity::channel_health::HealthState;
use entity::routing_policy::RoutingStrategy;

use super::policy::Policy;
use crate::channels::provider::Device;
use crate::error::Problem;

/// A moment of the merchant's week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The day of the week: 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// The minute of the day: 0 to 1439.
    pub minute: i16,
}

/// What is to be paid, with what, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The amount, in minor units.
    pub amount_minor: i64,
    /// The payer's device; none where it is not known, which every channel takes.
    pub device: Option<Device>,
    /// The moment.
    pub at: Moment,
}

/// A channel that may be taken.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its row.
    pub channel: &'a channel::Model,
    /// How it is.
    pub state: HealthState,
    /// What was paid through it today, in minor units; it matters where it has a limit for the day.
    pub used_minor: i64,
    /// When it was last taken: a number that grows with each order that is made; 0 is never.
    pub taken_at: u64,
}

/// Why a channel does not fit, from far away to close by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// It is closed to new orders, or there is none.
    Closed,
    /// Its policy does not use it at this time.
    OffHours,
    /// The payer's device cannot use it.
    Device,
    /// It does not take this amount.
    Amount,
    /// It has taken as much as it may today.
    DailyLimit,
}

impl Unfit {
    /// Why no channel of a method takes an order.
    #[must_use]
    pub fn of_all(self) -> Problem {
        let (en, zh) = match self {
            Self::Closed => (
                "No channel of this method is open.",
                "该支付方式没有已开启的渠道。",
            ),
            Self::OffHours => (
                "No channel of this method is used at this time.",
                "该支付方式当前时段没有可用渠道。",
            ),
            Self::Device => (
                "No channel of this method works on the payer's device.",
                "该支付方式没有支持付款人设备的渠道。",
            ),
            Self::Amount => (
                "No channel of this method takes this amount.",
                "该支付方式没有支持该金额的渠道。",
            ),
            Self::DailyLimit => (
                "Every channel of this method that would fit has taken as much as it may today.",
                "该支付方式的渠道已达到单日限额。",
            ),
        };
        Problem::new(en, zh)
    }
}

/// A channel that fits, and how much it weighs in its policy.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    /// The channel.
    pub candidate: Candidate<'a>,
    /// Its weight.
    pub weight: i32,
}

impl Fit<'_> {
    /// Smaller is better off.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self.candidate.state {
            HealthState::Healthy | HealthState::Unknown => 0,
            HealthState::Degraded => 1,
            HealthState::Down => 2,
            HealthState::Maintenance => 3,
        }
    }

    /// Its place on the payment page.
    #[must_use]
    pub fn place(&self) -> (i32, entity::ChannelId) {
        let channel = self.candidate.channel;
        (channel.display_order, channel.id)
    }
}

/// Whether a channel fits by its own configuration, whatever its state.
pub fn fits(candidate: &Candidate<'_>, wish: &Wish) -> Result<(), Unfit> {
    let channel = candidate.channel;
    let amount = wish.amount_minor;
    if !channel.enabled {
        return Err(Unfit::Closed);
    }
    if !wish.device.is_none_or(|device| takes(channel, device)) {
        return Err(Unfit::Device);
    }
    if channel.min_minor.is_some_and(|min| amount < min)
        || channel.max_minor.is_some_and(|max| amount > max)
    {
        return Err(Unfit::Amount);
    }
    let with_this = candidate.used_minor.saturating_add(amount);
    if channel.daily_max_minor.is_some_and(|max| with_this > max) {
        return Err(Unfit::DailyLimit);
    }
    Ok(())
}

fn takes(channel: &channel::Model, device: Device) -> bool {
    let name = match device {
        Device::Desktop => "DESKTOP",
        Device::Mobile => "MOBILE",
    };
    channel.devices.split(' ').any(|known| known == name)
}

/// A policy as far as it says anything: where the channels of all its targets are closed to new orders, the
/// method goes on as without one. Who closes a channel means that channel, not the method.
fn in_force<'p>(
    method: PaymentMethod,
    policy: Option<&'p Policy>,
    candidates: &[Candidate<'_>],
) -> Option<&'p Policy> {
    let of_method = || candidates.iter().filter(|it| it.channel.method == method);
    let mut open = of_method().filter(|it| it.channel.enabled);
    policy.filter(|policy| open.any(|it| policy.names(it.channel.id)))
}

/// The channels that fit, in the order of the policy, or of the payment page without one; at least one, or
/// the reason that lies nearest.
pub fn fitting<'a>(
    method: PaymentMethod,
    policy: Option<&Policy>,
    candidates: &[Candidate<'a>],
    wish: &Wish,
) -> Result<Vec<Fit<'a>>, Unfit> {
    let of_method = || candidates.iter().filter(|it| it.channel.method == method);
    let mut nearest = Unfit::Closed;
    let mut found = Vec::new();
    let mut look = |candidate: &Candidate<'a>, weight: i32, fits: Result<(), Unfit>| match fits {
        Ok(()) => found.push(Fit {
            candidate: *candidate,
            weight,
        }),
        Err(why) => nearest = nearest.max(why),
    };
    match in_force(method, policy, candidates) {
        Some(policy) => {
            for target in &policy.targets {
                let candidate = of_method().find(|it| it.channel.id == target.channel_id);
                if let Some(candidate) = candidate {
                    let fits = fits(candidate, wish).and_then(|()| target.takes(wish));
                    look(candidate, target.weight, fits);
                }
            }
        }
        None => {
            for candidate in of_method() {
                look(candidate, 1, fits(candidate, wish));
            }
            found.sort_by_key(Fit::place);
        }
    }
    if found.is_empty() {
        return Err(nearest);
    }
    Ok(found)
}

/// The channel that an order takes, or the nearest reason why none does. `chance` is a number by chance.
pub fn choose<'a>(
    method: PaymentMethod,
    policy: Option<&Policy>,
    candidates: &[Candidate<'a>],
    wish: &Wish,
    chance: u64,
) -> Result<&'a channel::Model, Unfit> {
    let mut found = fitting(method, policy, candidates, wish)?;
    let best = found.iter().map(Fit::rank).min().unwrap_or_default();
    found.retain(|fit| fit.rank() == best);
    let policy = in_force(method, policy, candidates);
    let strategy = policy.map_or(RoutingStrategy::Priority, |policy| policy.strategy);
    let taken = match strategy {
        RoutingStrategy::Priority => found.first(),
        RoutingStrategy::Weighted => weighted(&found, chance),
        // Not a counter over those that fit: which ones fit changes from order to order. Not the one that was
        // taken least: one that was away for a day would take everything when it is back.
        RoutingStrategy::RoundRobin => found.iter().min_by_key(|fit| fit.candidate.taken_at),
    };
    taken.map(|fit| fit.candidate.channel).ok_or(Unfit::Closed)
}

fn weighted<'a, 'b>(found: &'b [Fit<'a>], chance: u64) -> Option<&'b Fit<'a>> {
    let weight = |fit: &Fit<'_>| u64::try_from(fit.weight).unwrap_or_default();
    let all: u64 = found.iter().map(weight).sum();
    let mut left = chance % all.max(1);
    found.iter().find(|fit| {
        let weight = weight(fit);
        let is_it = left < weight;
        left = left.saturating_sub(weight);
        is_it
    })
}
