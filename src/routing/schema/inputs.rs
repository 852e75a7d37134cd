//! What clients send about routing.

use async_graphql::{ID, InputObject};

use super::enums::{LocalTime, RoutingStrategy, Weekday};
use crate::channels::schema::PaymentMethod;
use crate::error::{Error, Failure, Problem};
use crate::graphql::scalars::{MoneyInput, read_id};
use crate::money::Currency;
use crate::orders::schema::inputs::read_money;
use crate::routing::model::{Hours, Policy, PolicyRefusal, Target};

/// A target of a routing policy 路由目标. A channel may be the target of several.
#[derive(Clone, Debug, InputObject)]
pub struct RoutingTargetInput {
    /// The channel; its method is the policy's.
    pub channel_id: ID,
    /// Its weight 权重 against the other targets, where the strategy is WEIGHTED: 1 to 10000.
    #[graphql(default = 1)]
    pub weight: i32,
    /// Only amounts from this one on.
    pub min_amount: Option<MoneyInput>,
    /// Only amounts up to this one, inclusive.
    pub max_amount: Option<MoneyInput>,
    /// Only these days of the week, in the merchant's time zone; all where it is missing. A span that passes
    /// midnight belongs to the day on which it begins.
    pub weekdays: Option<Vec<Weekday>>,
    /// Only from this time of the day on; its begin where it is missing.
    pub from: Option<LocalTime>,
    /// Only up to this time of the day, exclusive; its end where it is missing. Before `from` it means the
    /// next day.
    pub until: Option<LocalTime>,
}

/// A routing policy 路由策略 to be set, in full.
#[derive(Clone, Debug, InputObject)]
pub struct RoutingPolicySetInput {
    /// The method that it is about.
    pub method: PaymentMethod,
    /// The version that the policy has, as you know it; left out where there is none.
    pub expected_version: Option<i32>,
    /// How a channel is chosen among the targets that fit.
    pub strategy: RoutingStrategy,
    /// The targets in their order, 1 to 50.
    pub targets: Vec<RoutingTargetInput>,
}

/// A routing policy to be removed.
#[derive(Clone, Debug, InputObject)]
pub struct RoutingPolicyRemoveInput {
    /// The method that it is about.
    pub method: PaymentMethod,
    /// The version that the policy has, as you know it.
    pub expected_version: i32,
}

/// A routing policy to be tried out.
#[derive(Clone, Debug, InputObject)]
pub struct RoutingPolicyInput {
    /// How a channel is chosen among the targets that fit.
    pub strategy: RoutingStrategy,
    /// The targets in their order, 1 to 50.
    pub targets: Vec<RoutingTargetInput>,
}

impl RoutingTargetInput {
    fn read(self, place: usize, currency: Currency) -> Result<Target, Failure<PolicyRefusal>> {
        let money = |name: &str, input: Option<MoneyInput>| {
            let field = format!("targets.{place}.{name}");
            let minor = input.map(|input| read_money(input, &field, currency));
            minor.transpose().map_err(invalid)
        };
        let id = read_id("channelId", &self.channel_id);
        let until = self.until.map_or(Hours::ALWAYS.until, |time| time.0);
        let from = self.from.map_or(Hours::ALWAYS.from, |time| time.0);
        Ok(Target {
            channel_id: id
                .map_err(|_| Failure::Refused(PolicyRefusal::ChannelNotFound { place }))?,
            weight: self.weight,
            min_minor: money("minAmount", self.min_amount)?,
            max_minor: money("maxAmount", self.max_amount)?,
            hours: Hours {
                weekdays: match &self.weekdays {
                    None => Hours::ALWAYS.weekdays,
                    Some(days) => Weekday::bits(days),
                },
                // Midnight is both: a begin where it begins something, an end where it ends something.
                from: from % Hours::ALWAYS.until,
                until: if until == 0 {
                    Hours::ALWAYS.until
                } else {
                    until
                },
            },
        })
    }
}

/// Reads a policy; what cannot be meant is refused by its field.
pub fn read_policy(
    strategy: RoutingStrategy,
    targets: Vec<RoutingTargetInput>,
    currency: Currency,
) -> Result<Policy, Failure<PolicyRefusal>> {
    let targets = targets.into_iter().enumerate();
    Ok(Policy {
        strategy: strategy.into(),
        targets: targets
            .map(|(place, target)| target.read(place, currency))
            .collect::<Result<_, _>>()?,
    })
}

/// What cannot be meant is the merchant's to mend: it stands in `userErrors`, too.
fn invalid(error: Error) -> Failure<PolicyRefusal> {
    match error {
        Error::BadInput { field, problem } => Failure::Refused(PolicyRefusal::Invalid {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        }),
        other => Failure::Failed(other),
    }
}
