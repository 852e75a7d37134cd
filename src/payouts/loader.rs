//! Payouts in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, PayoutId, payout, payout_record};

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

/// What happened to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordsOf(pub PayoutId);

impl Loader<RecordsOf> for PayoutLoader {
    type Value = Vec<payout_record::Model>;
    type Error = Error;

    async fn load(&self, keys: &[RecordsOf]) -> Result<HashMap<RecordsOf, Self::Value>, Error> {
        let ids: Vec<PayoutId> = keys.iter().map(|key| key.0).collect();
        let told = service::records_of(&self.app, self.merchant_id, &ids).await?;
        Ok(told
            .into_iter()
            .map(|(id, rows)| (RecordsOf(id), rows))
            .collect())
    }
}
