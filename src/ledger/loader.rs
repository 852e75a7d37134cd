//! What belongs to the ledger, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{LedgerTransactionId, MerchantId};

use super::service::{self, Entry, Transaction};
use crate::app::App;
use crate::error::Error;

/// Loads ledger transactions of one merchant, and their entries.
#[derive(Debug)]
pub struct LedgerLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// A transaction's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntriesOf(pub LedgerTransactionId);

impl Loader<LedgerTransactionId> for LedgerLoader {
    type Value = Transaction;
    type Error = Error;

    async fn load(
        &self,
        ids: &[LedgerTransactionId],
    ) -> Result<HashMap<LedgerTransactionId, Transaction>, Error> {
        service::find_many(&self.app, self.merchant_id, ids).await
    }
}

impl Loader<EntriesOf> for LedgerLoader {
    type Value = Vec<Entry>;
    type Error = Error;

    async fn load(&self, keys: &[EntriesOf]) -> Result<HashMap<EntriesOf, Self::Value>, Error> {
        let ids: Vec<LedgerTransactionId> = keys.iter().map(|key| key.0).collect();
        let entries = service::entries_of(&self.app, self.merchant_id, &ids).await?;
        Ok(entries
            .into_iter()
            .map(|(id, rows)| (EntriesOf(id), rows))
            .collect())
    }
}
