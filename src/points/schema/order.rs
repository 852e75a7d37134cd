//! What an order has to do with points, as clients see it.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::{OrderId, order_point};

use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::money::{Currency, Money};
use crate::points::loader::{PointsLoader, PointsOf};

/// What an order has to do with points.
#[derive(Clone, Debug)]
pub struct OrderPoints {
    row: order_point::Model,
    currency: Currency,
}

plain_object! {
    /// What an order has to do with points 订单积分.
    OrderPoints(self) {
        /// Points that it was paid with 抵扣积分.
        spent / "spent": i64 = self.row.spent;
        /// What these took off 抵扣金额; it is a part of `discount`.
        off / "off": Money = Money::of_minor(self.row.off_minor, self.currency);
        /// Whether these are taken: not where the order was closed.
        held / "held": bool = self.row.held;
        /// How many of these refunds have given back 已退积分.
        restored / "restored": i64 = self.row.restored;
        /// Points that it earned 获得积分, once it is paid.
        earned / "earned": i64 = self.row.earned;
        /// How many of these refunds have taken back 已扣回积分.
        clawed_back / "clawedBack": i64 = self.row.clawed;
    }
}

/// What an order has to do with points, read for all orders that are asked about; none where it has nothing.
pub async fn points_of_order(
    ctx: &Context<'_>,
    id: OrderId,
    currency: Currency,
) -> Result<Option<Lean<OrderPoints>>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<PointsLoader>>();
    let row = loader.load_one(PointsOf(id)).await?;
    Ok(row.map(|row| Lean(OrderPoints { row, currency })))
}
