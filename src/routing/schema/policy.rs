//! A routing policy, as clients see it.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::{routing_policy, routing_target};

use super::enums::{LocalTime, RoutingStrategy, Weekday};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::graphql::Nullable;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::money::{Currency, Money};
use crate::routing::service::Stored;

/// A policy, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct RoutingPolicy {
    row: routing_policy::Model,
    targets: Vec<routing_target::Model>,
    currency: Currency,
}

impl RoutingPolicy {
    /// A policy as tables keep it.
    #[must_use]
    pub fn of((row, targets): Stored, currency: Currency) -> Self {
        Self {
            row,
            targets,
            currency,
        }
    }

    fn shown(&self) -> Vec<Lean<RoutingTarget>> {
        let targets = self.targets.iter().cloned();
        let currency = self.currency;
        targets
            .map(|row| Lean(RoutingTarget::of(row, currency)))
            .collect()
    }
}

plain_object! {
    /// A routing policy 路由策略: how one of several channels of a method is chosen. Channels that are no
    /// target of it take no orders that name the method alone. Where the channels of all its targets are closed
    /// to new orders, the method goes on as without a policy.
    RoutingPolicy(self) {
        /// The method that it is about.
        method / "method": PaymentMethod = self.row.method.into();
        /// Its version, from 1; name it as `expectedVersion` when you set or remove it.
        version / "version": i32 = self.row.version;
        /// How a channel is chosen among the targets that fit.
        strategy / "strategy": RoutingStrategy = self.row.strategy.into();
        /// Its targets 路由目标, in their order.
        targets / "targets": Vec<Lean<RoutingTarget>> = self.shown();
        /// When it was set.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// Who set it: an id of staff or of an API key, or `system`.
        updated_by / "updatedBy": &str = self.row.updated_by.as_str();
    }
}

/// A target of a policy, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct RoutingTarget {
    row: routing_target::Model,
    currency: Currency,
}

impl RoutingTarget {
    /// A target as tables keep it.
    #[must_use]
    pub fn of(row: routing_target::Model, currency: Currency) -> Self {
        Self { row, currency }
    }

    fn money(&self, minor: Option<i64>) -> Option<Money> {
        minor.map(|minor| Money::of_minor(minor, self.currency))
    }
}

plain_object! {
    /// A target of a routing policy 路由目标: a channel, and which orders may take it.
    RoutingTarget(self) {
        /// Its weight 权重 against the other targets, where the strategy is WEIGHTED.
        weight / "weight": i32 = self.row.weight;
        /// Only amounts from this one on; null is any.
        min_amount / "minAmount": Option<Money> = self.money(self.row.min_minor);
        /// Only amounts up to this one, inclusive; null is any.
        max_amount / "maxAmount": Option<Money> = self.money(self.row.max_minor);
        /// The days of the week on which its span begins.
        weekdays / "weekdays": Vec<Weekday> = Weekday::of_bits(self.row.weekdays);
        /// When its span of the day begins, in the merchant's time zone.
        from / "from": LocalTime = LocalTime(self.row.from_minute);
        /// When it ends, exclusive; before `from` it ends on the next day.
        until / "until": LocalTime = LocalTime(self.row.until_minute);
    }
    {
        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Nullable<Lean<Channel>> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await;
            Some(row.and_then(|row| row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)))
        }
    }
}
