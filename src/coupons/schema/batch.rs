//! Coupons that were handed out together, as clients see them.

use async_graphql::{Context, ID, Object};

use super::coupon::CouponConnection;
use super::query::page_of;
use super::template::CouponTemplate;
use crate::coupons::model::CouponFilter;
use crate::coupons::service::{self, Batch};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::Lean;
use crate::paging::Paging;

/// Coupons that were handed out together.
#[derive(Clone, Copy, Debug)]
pub struct CouponBatch(pub(super) Batch);

/// Coupons that were handed out together 发放批次.
#[Object]
impl CouponBatch {
    /// What names them, for `coupons(filter: { batchId })`, which lists them later. No node has this id.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Of which template they are.
    async fn template(&self, ctx: &Context<'_>) -> Result<Lean<CouponTemplate>, Error> {
        CouponTemplate::load(ctx, self.0.template_id).await
    }

    /// How many they are.
    async fn count(&self) -> i64 {
        i64::try_from(self.0.count).unwrap_or(i64::MAX)
    }

    /// Their codes 券码, all of them, in the order in which they were made: what is printed, or sent.
    async fn codes(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        service::codes_of(ctx.app(), ctx.actor()?.merchant_id, self.0.id).await
    }

    /// The coupons themselves, the last one first.
    async fn coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<CouponConnection>, Error> {
        let filter = CouponFilter {
            batch_id: Some(self.0.id),
            ..CouponFilter::default()
        };
        page_of(ctx, filter, Paging::read(first, after, last, before)?).await
    }
}
