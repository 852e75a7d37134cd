//! A coupon, and a list of them, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{Instant, MerchantId, coupon};

use super::enums::{CouponOrigin, CouponState};
use super::template::CouponTemplate;
use crate::auth::model::Scope;
use crate::coupons::model::{CouponFilter, shown};
use crate::coupons::service;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::loader::MemberLoader;
use crate::members::schema::Member;
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;

/// A coupon at an instant.
#[derive(Clone, Debug)]
pub struct Coupon {
    row: Arc<coupon::Model>,
    now: Instant,
}

impl Coupon {
    /// A coupon as it stands at an instant.
    #[must_use]
    pub fn of(row: coupon::Model, now: Instant) -> Self {
        Self {
            row: Arc::new(row),
            now,
        }
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    /// Whether who knows its code can use it, now or once an order that holds it is closed.
    fn is_anybodys(&self) -> bool {
        let is_open = matches!(
            self.row.state,
            coupon::CouponState::Available | coupon::CouponState::Reserved
        );
        is_open && self.row.member_id.is_none()
    }
}

async fn member_of(
    ctx: &Context<'_>,
    coupon: &coupon::Model,
) -> Result<Option<Lean<Member>>, Error> {
    needs(ctx, Scope::MembersRead)?;
    let Some(id) = coupon.member_id else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
    let row = loader.load_one(id).await?.ok_or(Error::NotFound)?;
    Ok(Some(Lean(row.into())))
}

async fn order_of(ctx: &Context<'_>, coupon: &coupon::Model) -> Result<Option<Lean<Order>>, Error> {
    needs(ctx, Scope::OrdersRead)?;
    let Some(id) = coupon.order_id else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
    let row = loader.load_one(FullOrder(id)).await?;
    row.map(|row| Some(Lean(row.into()))).ok_or(Error::NotFound)
}

/// The end of a code, by which people tell one from another.
fn masked(code: &str) -> String {
    let end = code.rsplit('-').next().unwrap_or_default();
    format!("****-****-{end}")
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
    /// A coupon 优惠券: something that comes off one order.
    Coupon(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Where it stands 优惠券状态, now.
        state / "state": CouponState = shown(&self.row, self.now).into();
        /// How it came about 来源.
        origin / "origin": CouponOrigin = self.row.origin.into();
        /// What it was handed out with 发放批次, for `coupons(filter: { batchId })`; no node has this id. Null where a member
        /// claimed it.
        batch_id / "batchId": Option<ID> = self.row.batch_id.map(|id| ID(id.to_string()));
        /// From when it holds 生效时间.
        valid_from / "validFrom": Timestamp = self.row.valid_from.into();
        /// Until before when it holds 失效时间.
        valid_until / "validUntil": Timestamp = self.row.valid_until.into();
        /// When it was handed out 发放时间.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When the order was paid that has it 核销时间.
        used_at / "usedAt": Option<Timestamp> = self.row.used_at.map(Timestamp::from);
        /// When it was voided 作废时间.
        voided_at / "voidedAt": Option<Timestamp> = self.row.voided_at.map(Timestamp::from);
        /// Who voided it: an id of staff or of an API key.
        voided_by / "voidedBy": Option<&str> = self.row.voided_by.as_deref();
        /// Why 作废原因.
        void_reason / "voidReason": Option<&str> = self.row.void_reason.as_deref();
    }
    {
        /// Its code 券码, unique in the merchant: `7K3M-9QXA-2B4C`. However people type it, it is understood. Of one that
        /// nobody owns and that is not used up, who lacks `coupons:issue` is shown the end alone: `****-****-2B4C`.
        async fn code(&self, ctx: &Context<'_>) -> Result<String, Error> {
            let shows_all = !self.is_anybodys() || ctx.actor()?.may(Scope::CouponsIssue);
            Ok(if shows_all { self.row.code.clone() } else { masked(&self.row.code) })
        }

        /// What it is one of.
        async fn template(&self, ctx: &Context<'_>) -> Result<Lean<CouponTemplate>, Error> {
            CouponTemplate::load(ctx, self.row.template_id).await
        }

        /// Whose it is 持有会员; null where it is whose code it is. Needs `members:read`; null with an error beside it
        /// otherwise.
        async fn member(&self, ctx: &Context<'_>) -> Nullable<Lean<Member>> {
            member_of(ctx, &self.row).await.transpose()
        }

        /// The order that holds or has it; null where none does. Needs `orders:read`; null with an error beside it
        /// otherwise.
        async fn order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            order_of(ctx, &self.row).await.transpose()
        }
    }
}

connection! {
    /// A list of coupons.
    CouponConnection { merchant_id: MerchantId, filter: CouponFilter }
    /// A coupon in a list.
    CouponEdge
    /// The coupon.
    node: Lean<Coupon>
    {
        /// How many coupons the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many coupons to count"))
        }
    }
}
