//! Settlements in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, SettlementId};

use super::service::{self, Settled};
use crate::app::App;
use crate::error::Error;

/// Loads settlements of one merchant by id.
#[derive(Debug)]
pub struct SettlementLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<SettlementId> for SettlementLoader {
    type Value = Settled;
    type Error = Error;

    async fn load(&self, ids: &[SettlementId]) -> Result<HashMap<SettlementId, Settled>, Error> {
        service::find_many(&self.app, self.merchant_id, ids).await
    }
}
