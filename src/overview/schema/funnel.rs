//! From making an order to paying it, as clients see it.

use std::sync::Arc;

use async_graphql::SimpleObject;

use super::products::share;
use crate::channels::schema::Channel;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::DecimalText;
use crate::overview::service::FunnelRow;

/// How far orders came 支付转化漏斗.
#[derive(Debug, SimpleObject)]
pub struct PaymentFunnel {
    /// By channel, the one with most orders first. They sum to the totals.
    pub rows: Vec<PaymentFunnelRow>,
    /// Of all channels together.
    pub totals: PaymentFunnelSteps,
}

/// How far the orders of a channel came.
#[derive(Debug, SimpleObject)]
pub struct PaymentFunnelRow {
    /// The channel; null where it is not known any more.
    pub channel: Option<Lean<Channel>>,
    /// How far they came.
    pub steps: PaymentFunnelSteps,
}

/// Orders that were made in a time, and what became of them since. Each step is among the one before.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PaymentFunnelSteps {
    /// Orders that were made 下单.
    pub made: i64,
    /// Those that the platform gave a payment code for 获取支付码.
    pub asked: i64,
    /// Those that were paid 支付.
    pub paid: i64,
    /// Those of which a part or all went back 退款.
    pub refunded: i64,
    /// The share of orders made that got a payment code: 0.25 is 25 %. Null where none was made.
    pub asked_share: Option<DecimalText>,
    /// The share of orders made that were paid. Null where none was made.
    pub paid_share: Option<DecimalText>,
    /// The share of paid orders of which something went back. Null where none was paid.
    pub refunded_share: Option<DecimalText>,
}

fn steps(of: &FunnelRow) -> PaymentFunnelSteps {
    let share = |part, whole| (whole > 0).then(|| share(part, whole));
    PaymentFunnelSteps {
        made: of.made,
        asked: of.asked,
        paid: of.paid,
        refunded: of.refunded,
        asked_share: share(of.asked, of.made),
        paid_share: share(of.paid, of.made),
        refunded_share: share(of.refunded, of.paid),
    }
}

pub(super) fn shown(rows: &[FunnelRow], channels: &[Arc<entity::channel::Model>]) -> PaymentFunnel {
    let mut all = FunnelRow {
        channel_id: entity::ChannelId(0),
        made: 0,
        asked: 0,
        paid: 0,
        refunded: 0,
    };
    for row in rows {
        all.made += row.made;
        all.asked += row.asked;
        all.paid += row.paid;
        all.refunded += row.refunded;
    }
    let rows = rows.iter().map(|row| {
        let channel = channels.iter().find(|channel| channel.id == row.channel_id);
        PaymentFunnelRow {
            channel: channel.map(|row| {
                Lean(Channel {
                    row: Arc::clone(row),
                })
            }),
            steps: steps(row),
        }
    });
    PaymentFunnel {
        rows: rows.collect(),
        totals: steps(&all),
    }
}
