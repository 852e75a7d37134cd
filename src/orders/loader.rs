//! What belongs to orders, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MerchantId, OrderId};

use super::model::OrderFilter;
use super::service::{self, Line, OrderRow, TimelineEntry};
use crate::app::App;
use crate::error::Error;

/// Loads what belongs to orders of one merchant.
#[derive(Debug)]
pub struct OrderLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// An order's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinesOf(pub OrderId);

/// An order's timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimelineOf(pub OrderId);

/// An order in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FullOrder(pub OrderId);

impl Loader<LinesOf> for OrderLoader {
    type Value = Vec<Line>;
    type Error = Error;

    async fn load(&self, keys: &[LinesOf]) -> Result<HashMap<LinesOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let lines = service::find_lines(&self.app, self.merchant_id, &ids).await?;
        Ok(lines
            .into_iter()
            .map(|(id, rows)| (LinesOf(id), rows))
            .collect())
    }
}

impl Loader<TimelineOf> for OrderLoader {
    type Value = Vec<TimelineEntry>;
    type Error = Error;

    async fn load(&self, keys: &[TimelineOf]) -> Result<HashMap<TimelineOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let timelines = service::find_timelines(&self.app, self.merchant_id, &ids).await?;
        Ok(timelines
            .into_iter()
            .map(|(id, rows)| (TimelineOf(id), rows))
            .collect())
    }
}

impl Loader<FullOrder> for OrderLoader {
    type Value = OrderRow;
    type Error = Error;

    async fn load(&self, keys: &[FullOrder]) -> Result<HashMap<FullOrder, OrderRow>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let everything = OrderFilter::default();
        let orders = service::find_many(&self.app, self.merchant_id, &ids, &everything).await?;
        Ok(orders
            .into_iter()
            .map(|(id, order)| (FullOrder(id), order))
            .collect())
    }
}
