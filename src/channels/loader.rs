//! Channels in batches.

use std::collections::HashMap;

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
    type Value = channel::Model;
    type Error = Error;

    async fn load(&self, ids: &[ChannelId]) -> Result<HashMap<ChannelId, channel::Model>, Error> {
        service::find_many(&self.app, self.merchant_id, ids).await
    }
}
