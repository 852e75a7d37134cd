//! Coupons and their templates in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{CouponId, CouponTemplateId, MerchantId, coupon, coupon_template};

use super::service::{self, Taken};
use crate::app::App;
use crate::error::Error;

/// Loads coupons and templates of one merchant.
#[derive(Debug)]
pub struct CouponLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// What has become of a template's coupons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TakenOf(pub CouponTemplateId);

impl Loader<CouponId> for CouponLoader {
    type Value = coupon::Model;
    type Error = Error;

    async fn load(&self, keys: &[CouponId]) -> Result<HashMap<CouponId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<CouponTemplateId> for CouponLoader {
    type Value = coupon_template::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[CouponTemplateId],
    ) -> Result<HashMap<CouponTemplateId, Self::Value>, Error> {
        service::find_templates(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<TakenOf> for CouponLoader {
    type Value = Taken;
    type Error = Error;

    async fn load(&self, keys: &[TakenOf]) -> Result<HashMap<TakenOf, Self::Value>, Error> {
        let ids: Vec<CouponTemplateId> = keys.iter().map(|key| key.0).collect();
        let taken = service::taken_of(&self.app, self.merchant_id, &ids).await?;
        let taken = taken.into_iter();
        Ok(taken.map(|(id, taken)| (TakenOf(id), taken)).collect())
    }
}
