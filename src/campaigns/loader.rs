//! Campaigns in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{CampaignId, MerchantId, campaign};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads campaigns of one merchant.
#[derive(Debug)]
pub struct CampaignLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// How much of a campaign is taken: orders, and what it cost in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TakenOf(pub CampaignId);

impl Loader<CampaignId> for CampaignLoader {
    type Value = campaign::Model;
    type Error = Error;

    async fn load(&self, keys: &[CampaignId]) -> Result<HashMap<CampaignId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<TakenOf> for CampaignLoader {
    type Value = (i64, i64);
    type Error = Error;

    async fn load(&self, keys: &[TakenOf]) -> Result<HashMap<TakenOf, Self::Value>, Error> {
        let ids: Vec<CampaignId> = keys.iter().map(|key| key.0).collect();
        let taken = service::taken(&self.app, self.merchant_id, &ids).await?;
        Ok(taken
            .into_iter()
            .map(|(id, taken)| (TakenOf(id), taken))
            .collect())
    }
}
