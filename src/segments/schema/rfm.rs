//! The groups of RFM with their figures, as clients see them.

use async_graphql::SimpleObject;
use rust_decimal::Decimal;

use super::enums::RfmGroup;
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::money::{Currency, Money};
use crate::segments::model::Means;
use crate::segments::service::GroupFigures;

/// RFM 分层: buyers of the last 365 days, compared with each other by recency, frequency and monetary value. A buyer has
/// paid for an order in these days, and for one that was not refunded in full. The averages are at most five minutes old.
#[derive(Clone, Debug, SimpleObject)]
pub struct RfmOverview {
    /// How many buyers there are.
    pub buyers: i64,
    /// When they paid last, on average 平均最近消费时间: who paid since has paid lately. Null where there are none.
    pub average_last_paid_at: Option<Timestamp>,
    /// How many orders they have paid for in all, on average, rounded up 平均消费笔数: who has as many buys often.
    pub average_orders: i64,
    /// What they have spent in all, on average, rounded up 平均消费金额: who has spent as much spends much.
    pub average_spent: Money,
    /// The eight groups, the best first.
    pub groups: Vec<RfmGroupFigures>,
}

/// One group of RFM, with its figures.
#[derive(Clone, Debug, SimpleObject)]
pub struct RfmGroupFigures {
    /// Which 分层.
    pub group: RfmGroup,
    /// How many buyers are in it 人数.
    pub members: i64,
    /// Which share of all buyers that is, 0 to 1, 4 decimals, rounded down 占比.
    pub share: DecimalText,
    /// What they have spent in all 消费金额.
    pub spent: Money,
    /// What one of them has spent on average, rounded down 人均消费.
    pub average_spent: Money,
}

impl RfmOverview {
    pub(super) fn of(means: Means, groups: Vec<GroupFigures>, currency: Currency) -> Self {
        let buyers: i64 = groups.iter().map(|group| group.members).sum();
        let money = |minor: i64| Money::of_minor(minor, currency);
        let groups = groups.into_iter().map(|figures| {
            let share = figures.members.saturating_mul(10_000).checked_div(buyers);
            let each = figures.spent_minor.checked_div(figures.members);
            RfmGroupFigures {
                group: figures.group.into(),
                members: figures.members,
                share: DecimalText(Decimal::new(share.unwrap_or(0), 4)),
                spent: money(figures.spent_minor),
                average_spent: money(each.unwrap_or(0)),
            }
        });
        Self {
            buyers,
            average_last_paid_at: (buyers > 0).then(|| Timestamp::from(means.last_paid_at)),
            average_orders: means.orders,
            average_spent: money(means.spent_minor),
            groups: groups.collect(),
        }
    }
}
