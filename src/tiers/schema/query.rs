//! The queries of tiers.

use async_graphql::{Context, Object};
use entity::member;

use super::member::next_of;
use super::next::NextTier;
use super::object::Tier;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::members::schema::MemberByInput;
use crate::members::service as members;
use crate::tiers::service;

/// The queries of tiers.
#[derive(Debug, Default)]
pub struct TierQuery;

#[Object]
impl TierQuery {
    /// The merchant's tiers 会员等级, from the lowest to the highest; at most 20. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn tiers(&self, ctx: &Context<'_>) -> Result<Vec<Lean<Tier>>, Error> {
        let ladder = service::shown(ctx.app(), ctx.actor()?.merchant_id).await?;
        let mut tiers = Vec::with_capacity(ladder.tiers().len());
        for row in ladder.tiers() {
            tiers.push(Lean(Tier::open(ctx, row.clone()).await?));
        }
        Ok(tiers)
    }

    /// What is missing until a member's next tier 距下一等级; null where they have the highest that can be reached. A
    /// member who does not exist, or is another merchant's, is NOT_FOUND. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member_next_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of the member's names.")] by: MemberByInput,
    ) -> Nullable<Lean<NextTier>> {
        next(ctx, by).await.transpose()
    }
}

async fn next(ctx: &Context<'_>, by: MemberByInput) -> Result<Option<Lean<NextTier>>, Error> {
    if let MemberByInput::Id(id) = &by {
        read_id::<entity::MemberId>("by.id", id)?;
    }
    let member = found(ctx, &by).await?.ok_or(Error::NotFound)?;
    next_of(ctx, &member).await
}

/// The member of a name, or the one that they have become a part of; none where there is no such.
pub(super) async fn found(
    ctx: &Context<'_>,
    by: &MemberByInput,
) -> Result<Option<member::Model>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    match by {
        MemberByInput::Id(id) => match id.parse() {
            Ok(id) => members::find_surviving(app, merchant_id, id).await,
            Err(_) => Ok(None),
        },
        MemberByInput::MemberNo(no) => members::find_by_no(app, merchant_id, no).await,
    }
}
