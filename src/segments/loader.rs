//! Segments in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, SegmentId, segment};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads segments of one merchant.
#[derive(Debug)]
pub struct SegmentLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<SegmentId> for SegmentLoader {
    type Value = segment::Model;
    type Error = Error;

    async fn load(&self, keys: &[SegmentId]) -> Result<HashMap<SegmentId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}
