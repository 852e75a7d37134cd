//! Fetches with orders what their selection asks for: a statement for each kind of thing, however many
//! orders there are.

use std::sync::Arc;

use async_graphql::Lookahead;
use entity::{MerchantId, OrderId};

use super::object::{Order, lines_of, timeline_of};
use crate::app::App;
use crate::auth::model::{Actor, Scope};
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::fees::schema::Fee;
use crate::orders::service::{self, OrderRow, Shape};

/// What a request asks of its orders, beyond what a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Which columns.
    pub shape: Shape,
    lines: bool,
    timeline: bool,
    channel: bool,
    fee: bool,
}

impl Wanted {
    /// Looks ahead into an order's selection. What the reader may not see is not fetched: its resolver says
    /// so.
    pub fn of(order: &Lookahead<'_>, actor: &Actor) -> Self {
        let asks = |field: &str| order.field(field).exists();
        let detail = [
            "late",
            "providerTradeNo",
            "expiresAt",
            "closedAt",
            "fulfilledAt",
            "updatedAt",
            "paymentCode",
            "buyer",
            "refunding",
            "member",
        ];
        Self {
            shape: if detail.into_iter().any(asks) {
                Shape::Full
            } else {
                Shape::Summary
            },
            lines: asks("lines"),
            timeline: asks("timeline"),
            channel: asks("channel"),
            fee: asks("fee") && actor.may(Scope::LedgerRead),
        }
    }
}

/// Fetches what is wanted of orders: a statement for lines, one for timelines, one for channels, one for
/// fees, however many orders there are.
pub async fn fetch(
    app: &App,
    merchant_id: MerchantId,
    rows: Vec<OrderRow>,
    wanted: Wanted,
) -> Result<Vec<Order>, Error> {
    let ids: Vec<OrderId> = rows.iter().map(|row| row.summary.id).collect();
    let paid = rows.iter().filter(|row| row.summary.paid_at.is_some());
    let paid: Vec<OrderId> = paid.map(|row| row.summary.id).collect();
    let (lines, timelines, channels, fees) = futures_util::try_join!(
        when(wanted.lines, service::find_lines(app, merchant_id, &ids)),
        when(
            wanted.timeline,
            service::find_timelines(app, merchant_id, &ids)
        ),
        when(
            wanted.channel,
            crate::channels::service::list_shown(app, merchant_id)
        ),
        when(
            wanted.fee,
            crate::fees::service::find_many(app, merchant_id, &paid)
        ),
    )?;
    let (mut lines, mut timelines, mut fees) = (lines, timelines, fees);
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.summary.id;
            let lines = lines
                .as_mut()
                .map(|lines| lines_of(lines.remove(&id).unwrap_or_default(), &row.summary));
            let timeline = timelines
                .as_mut()
                .map(|timelines| timeline_of(timelines.remove(&id).unwrap_or_default()));
            let channel = channels.as_ref().and_then(|channels| {
                let row = channels
                    .iter()
                    .find(|channel| channel.id == row.summary.channel_id);
                row.map(|row| Channel {
                    row: Arc::clone(row),
                })
            });
            let fee = fees
                .as_mut()
                .map(|fees| fees.remove(&id).map(|row| Fee { row }));
            Order {
                row,
                lines,
                timeline,
                channel,
                fee,
            }
        })
        .collect())
}

async fn when<T>(
    wanted: bool,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<Option<T>, Error> {
    if wanted {
        work.await.map(Some)
    } else {
        Ok(None)
    }
}
