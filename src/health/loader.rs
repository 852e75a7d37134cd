//! Changes of channels' health in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{HealthChangeId, MerchantId, channel_health_change};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads changes of one merchant's channels by id.
#[derive(Debug)]
pub struct HealthChangeLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<HealthChangeId> for HealthChangeLoader {
    type Value = channel_health_change::Model;
    type Error = Error;

    async fn load(
        &self,
        ids: &[HealthChangeId],
    ) -> Result<HashMap<HealthChangeId, Self::Value>, Error> {
        service::find_changes(&self.app, self.merchant_id, ids).await
    }
}
