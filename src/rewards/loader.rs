//! Rewards and redemptions in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, RewardId, RewardRedemptionId, reward, reward_redemption};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads rewards and redemptions of one merchant.
#[derive(Debug)]
pub struct RewardLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<RewardId> for RewardLoader {
    type Value = reward::Model;
    type Error = Error;

    async fn load(&self, keys: &[RewardId]) -> Result<HashMap<RewardId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<RewardRedemptionId> for RewardLoader {
    type Value = reward_redemption::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[RewardRedemptionId],
    ) -> Result<HashMap<RewardRedemptionId, Self::Value>, Error> {
        service::find_redemptions(&self.app, self.merchant_id, keys).await
    }
}
