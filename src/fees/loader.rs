//! Fees of orders, and the rules that they follow, in batches.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, OrderId, fee_rule, payment};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads fees and rules of one merchant.
#[derive(Debug)]
pub struct FeeLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// What an order's payment cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeeOf(pub OrderId);

/// Every version of the merchant's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AllRules;

impl Loader<FeeOf> for FeeLoader {
    type Value = payment::Model;
    type Error = Error;

    async fn load(&self, keys: &[FeeOf]) -> Result<HashMap<FeeOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let rows = service::find_many(&self.app, self.merchant_id, &ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (FeeOf(id), row)).collect())
    }
}

impl Loader<AllRules> for FeeLoader {
    type Value = Arc<Vec<fee_rule::Model>>;
    type Error = Error;

    async fn load(&self, _keys: &[AllRules]) -> Result<HashMap<AllRules, Self::Value>, Error> {
        let rules = service::rules(&self.app, self.merchant_id).await?;
        Ok(HashMap::from([(AllRules, Arc::new(rules))]))
    }
}
