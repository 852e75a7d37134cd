//! Channels in batches.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::{ChannelId, MerchantId, channel};

use crate::app::App;
use crate::channels::service;
use crate::error::Error;

/// Loads channels of one merchant by id.
#[derive(Debug)]
pub struct ChannelLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<ChannelId> for ChannelLoader {
    type Value = Arc<channel::Model>;
    type Error = Error;

    async fn load(
        &self,
        ids: &[ChannelId],
    ) -> Result<HashMap<ChannelId, Arc<channel::Model>>, Error> {
        let found = service::find_many(&self.app, self.merchant_id, ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (id, Arc::new(row)))
            .collect())
    }
}
