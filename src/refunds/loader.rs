//! Refunds in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, OrderId, RefundId, refund, refund_line};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads refunds of one merchant.
#[derive(Debug)]
pub struct RefundLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// A refund's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf(pub RefundId);

/// An order's refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundsOf(pub OrderId);

impl Loader<RefundId> for RefundLoader {
    type Value = refund::Model;
    type Error = Error;

    async fn load(&self, keys: &[RefundId]) -> Result<HashMap<RefundId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<LinesOf> for RefundLoader {
    type Value = Vec<refund_line::Model>;
    type Error = Error;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Self::Value>, Error> {
        let ids: Vec<RefundId> = keys.iter().map(|key| key.0).collect();
        let lines = service::find_lines(&self.app, self.merchant_id, &ids).await?;
        Ok(lines
            .into_iter()
            .map(|(id, rows)| (LinesOf(id), rows))
            .collect())
    }
}

impl Loader<RefundsOf> for RefundLoader {
    type Value = Vec<refund::Model>;
    type Error = Error;

    async fn load(&self, keys: &[RefundsOf]) -> Result<HashMap<RefundsOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let refunds = service::find_of_orders(&self.app, self.merchant_id, &ids).await?;
        Ok(refunds
            .into_iter()
            .map(|(id, rows)| (RefundsOf(id), rows))
            .collect())
    }
}
