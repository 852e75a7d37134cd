//! Payouts in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, PayoutId, payout};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads payouts of one merchant.
#[derive(Debug)]
pub struct PayoutLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<PayoutId> for PayoutLoader {
    type Value = payout::Model;
    type Error = Error;

    async fn load(&self, keys: &[PayoutId]) -> Result<HashMap<PayoutId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}
