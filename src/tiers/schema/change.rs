//! What became of a member's tier, as clients see it.

use async_graphql::{Context, Enum};
use entity::{MemberId, TierId, tier_change};

use super::object::Tier;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::schema::noted;
use crate::paging::Paging;
use crate::tiers::service;

/// Why a member has another tier 变更原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "tier_change::TierChangeReason")]
pub enum TierChangeReason {
    /// 升级: they reached it.
    Reached,
    /// 保级: they reached it again when it was over, and keep it.
    Retained,
    /// 降级: they did not reach it again when it was over.
    Lapsed,
    /// 退款: what they had reached it with was refunded.
    Refunded,
    /// 人工调整: somebody gave it to them.
    Assigned,
    /// 合并: another member became a part of them.
    Merged,
    /// 等级取消: the tier was taken away.
    Removed,
}

plain_scalars!(TierChangeReason);

/// A change of a member's tier.
#[derive(Clone, Debug)]
pub struct TierChange(tier_change::Model);

impl TierChange {
    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.0.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

async fn tier(ctx: &Context<'_>, id: Option<TierId>) -> Result<Option<Lean<Tier>>, Error> {
    match id {
        Some(id) => Ok(Tier::load(ctx, id).await?.map(Lean)),
        None => Ok(None),
    }
}

plain_object! {
    /// A change of a member's tier 等级变更. It is never edited.
    TierChange(self) {
        /// Why 变更原因.
        reason / "reason": TierChangeReason = self.0.reason.into();
        /// Until when the new one was to be kept 有效期至; null for ever, and where there is none.
        until / "until": Option<Timestamp> = self.0.until.map(Timestamp::from);
        /// Who did it 操作人: an id of staff or of an API key, or `system`.
        changed_by / "changedBy": &str = self.0.actor.as_str();
        /// When.
        changed_at / "changedAt": Timestamp = self.made_at();
    }
    {
        /// What they said of it 备注; `***` without `personal:read`.
        async fn note(&self, ctx: &Context<'_>) -> Nullable<String> {
            noted(ctx, self.0.note.as_deref()).transpose()
        }

        /// The tier before 原等级; null where there was none.
        async fn from(&self, ctx: &Context<'_>) -> Nullable<Lean<Tier>> {
            tier(ctx, self.0.from_tier_id).await.transpose()
        }

        /// The tier since 新等级; null where there is none.
        async fn to(&self, ctx: &Context<'_>) -> Nullable<Lean<Tier>> {
            tier(ctx, self.0.to_tier_id).await.transpose()
        }
    }
}

connection! {
    /// What became of a member's tier.
    TierChangeConnection
    /// A change in a list.
    TierChangeEdge
    /// The change.
    node: Lean<TierChange>
}

/// A page of what became of a member's tier, the newest first.
pub async fn list_changes(
    ctx: &Context<'_>,
    member_id: MemberId,
    paging: Result<Paging, Error>,
) -> Result<Lean<TierChangeConnection>, Error> {
    let merchant_id = ctx.actor()?.merchant_id;
    let page = service::changes(ctx.app(), merchant_id, member_id, &paging?).await?;
    Ok(Lean(TierChangeConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(TierChange(row)),
    )))
}
