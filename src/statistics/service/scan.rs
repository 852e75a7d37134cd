//! Reads all orders and refunds of a merchant again, page by page, and adds up what they count.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::{OrderId, merchant};
use sea_orm::ConnectionTrait;

use super::facts::Facts;
use crate::error::Error;
use crate::statistics::model::{Buckets, Sale, given_back, made, paid, taken_back};

/// How many orders are read at once.
const PAGE: u64 = 5_000;

/// A scan under way.
pub(super) struct Scan {
    after: OrderId,
    zone: Tz,
}

impl Scan {
    /// From the first order on.
    pub fn new(zone: Tz) -> Self {
        Self {
            after: OrderId(i64::MIN),
            zone,
        }
    }

    /// Adds what the next orders and their refunds count; false where there are none.
    pub async fn next<C: ConnectionTrait>(
        &mut self,
        facts: &Facts<'_, C>,
        buckets: &mut Buckets,
    ) -> Result<bool, Error> {
        let orders = facts.page(self.after, OrderId(i64::MAX), PAGE).await?;
        let (Some((first, _)), Some((last, _))) = (orders.first(), orders.last()) else {
            return Ok(false);
        };
        let refunds = facts.refunds_of(*first, *last).await?;
        self.after = *last;
        for (_, sale) in &orders {
            made(buckets, sale, self.zone);
            paid(buckets, sale, self.zone);
        }
        let orders: HashMap<OrderId, Sale> = orders.into_iter().collect();
        for refund in &refunds {
            let Some(sale) = orders.get(&refund.order_id) else {
                continue;
            };
            if let Some(step) = &refund.succeeded {
                given_back(buckets, sale, step, self.zone);
            }
            if let Some(step) = &refund.reversed {
                taken_back(buckets, sale, step, self.zone);
            }
        }
        Ok(true)
    }
}

/// The merchant's row, as a connection sees it.
pub(super) async fn merchant_row<C: ConnectionTrait>(
    facts: &Facts<'_, C>,
) -> Result<merchant::Model, Error> {
    merchant::Entity::of(facts.merchant_id)
        .one(facts.db)
        .await?
        .ok_or(Error::NotFound)
}
