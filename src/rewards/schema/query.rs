//! The queries of rewards.

use async_graphql::{Context, ID, Object};

use super::inputs::{RewardFilterInput, RewardRedemptionFilterInput};
use super::redemption::{RewardRedemptionConnection, page_of};
use super::reward::{Reward, RewardConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::orders::schema::reading;
use crate::paging::Paging;
use crate::rewards::service;

/// The queries of rewards.
#[derive(Debug, Default)]
pub struct RewardQuery;

#[Object]
impl RewardQuery {
    /// One reward 积分商品. What does not exist, or is another merchant's, is NOT_FOUND. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn reward(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Nullable<Lean<Reward>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's rewards, the newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn rewards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rewards; all where it is missing.")] filter: Option<
            RewardFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<RewardConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let given = filter.unwrap_or_default();
        let mut filter = given.read(&reading(ctx).await?)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        if let Some(no) = &given.affordable_by {
            filter.affordable = Some(service::points_of(app, merchant_id, no).await?);
        }
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(RewardConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            filter,
        )))
    }

    /// What members have taken 兑换记录, the newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn reward_redemptions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which redemptions; all where it is missing.")] filter: Option<
            RewardRedemptionFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<RewardRedemptionConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        page_of(ctx, filter, paging).await
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Reward>, Error> {
    let id = read_id("id", id)?;
    let found = service::maybe_find(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    found.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}
