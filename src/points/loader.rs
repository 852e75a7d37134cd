//! Points in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{Instant, MemberId, MerchantId, OrderId, order_point, point_lot, points_program};

use super::service::{self, Ending};
use crate::app::App;
use crate::error::Error;

/// Loads points of one merchant.
#[derive(Debug)]
pub struct PointsLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// What an order has to do with points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PointsOf(pub OrderId);

/// A member's lots of which something is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LotsOf(pub MemberId);

/// What ends of a member's points before an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndingOf(pub MemberId, pub Instant);

/// The merchant's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProgramOf;

impl Loader<PointsOf> for PointsLoader {
    type Value = order_point::Model;
    type Error = Error;

    async fn load(&self, keys: &[PointsOf]) -> Result<HashMap<PointsOf, Self::Value>, Error> {
        let ids: Vec<OrderId> = keys.iter().map(|key| key.0).collect();
        let found = service::find_of_orders(&self.app, self.merchant_id, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (PointsOf(id), row))
            .collect())
    }
}

impl Loader<LotsOf> for PointsLoader {
    type Value = Vec<point_lot::Model>;
    type Error = Error;

    async fn load(&self, keys: &[LotsOf]) -> Result<HashMap<LotsOf, Self::Value>, Error> {
        let ids: Vec<MemberId> = keys.iter().map(|key| key.0).collect();
        let found = service::live_lots(&self.app, self.merchant_id, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, lots)| (LotsOf(id), lots))
            .collect())
    }
}

impl Loader<EndingOf> for PointsLoader {
    type Value = Ending;
    type Error = Error;

    async fn load(&self, keys: &[EndingOf]) -> Result<HashMap<EndingOf, Self::Value>, Error> {
        let mut by_end: HashMap<Instant, Vec<MemberId>> = HashMap::new();
        for EndingOf(id, until) in keys {
            by_end.entry(*until).or_default().push(*id);
        }
        let mut all = HashMap::new();
        for (until, ids) in by_end {
            let found = service::ending(&self.app, self.merchant_id, &ids, until).await?;
            all.extend(
                found
                    .into_iter()
                    .map(|(id, ending)| (EndingOf(id, until), ending)),
            );
        }
        Ok(all)
    }
}

impl Loader<ProgramOf> for PointsLoader {
    type Value = points_program::Model;
    type Error = Error;

    async fn load(&self, _keys: &[ProgramOf]) -> Result<HashMap<ProgramOf, Self::Value>, Error> {
        let found = service::shown_program(&self.app, self.merchant_id).await?;
        Ok(found
            .map(|program| (ProgramOf, program))
            .into_iter()
            .collect())
    }
}
