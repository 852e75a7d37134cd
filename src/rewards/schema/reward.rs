//! A reward, and a list of them, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{MerchantId, RewardId, reward};

use super::enums::{RewardKind, RewardState};
use crate::auth::model::Scope;
use crate::coupons::schema::CouponTemplate;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::locale::Locale;
use crate::rewards::loader::RewardLoader;
use crate::rewards::model::{RewardFilter, hindrance};
use crate::rewards::service;

/// A reward.
#[derive(Clone, Debug)]
pub struct Reward {
    row: Arc<reward::Model>,
}

impl From<reward::Model> for Reward {
    fn from(row: reward::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Reward {
    /// The reward of an id, read together with all others that are asked for.
    pub async fn load(ctx: &Context<'_>, id: RewardId) -> Result<Lean<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<RewardLoader>>();
        let row = loader.load_one(id).await?.ok_or(Error::NotFound)?;
        Ok(Lean(row.into()))
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    fn remaining(&self) -> Option<i64> {
        let left = |stock: i64| (stock - self.row.taken).max(0);
        self.row.stock.map(left)
    }
}

async fn template_of(
    ctx: &Context<'_>,
    reward: &reward::Model,
) -> Result<Option<Lean<CouponTemplate>>, Error> {
    let Some(id) = reward.template_id else {
        return Ok(None);
    };
    needs(ctx, Scope::CampaignsRead)?;
    CouponTemplate::load(ctx, id).await.map(Some)
}

/// Refuses who lacks a scope.
pub(super) fn needs(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

plain_object! {
    /// A reward 积分商品: what members give points for.
    Reward(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Its name 名称.
        name / "name": &str = self.row.name.as_str();
        /// Its name in English 英文名称; null where it has none.
        name_en / "nameEn": Option<&str> = self.row.name_en.as_deref();
        /// What it is 说明.
        description / "description": Option<&str> = self.row.description.as_deref();
        /// The same in English.
        description_en / "descriptionEn": Option<&str> = self.row.description_en.as_deref();
        /// What sort of thing it is 商品类型.
        kind / "kind": RewardKind = self.row.kind.into();
        /// Whether it can be had 上架状态.
        state / "state": RewardState = self.row.state.into();
        /// Counts its changes; `rewardUpdate` wants it.
        version / "version": i32 = self.row.version;
        /// How many points it takes 所需积分.
        points / "points": i64 = self.row.points;
        /// How many there are in all 库存总量; null for any number.
        stock / "stock": Option<i64> = self.row.stock;
        /// How many are left 剩余库存; null for any number.
        left / "left": Option<i64> = self.remaining();
        /// How many were taken 已兑换; those that were called off do not count.
        redeemed_count / "redeemedCount": i64 = self.row.taken;
        /// How many one member may have 每人限兑; null for any number.
        per_member / "perMember": Option<i64> = self.row.per_member;
        /// From when it can be had 开始时间; null for at once.
        starts_at / "startsAt": Option<Timestamp> = self.row.starts_at.map(Timestamp::from);
        /// Until before when it can be had 结束时间; null for no end.
        ends_at / "endsAt": Option<Timestamp> = self.row.ends_at.map(Timestamp::from);
        /// Who made it 创建人: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
    }
    {
        /// Its name in the language of `Accept-Language` 显示名称.
        async fn display_name(&self, ctx: &Context<'_>) -> &str {
            let english = self.row.name_en.as_deref().filter(|_| ctx.locale() == Locale::En);
            english.unwrap_or(&self.row.name)
        }

        /// What it is, in the language of `Accept-Language` 显示说明.
        async fn display_description(&self, ctx: &Context<'_>) -> Option<&str> {
            let english = self.row.description_en.as_deref();
            let english = english.filter(|_| ctx.locale() == Locale::En);
            english.or(self.row.description.as_deref())
        }

        /// Whether who has the points can have it now 可兑换: ACTIVE, in its time, and with some left.
        async fn available(&self, ctx: &Context<'_>) -> bool {
            hindrance(&self.row, ctx.app().clock.now()).is_none()
        }

        /// Of which template the coupon is; null where it is none. Needs `campaigns:read`; null with an error beside it
        /// otherwise.
        async fn coupon_template(&self, ctx: &Context<'_>) -> Nullable<Lean<CouponTemplate>> {
            template_of(ctx, &self.row).await.transpose()
        }
    }
}

connection! {
    /// A list of rewards.
    RewardConnection { merchant_id: MerchantId, filter: RewardFilter }
    /// A reward in a list.
    RewardEdge
    /// The reward.
    node: Lean<Reward>
    {
        /// How many rewards the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many rewards to count"))
        }
    }
}
