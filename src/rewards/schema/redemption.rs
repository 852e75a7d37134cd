//! A reward that a member has taken, and a list of them, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{MemberId, MerchantId, reward_redemption};

use super::enums::RewardRedemptionState;
use super::reward::{Reward, needs};
use crate::auth::model::Scope;
use crate::coupons::loader::CouponLoader;
use crate::coupons::schema::Coupon;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::loader::MemberLoader;
use crate::members::schema::{Member, noted};
use crate::paging::Paging;
use crate::rewards::model::RedemptionFilter;
use crate::rewards::service;

/// A reward that a member has taken.
#[derive(Clone, Debug)]
pub struct RewardRedemption {
    row: Arc<reward_redemption::Model>,
}

impl From<reward_redemption::Model> for RewardRedemption {
    fn from(row: reward_redemption::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl RewardRedemption {
    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

async fn coupon_of(
    ctx: &Context<'_>,
    redemption: &reward_redemption::Model,
) -> Result<Option<Lean<Coupon>>, Error> {
    let Some(id) = redemption.coupon_id else {
        return Ok(None);
    };
    needs(ctx, Scope::CampaignsRead)?;
    let loader = ctx.data_unchecked::<DataLoader<CouponLoader>>();
    let row = loader.load_one(id).await?.ok_or(Error::NotFound)?;
    Ok(Some(Lean(Coupon::of(row, ctx.app().clock.instant()))))
}

plain_object! {
    /// A reward that a member has taken 兑换记录.
    RewardRedemption(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Where it stands 兑换状态.
        state / "state": RewardRedemptionState = self.row.state.into();
        /// How many points it took 消耗积分.
        points / "points": i64 = self.row.points;
        /// When it was redeemed 兑换时间.
        created_at / "createdAt": Timestamp = self.made_at();
        /// Who entered it: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was handed over 兑付时间; null where it was not. It stays where the redemption is called off later.
        fulfilled_at / "fulfilledAt": Option<Timestamp> = self.row.fulfilled_at.map(Timestamp::from);
        /// Who handed it over: an id of staff or of an API key.
        fulfilled_by / "fulfilledBy": Option<&str> = self.row.fulfilled_by.as_deref();
        /// When it was called off 取消时间.
        canceled_at / "canceledAt": Option<Timestamp> = self.row.canceled_at.map(Timestamp::from);
        /// Who called it off: an id of staff or of an API key.
        canceled_by / "canceledBy": Option<&str> = self.row.canceled_by.as_deref();
        /// Why 取消原因.
        cancel_reason / "cancelReason": Option<&str> = self.row.cancel_reason.as_deref();
    }
    {
        /// What is to be known to hand it over 备注; whoever entered it wrote it. `***` without `personal:read`.
        async fn note(&self, ctx: &Context<'_>) -> Nullable<String> {
            noted(ctx, self.row.note.as_deref()).transpose()
        }

        /// What was taken.
        async fn reward(&self, ctx: &Context<'_>) -> Result<Lean<Reward>, Error> {
            Reward::load(ctx, self.row.reward_id).await
        }

        /// Who took it 兑换会员.
        async fn member(&self, ctx: &Context<'_>) -> Result<Lean<Member>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
            let row = loader.load_one(self.row.member_id).await?;
            row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
        }

        /// The coupon that the member has by it; null where it is none. Needs `campaigns:read`; null with an error beside
        /// it otherwise.
        async fn coupon(&self, ctx: &Context<'_>) -> Nullable<Lean<Coupon>> {
            coupon_of(ctx, &self.row).await.transpose()
        }
    }
}

connection! {
    /// A list of redemptions.
    RewardRedemptionConnection { merchant_id: MerchantId, filter: RedemptionFilter }
    /// A redemption in a list.
    RewardRedemptionEdge
    /// The redemption.
    node: Lean<RewardRedemption>
    {
        /// How many redemptions the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count_redemptions(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many redemptions to count"))
        }
    }
}

/// A page of the redemptions that a filter wants.
pub(super) async fn page_of(
    ctx: &Context<'_>,
    filter: RedemptionFilter,
    paging: Paging,
) -> Result<Lean<RewardRedemptionConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let page = service::list_redemptions(app, merchant_id, &filter, &paging).await?;
    Ok(Lean(RewardRedemptionConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(row.into()),
        merchant_id,
        filter,
    )))
}

/// A page of what a member has taken.
pub async fn redemptions_of(
    ctx: &Context<'_>,
    member_id: MemberId,
    paging: Result<Paging, Error>,
) -> Result<Lean<RewardRedemptionConnection>, Error> {
    let filter = RedemptionFilter {
        member_id: Some(member_id),
        ..RedemptionFilter::default()
    };
    page_of(ctx, filter, paging?).await
}
