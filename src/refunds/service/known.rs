//! Reads what is known of an order whose money is to be given back.

use entity::{
    MerchantId, OrderId, channel, merchant, order, order_line, payment, refund, refund_line,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::money::Currency;
use crate::refunds::model::Refundable;

/// Everything that a refund of an order is decided by.
pub(super) struct Known {
    pub merchant: merchant::Model,
    pub order: order::Model,
    pub lines: Vec<order_line::Model>,
    pub channel: channel::Model,
    pub payment: Option<payment::Model>,
    pub refunds: Vec<refund::Model>,
    pub refund_lines: Vec<refund_line::Model>,
    pub currency: Currency,
}

impl Known {
    /// Reads it; the order is handed in, locked where it is to be changed.
    pub async fn read(
        app: &App,
        connection: &impl ConnectionTrait,
        order: order::Model,
    ) -> Result<Self, Error> {
        let merchant_id = order.merchant_id;
        let merchant = merchant::Entity::of(merchant_id)
            .one(connection)
            .await?
            .ok_or(Error::NotFound)?;
        let channel = channel::Entity::of(merchant_id)
            .filter(channel::Column::Id.eq(order.channel_id))
            .one(connection)
            .await?
            .ok_or(Error::NotFound)?;
        let lines = order_line::Entity::of(merchant_id)
            .filter(order_line::Column::OrderId.eq(order.id))
            .order_by_asc(order_line::Column::LineNo)
            .all(connection)
            .await?;
        let payment = payment::Entity::of(merchant_id)
            .filter(payment::Column::OrderId.eq(order.id))
            .one(connection)
            .await?;
        let refunds = refunds_of(connection, merchant_id, order.id).await?;
        let ids: Vec<_> = refunds.iter().map(|refund| refund.id).collect();
        let refund_lines = if ids.is_empty() {
            Vec::new()
        } else {
            refund_line::Entity::of(merchant_id)
                .filter(any_of(&app.db, refund_line::Column::RefundId, &ids))
                .all(connection)
                .await?
        };
        Ok(Self {
            currency: Currency::of_code(&order.currency)
                .ok_or_else(|| Error::internal("unknown currency"))?,
            merchant,
            order,
            lines,
            channel,
            payment,
            refunds,
            refund_lines,
        })
    }

    /// As the model looks at it.
    pub fn refundable(&self) -> Refundable<'_> {
        Refundable {
            merchant: &self.merchant,
            order: &self.order,
            lines: &self.lines,
            channel: &self.channel,
            refunds: &self.refunds,
            refund_lines: &self.refund_lines,
            currency: self.currency,
        }
    }
}

async fn refunds_of(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<Vec<refund::Model>, Error> {
    // An extra payment's refund is none of the order's.
    Ok(refund::Entity::of(merchant_id)
        .filter(refund::Column::OrderId.eq(order_id))
        .filter(refund::Column::Kind.eq(refund::RefundKind::Order))
        .order_by_asc(refund::Column::Id)
        .all(connection)
        .await?)
}
