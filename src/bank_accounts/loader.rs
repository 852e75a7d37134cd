//! Bank accounts in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{BankAccountId, MerchantId, bank_account};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads bank accounts of one merchant.
#[derive(Debug)]
pub struct BankAccountLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<BankAccountId> for BankAccountLoader {
    type Value = bank_account::Model;
    type Error = Error;

    async fn load(
        &self,
        ids: &[BankAccountId],
    ) -> Result<HashMap<BankAccountId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, ids).await
    }
}
