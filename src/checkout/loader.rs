//! What offers took off orders, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, OrderId};

use super::service::{self, Redeemed};
use crate::app::App;
use crate::error::Error;

/// Loads redemptions of one merchant.
#[derive(Debug)]
pub struct RedemptionLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// An order's redemptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RedemptionsOf(pub OrderId);

impl Loader<RedemptionsOf> for RedemptionLoader {
    type Value = Vec<Redeemed>;
    type Error = Error;

    async fn load(
        &self,
        keys: &[RedemptionsOf],
    ) -> Result<HashMap<RedemptionsOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let redeemed = service::find_of_orders(&self.app, self.merchant_id, &ids).await?;
        let redeemed = redeemed.into_iter();
        Ok(redeemed
            .map(|(id, rows)| (RedemptionsOf(id), rows))
            .collect())
    }
}
