//! What is missing until the next tier, and what it takes to keep the one that is had.

use async_graphql::Context;
use entity::{Instant, tier};

use super::object::Tier;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::tiers::model::{Missing, Sums, missing};

/// What was spent is the threshold less this: it is seen by who may see orders.
fn missing_spend(
    ctx: &Context<'_>,
    missing: &Missing,
    currency: Currency,
) -> Result<Option<Money>, Error> {
    ctx.needs(Scope::OrdersRead)?;
    let minor = missing.spend_minor;
    Ok(minor.map(|minor| Money::of_minor(minor, currency)))
}

fn missing_orders(ctx: &Context<'_>, missing: &Missing) -> Result<Option<i64>, Error> {
    ctx.needs(Scope::OrdersRead)?;
    Ok(missing.orders)
}

/// What is missing until the next tier.
#[derive(Clone, Debug)]
pub struct NextTier {
    tier: Lean<Tier>,
    missing: Missing,
    currency: Currency,
}

impl NextTier {
    /// What is missing until a tier, by what is counted now.
    #[must_use]
    pub fn of(tier: Tier, row: &tier::Model, sums: &Sums, currency: Currency) -> Self {
        Self {
            tier: Lean(tier),
            missing: missing(row, sums),
            currency,
        }
    }
}

plain_object! {
    /// What is missing until the next tier 距下一等级: any one of the figures is enough.
    NextTier(self) {
        /// The next higher tier that can be reached.
        tier / "tier": &Lean<Tier> = &self.tier;
        /// How many points are still to be earned by orders 还差积分.
        missing_points / "missingPoints": Option<i64> = self.missing.points;
        /// The last day on which all that is counted now still counts 统计截止日; afterwards more is missing. Null
        /// where nothing falls out.
        by / "by": Option<LocalDate> = self.missing.by.map(|day| LocalDate(day.into()));
    }
    {
        /// What is still to be spent 还差消费金额; null where the tier does not ask for it. Needs `orders:read`.
        async fn missing_spend(&self, ctx: &Context<'_>) -> Nullable<Money> {
            missing_spend(ctx, &self.missing, self.currency).transpose()
        }

        /// How many orders are still to be paid 还差支付笔数; null where the tier does not ask for it. Needs
        /// `orders:read`.
        async fn missing_orders(&self, ctx: &Context<'_>) -> Nullable<i64> {
            missing_orders(ctx, &self.missing).transpose()
        }
    }
}

/// What it takes to keep a tier.
#[derive(Clone, Copy, Debug)]
pub struct TierRetention {
    until: Instant,
    missing: Missing,
    reached: bool,
    currency: Currency,
}

impl TierRetention {
    /// What it takes to keep a tier beyond its end.
    #[must_use]
    pub fn of(until: Instant, row: &tier::Model, sums: &Sums, currency: Currency) -> Self {
        let missing = missing(row, sums);
        let all = [missing.spend_minor, missing.points, missing.orders];
        Self {
            until,
            missing,
            reached: all.contains(&Some(0)),
            currency,
        }
    }
}

plain_object! {
    /// What it takes to keep the tier beyond its end 保级进度, by what is counted today: any one of the figures is
    /// enough. What falls out of the window until then is counted still.
    TierRetention(self) {
        /// Until when the tier is kept whatever happens 等级有效期.
        until / "until": Timestamp = self.until.into();
        /// Whether it would be kept were it over today 已满足保级.
        is_reached / "isReached": bool = self.reached;
        /// How many points are still to be earned by orders 还差积分.
        missing_points / "missingPoints": Option<i64> = self.missing.points;
    }
    {
        /// What is still to be spent 还差消费金额; null where the tier does not ask for it. Needs `orders:read`.
        async fn missing_spend(&self, ctx: &Context<'_>) -> Nullable<Money> {
            missing_spend(ctx, &self.missing, self.currency).transpose()
        }

        /// How many orders are still to be paid 还差支付笔数; null where the tier does not ask for it. Needs
        /// `orders:read`.
        async fn missing_orders(&self, ctx: &Context<'_>) -> Nullable<i64> {
            missing_orders(ctx, &self.missing).transpose()
        }
    }
}
