//! Replays a merchant's last paid orders through rules, page by page, on one picture of everything.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::order::{Column, Entity, PaymentState};
use entity::{
    ChannelId, Day, Instant, MemberId, MerchantId, OrderId, SegmentId, TierId, member, order_line,
};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::campaigns::model::Rules;
use crate::checkout::model::simulation::{PastOrder, Simulation, Simulator};
use crate::checkout::model::{Buyer, Cart, CartLine};
use crate::db::any_of;
use crate::error::Error;
use crate::merchant::Merchant;
use crate::segments;
use crate::time_range::start_of_day;

/// How many orders are read at once.
const PAGE: u64 = 2_000;
/// How many are replayed at the most: the last ones.
pub const MOST_ORDERS: u64 = 200_000;

/// What rules would have cost, and of which orders that is said.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// Since when orders were looked at.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Whether there were more orders than are replayed.
    pub truncated: bool,
    /// What came out.
    pub result: Simulation,
}

/// Replays the paid orders of the last days, today included, through rules.
pub async fn simulate(
    app: &App,
    merchant: &Merchant,
    rules: Rules,
    days: u64,
) -> Result<Simulated, Error> {
    simulate_last(app, merchant, rules, days, MOST_ORDERS).await
}

/// As [`simulate`], with another number of orders at the most.
pub async fn simulate_last(
    app: &App,
    merchant: &Merchant,
    rules: Rules,
    days: u64,
    most: u64,
) -> Result<Simulated, Error> {
    let (merchant_id, until) = (merchant.row.id, app.clock.now());
    let today = until.with_timezone(&merchant.zone).date_naive();
    let first = today - Days::new(days.saturating_sub(1));
    let named: Vec<SegmentId> = rules.audience.named_segments().collect();
    let replay = &Replay {
        app,
        segments: conditions(app, merchant_id, named).await?,
        merchant_id,
        zone: merchant.zone,
        from: start_of_day(first, merchant.zone),
        most,
    };
    let snapshot = app.db.snapshot_of(merchant_id, move |txn| async move {
        replay.run(&txn, rules).await
    });
    let (since, truncated, result) = snapshot.await?;
    Ok(Simulated {
        since,
        until,
        truncated,
        result,
    })
}

/// What is true of the members of segments. Of one that is not there any more, nobody is a member.
async fn conditions(
    app: &App,
    merchant_id: MerchantId,
    ids: Vec<SegmentId>,
) -> Result<Vec<(SegmentId, Condition)>, Error> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        match segments::service::condition_of(app, merchant_id, id).await {
            Ok(condition) => all.push((id, condition)),
            Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

/// Orders that are replayed.
struct Replay<'a> {
    app: &'a App,
    /// What is true of the members of the segments that the rules name.
    segments: Vec<(SegmentId, Condition)>,
    merchant_id: MerchantId,
    zone: Tz,
    from: DateTime<Utc>,
    most: u64,
}

/// What is read of an order.
type OrderRow = (OrderId, ChannelId, PaymentMethod, Option<MemberId>);

impl Replay<'_> {
    async fn run(
        &self,
        txn: &DatabaseTransaction,
        rules: Rules,
    ) -> Result<(DateTime<Utc>, bool, Simulation), Error> {
        let cut = self.cut(txn).await?;
        let first = cut.map_or_else(
            || OrderId::first_at(self.from.timestamp_millis()),
            |last| OrderId(last.0 + 1),
        );
        let mut simulator = Simulator::new(rules);
        let mut after = OrderId(first.0 - 1);
        loop {
            let page = self.page(txn, after).await?;
            let Some((last, ..)) = page.last() else { break };
            after = *last;
            for past in self.pasts(txn, page).await? {
                simulator.replay(&past);
            }
        }
        let since = cut.and_then(|_| DateTime::from_timestamp_millis(first.made_at_ms()));
        Ok((since.unwrap_or(self.from), cut.is_some(), simulator.end()))
    }

    /// The last order that is not replayed because there are too many behind it.
    async fn cut(&self, txn: &DatabaseTransaction) -> Result<Option<OrderId>, Error> {
        let first = OrderId::first_at(self.from.timestamp_millis());
        Ok(Entity::of(self.merchant_id)
            .filter(Column::Id.gte(first))
            .filter(Column::PaymentState.eq(PaymentState::Paid))
            .order_by_desc(Column::Id)
            .select_only()
            .column(Column::Id)
            .offset(self.most)
            .limit(1)
            .into_tuple()
            .one(txn)
            .await?)
    }

    async fn page(
        &self,
        txn: &DatabaseTransaction,
        after: OrderId,
    ) -> Result<Vec<OrderRow>, Error> {
        Ok(Entity::of(self.merchant_id)
            .filter(Column::Id.gt(after))
            .filter(Column::PaymentState.eq(PaymentState::Paid))
            .order_by_asc(Column::Id)
            .select_only()
            .columns([
                Column::Id,
                Column::ChannelId,
                Column::Method,
                Column::MemberId,
            ])
            .limit(PAGE)
            .into_tuple()
            .all(txn)
            .await?)
    }

    /// The orders of a page as the checkout would have seen them.
    async fn pasts(
        &self,
        txn: &DatabaseTransaction,
        page: Vec<OrderRow>,
    ) -> Result<Vec<PastOrder>, Error> {
        let (Some((first, ..)), Some((last, ..))) = (page.first(), page.last()) else {
            return Ok(Vec::new());
        };
        let mut lines = self.lines(txn, *first, *last).await?;
        let members: Vec<MemberId> = page.iter().filter_map(|(.., member)| *member).collect();
        let members = self.members(txn, &members).await?;
        let past = |(id, channel, method, member): OrderRow| {
            let made = DateTime::from_timestamp_millis(id.made_at_ms())?;
            let at = made.with_timezone(&self.zone);
            Some(PastOrder {
                cart: Cart {
                    lines: lines.remove(&id).unwrap_or_default(),
                    channel: Some(channel),
                    method: Some(method),
                    buyer: member.map(|id| {
                        let known = members.get(&id).cloned().unwrap_or_default();
                        Buyer {
                            has_paid: known.first_paid_at.is_some_and(|at| at.0 < made),
                            tier: known.tier,
                            segments: known.segments,
                        }
                    }),
                    at,
                },
                day: Day::from(at.date_naive()),
                member,
            })
        };
        Ok(page.into_iter().filter_map(past).collect())
    }

    async fn lines(
        &self,
        txn: &DatabaseTransaction,
        first: OrderId,
        last: OrderId,
    ) -> Result<HashMap<OrderId, Vec<CartLine>>, Error> {
        use order_line::Column;
        let rows: Vec<(OrderId, String, String, i32, i64)> =
            order_line::Entity::of(self.merchant_id)
                .filter(Column::OrderId.between(first, last))
                .order_by_asc(Column::OrderId)
                .order_by_asc(Column::LineNo)
                .select_only()
                .columns([
                    Column::OrderId,
                    Column::Title,
                    Column::Category,
                    Column::Quantity,
                    Column::UnitPriceMinor,
                ])
                .into_tuple()
                .all(txn)
                .await?;
        let mut lines: HashMap<OrderId, Vec<CartLine>> = HashMap::new();
        for (order_id, title, category, quantity, price) in rows {
            lines.entry(order_id).or_default().push(CartLine {
                title,
                category,
                amount_minor: price.saturating_mul(i64::from(quantity)),
            });
        }
        Ok(lines)
    }

    /// Members by id: their tiers and segments are those of now.
    async fn members(
        &self,
        txn: &DatabaseTransaction,
        ids: &[MemberId],
    ) -> Result<HashMap<MemberId, Known>, Error> {
        use member::Column;
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let these =
            || member::Entity::of(self.merchant_id).filter(any_of(&self.app.db, Column::Id, ids));
        let rows: Vec<(MemberId, Option<Instant>, Option<TierId>)> = these()
            .select_only()
            .columns([Column::Id, Column::FirstPaidAt, Column::TierId])
            .into_tuple()
            .all(txn)
            .await?;
        let rows = rows.into_iter().map(|(id, first_paid_at, tier)| {
            let known = Known {
                first_paid_at,
                tier,
                segments: HashSet::new(),
            };
            (id, known)
        });
        let mut members: HashMap<MemberId, Known> = rows.collect();
        for (segment, condition) in &self.segments {
            let within: Vec<MemberId> = these()
                .filter(condition.clone())
                .select_only()
                .column(Column::Id)
                .into_tuple()
                .all(txn)
                .await?;
            for id in within {
                members.entry(id).or_default().segments.insert(*segment);
            }
        }
        Ok(members)
    }
}

/// What is known of a member whose orders are replayed.
#[derive(Clone, Debug, Default)]
struct Known {
    first_paid_at: Option<Instant>,
    tier: Option<TierId>,
    segments: HashSet<SegmentId>,
}
