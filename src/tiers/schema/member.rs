//! The tier of a member: which they have, which is next, and what keeps it. A page of members costs what one does.

use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::{MemberId, member};

use super::next::{NextTier, TierRetention};
use super::object::Tier;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::Lean;
use crate::tiers::loader::{SumsOf, TierLoader};
use crate::tiers::model::{Ladder, Sums};
use crate::tiers::service;

async fn ladder(ctx: &Context<'_>) -> Result<Arc<Ladder>, Error> {
    service::shown(ctx.app(), ctx.actor()?.merchant_id).await
}

async fn sums(ctx: &Context<'_>, id: MemberId) -> Result<Sums, Error> {
    let loader = ctx.data_unchecked::<DataLoader<TierLoader>>();
    Ok(loader.load_one(SumsOf(id)).await?.unwrap_or_default())
}

/// The tier that a member has; none where it was taken away.
pub async fn of_member(
    ctx: &Context<'_>,
    member: &member::Model,
) -> Result<Option<Lean<Tier>>, Error> {
    let Some(id) = member.tier_id else {
        return Ok(None);
    };
    match ladder(ctx).await?.find(id) {
        Some(row) => Ok(Some(Lean(Tier::open(ctx, row.clone()).await?))),
        None => Ok(None),
    }
}

/// What is missing until a member's next tier; none where they have the highest that can be reached.
pub async fn next_of(
    ctx: &Context<'_>,
    member: &member::Model,
) -> Result<Option<Lean<NextTier>>, Error> {
    let ladder = ladder(ctx).await?;
    let held = member.tier_id.and_then(|id| ladder.find(id));
    let Some(next) = ladder.above(held) else {
        return Ok(None);
    };
    let sums = sums(ctx, member.id).await?;
    let currency = crate::merchant::find(ctx.app(), member.merchant_id).await?;
    let tier = Tier::open(ctx, next.clone()).await?;
    let next = NextTier::of(tier, next, &sums, currency.currency);
    Ok(Some(Lean(next)))
}

/// What it takes to keep a member's tier; none where they have none, or have it for ever.
pub async fn retention_of(
    ctx: &Context<'_>,
    member: &member::Model,
) -> Result<Option<Lean<TierRetention>>, Error> {
    let ladder = ladder(ctx).await?;
    let held = member.tier_id.and_then(|id| ladder.find(id));
    let (Some(tier), Some(until)) = (held, member.tier_until) else {
        return Ok(None);
    };
    let sums = sums(ctx, member.id).await?;
    let currency = crate::merchant::find(ctx.app(), member.merchant_id).await?;
    let retention = TierRetention::of(until, tier, &sums, currency.currency);
    Ok(Some(Lean(retention)))
}
