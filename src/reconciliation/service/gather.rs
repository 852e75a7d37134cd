//! Reads what a bill is compared with: a statement for thousands of rows, never one for each.

use std::collections::{BTreeSet, HashMap};

use entity::order::PaymentState;
use entity::reconciliation_item::{self, ReconciliationKind};
use entity::refund::{self, RefundKind, RefundStatus};
use entity::{
    ChannelId, Instant, MerchantId, OrderId, ReconciliationItemId, RefundId, channel, order,
    payment,
};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect, Select};

use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::reconciliation::model::{
    BillDay, BillRow, Extra, Here, OrderHere, RefundHere, RefundedHere, RefundedThere, read_number,
    reference_of_payment,
};

/// How many rows one statement asks for.
const SOME: usize = 5_000;

/// What is read of an order.
#[derive(Debug, FromQueryResult)]
struct OrderRow {
    id: OrderId,
    amount_minor: i64,
    discount_minor: i64,
    payment_state: PaymentState,
    provider_trade_no: Option<String>,
    paid_at: Option<Instant>,
    refunded_minor: i64,
    refunding_minor: i64,
}

/// Reads all that a bill's rows name, and all of its day, of a channel.
pub(super) async fn gather(
    app: &App,
    channel: &channel::Model,
    day: &BillDay,
    rows: &[BillRow],
    waiting: &[reconciliation_item::Model],
) -> Result<Here, Error> {
    let reading = Reading {
        app,
        merchant_id: channel.merchant_id,
        channel_id: channel.id,
        day,
    };
    let mut here = Here::default();
    reading.orders(rows, waiting, &mut here).await?;
    reading.extras(rows, waiting, &mut here).await?;
    reading.refunds(rows, &mut here).await?;
    let of_lists = |row: &BillRow| match row {
        BillRow::Payment(row) => row.refunded != RefundedThere::Unsaid,
        BillRow::Refund(_) => false,
    };
    if rows.iter().any(of_lists) {
        reading.refunded(&mut here).await?;
    }
    reading.fees(&mut here).await?;
    Ok(here)
}

/// What is read from, and for what.
struct Reading<'a> {
    app: &'a App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    day: &'a BillDay,
}

impl Reading<'_> {
    /// Orders of the channel by our numbers, by the platform's, and those paid on the day.
    async fn orders(
        &self,
        rows: &[BillRow],
        waiting: &[reconciliation_item::Model],
        here: &mut Here,
    ) -> Result<(), Error> {
        let numbers = rows.iter().map(|row| match row {
            BillRow::Payment(row) => (&row.order_no, &row.trade_no),
            BillRow::Refund(row) => (&row.order_no, &row.trade_no),
        });
        let numbers: Vec<(&String, &String)> = numbers.collect();
        let ids: BTreeSet<OrderId> = numbers
            .iter()
            .filter_map(|(order_no, _)| read_number(order_no))
            .chain(waiting.iter().filter_map(|item| item.order_id))
            .collect();
        let ids: Vec<OrderId> = ids.into_iter().collect();
        for some in ids.chunks(SOME) {
            let found = any_of(&self.app.db, order::Column::Id, some);
            self.add_orders(self.of_channel().filter(found), here)
                .await?;
        }
        let (from, to) = (Instant(self.day.from), Instant(self.day.to));
        let paid = self
            .of_channel()
            .filter(order::Column::PaidAt.gte(from))
            .filter(order::Column::PaidAt.lt(to));
        self.add_orders(paid, here).await?;
        // What our own numbers did not find, the platform's may.
        let unknown = numbers.iter().filter(|(order_no, trade_no)| {
            let by_number = read_number(order_no).is_some_and(|id| here.orders.contains_key(&id));
            !by_number && !here.by_trade_no.contains_key(*trade_no)
        });
        let trade_nos: BTreeSet<String> = unknown
            .flat_map(|(order_no, trade_no)| [*order_no, *trade_no])
            .chain(waiting.iter().map(|item| &item.provider_trade_no))
            .filter(|no| !no.is_empty())
            .cloned()
            .collect();
        let trade_nos: Vec<String> = trade_nos.into_iter().collect();
        for some in trade_nos.chunks(SOME) {
            let found = any_text_of(&self.app.db, order::Column::ProviderTradeNo, some);
            self.add_orders(self.of_channel().filter(found), here)
                .await?;
        }
        Ok(())
    }

    fn of_channel(&self) -> Select<order::Entity> {
        order::Entity::of(self.merchant_id).filter(order::Column::ChannelId.eq(self.channel_id))
    }

    async fn add_orders(
        &self,
        select: Select<order::Entity>,
        here: &mut Here,
    ) -> Result<(), Error> {
        let rows = select
            .select_only()
            .columns([
                order::Column::Id,
                order::Column::AmountMinor,
                order::Column::DiscountMinor,
                order::Column::PaymentState,
                order::Column::ProviderTradeNo,
                order::Column::PaidAt,
                order::Column::RefundedMinor,
                order::Column::RefundingMinor,
            ])
            .into_model::<OrderRow>()
            .all(&self.app.db.reads(self.merchant_id))
            .await?;
        for row in rows {
            here.add(OrderHere {
                id: row.id,
                payable_minor: row.amount_minor - row.discount_minor,
                state: row.payment_state,
                trade_no: row.provider_trade_no,
                paid_at: row.paid_at.map(|at| at.0),
                fee_minor: None,
                refunded: RefundedHere {
                    least: 0,
                    most: row.refunded_minor + row.refunding_minor,
                },
            });
        }
        Ok(())
    }

    /// Payments that their orders did not need: those that rows name, and those found on the day.
    async fn extras(
        &self,
        rows: &[BillRow],
        waiting: &[reconciliation_item::Model],
        here: &mut Here,
    ) -> Result<(), Error> {
        let of_row = |row: &BillRow| {
            let BillRow::Payment(row) = row else {
                return None;
            };
            let order = here.orders.get(&read_number(&row.order_no)?)?;
            let own = order.trade_no.as_deref() == Some(&row.trade_no);
            (!own).then(|| reference_of_payment(order.id, &row.trade_no))
        };
        let of_item = |item: &reconciliation_item::Model| {
            Some(reference_of_payment(
                item.order_id?,
                &item.provider_trade_no,
            ))
        };
        let references = rows.iter().filter_map(of_row);
        let references: BTreeSet<String> = references
            .chain(waiting.iter().filter_map(of_item))
            .collect();
        let references: Vec<String> = references.into_iter().collect();
        let of_channel = reconciliation_item::Entity::of(self.merchant_id)
            .filter(reconciliation_item::Column::ChannelId.eq(self.channel_id))
            .filter(reconciliation_item::Column::Kind.eq(ReconciliationKind::SecondPayment));
        let first = |at: chrono::DateTime<chrono::Utc>| {
            ReconciliationItemId::first_at(at.timestamp_millis())
        };
        let mut found = of_channel
            .clone()
            .filter(reconciliation_item::Column::Id.gte(first(self.day.from)))
            .filter(reconciliation_item::Column::Id.lt(first(self.day.to)))
            .all(&self.app.db.reads(self.merchant_id))
            .await?;
        for some in references.chunks(SOME) {
            let named = any_text_of(&self.app.db, reconciliation_item::Column::Reference, some);
            let named = of_channel.clone().filter(named);
            found.extend(named.all(&self.app.db.reads(self.merchant_id)).await?);
        }
        for item in found {
            let Some(order_id) = item.order_id else {
                continue;
            };
            let extra = Extra {
                order_id,
                received_minor: item.received_minor,
                found_at: item.created_at.0,
            };
            here.extras.insert(item.provider_trade_no, extra);
        }
        Ok(())
    }

    /// Refunds of the channel by our numbers, and those that succeeded on the day.
    async fn refunds(&self, rows: &[BillRow], here: &mut Here) -> Result<(), Error> {
        let ids: BTreeSet<RefundId> = rows
            .iter()
            .filter_map(|row| match row {
                BillRow::Payment(_) => None,
                BillRow::Refund(row) => read_number(&row.refund_no),
            })
            .collect();
        let ids: Vec<RefundId> = ids.into_iter().collect();
        let of_channel = refund::Entity::of(self.merchant_id)
            .filter(refund::Column::ChannelId.eq(self.channel_id));
        let (from, to) = (Instant(self.day.from), Instant(self.day.to));
        let mut found = of_channel
            .clone()
            .filter(refund::Column::SucceededAt.gte(from))
            .filter(refund::Column::SucceededAt.lt(to))
            .all(&self.app.db.reads(self.merchant_id))
            .await?;
        for some in ids.chunks(SOME) {
            let named = any_of(&self.app.db, refund::Column::Id, some);
            let named = of_channel.clone().filter(named);
            found.extend(named.all(&self.app.db.reads(self.merchant_id)).await?);
        }
        for refund in found {
            let known = RefundHere {
                id: refund.id,
                kind: refund.kind,
                order_id: refund.order_id,
                trade_no: refund.provider_trade_no,
                amount_minor: refund.amount_minor,
                state: refund.state,
                fee_returned_minor: refund.fee_returned_minor,
                succeeded_at: refund.succeeded_at.map(|at| at.0),
            };
            here.refunds.insert(refund.id, known);
        }
        Ok(())
    }

    /// What of each order had been refunded when the day was over.
    async fn refunded(&self, here: &mut Here) -> Result<(), Error> {
        let ids: Vec<OrderId> = here.orders.keys().copied().collect();
        let to = Instant(self.day.to);
        for some in ids.chunks(SOME) {
            let parts: Vec<(OrderId, i64)> = refund::Entity::of(self.merchant_id)
                .filter(any_of(&self.app.db, refund::Column::OrderId, some))
                .filter(refund::Column::Kind.eq(RefundKind::Order))
                .filter(refund::Column::State.eq(RefundStatus::Succeeded))
                .filter(refund::Column::SucceededAt.lt(to))
                .select_only()
                .columns([refund::Column::OrderId, refund::Column::AmountMinor])
                .into_tuple()
                .all(&self.app.db.reads(self.merchant_id))
                .await?;
            for (order_id, amount_minor) in parts {
                if let Some(order) = here.orders.get_mut(&order_id) {
                    order.refunded.least += amount_minor;
                }
            }
        }
        Ok(())
    }

    /// What each payment cost.
    async fn fees(&self, here: &mut Here) -> Result<(), Error> {
        let ids: Vec<OrderId> = here.orders.keys().copied().collect();
        for some in ids.chunks(SOME) {
            let fees: Vec<(OrderId, i64)> = payment::Entity::of(self.merchant_id)
                .filter(any_of(&self.app.db, payment::Column::OrderId, some))
                .select_only()
                .columns([payment::Column::OrderId, payment::Column::FeeMinor])
                .into_tuple()
                .all(&self.app.db.reads(self.merchant_id))
                .await?;
            let fees: HashMap<OrderId, i64> = fees.into_iter().collect();
            for (order_id, fee_minor) in fees {
                if let Some(order) = here.orders.get_mut(&order_id) {
                    order.fee_minor = Some(fee_minor);
                }
            }
        }
        Ok(())
    }
}
