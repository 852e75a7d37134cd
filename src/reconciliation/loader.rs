//! Reconciliation runs in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, ReconciliationRunId, reconciliation_run};

use crate::app::App;
use crate::error::Error;
use crate::reconciliation::service;

/// Loads runs of one merchant by id.
#[derive(Debug)]
pub struct RunLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<ReconciliationRunId> for RunLoader {
    type Value = reconciliation_run::Model;
    type Error = Error;

    async fn load(
        &self,
        ids: &[ReconciliationRunId],
    ) -> Result<HashMap<ReconciliationRunId, reconciliation_run::Model>, Error> {
        service::find_runs(&self.app, self.merchant_id, ids).await
    }
}
