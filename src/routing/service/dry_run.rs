//! Shows where orders of the past would have gone under a policy.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::{self, PaymentMethod};
use entity::order::{Column, Entity, PaymentState};
use entity::{ChannelId, Day, MerchantId, OrderId};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::policies::{list_shown, of_method};
use super::route::moment;
use crate::app::App;
use crate::error::{Error, Failure};
use crate::merchant::Merchant;
use crate::routing::model::{Past, Policy, PolicyRefusal, Replay, replay};

/// How far back orders are looked for, whatever their method: what is rare would else be looked for among
/// millions of others.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// So many days.
    pub days: i64,
    /// So many of the merchant's orders, of all methods, where these are not as old.
    pub orders: u64,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            days: 90,
            orders: 200_000,
        }
    }
}

/// The fewest orders that one statement reads, of all methods.
const SMALLEST: u64 = 500;
/// The most.
const LARGEST: u64 = 10_000;

/// Where orders would have gone.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// Which, from where, and where to.
    pub replay: Replay,
    /// Since when orders were looked for.
    pub looked_since: DateTime<Utc>,
    /// When the first of them was made.
    pub since: Option<DateTime<Utc>>,
    /// When the last of them was made.
    pub until: Option<DateTime<Utc>>,
    /// The merchant's channels, in the order of the payment page.
    pub channels: Vec<channel::Model>,
}

/// What is read of an order.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Lean {
    id: OrderId,
    channel_id: ChannelId,
    method: PaymentMethod,
    amount_minor: i64,
    discount_minor: i64,
    payment_state: PaymentState,
}

/// Replays the last orders of a method, as far as it reaches, through a policy, or through the one that is set.
pub async fn dry_run(
    app: &App,
    merchant: &Merchant,
    method: PaymentMethod,
    policy: Option<Policy>,
    last: u64,
    reach: Reach,
) -> Result<DryRun, Failure<PolicyRefusal>> {
    let merchant_id = merchant.row.id;
    let channels = crate::channels::service::list(app, merchant_id).await?;
    let policy = if let Some(policy) = policy {
        policy.check(method, &channels).map_err(Failure::Refused)?;
        Some(policy)
    } else {
        of_method(&list_shown(app, merchant_id).await?, method)
    };
    let (orders, looked_since) = read(app, merchant, method, last, reach).await?;
    let made = |order: &Lean| made_at(order.id);
    let past: Vec<Past> = orders
        .iter()
        .rev()
        .filter_map(|order| Some(past(order, made(order)?, merchant)))
        .collect();
    let (since, until) = (orders.last().and_then(made), orders.first().and_then(made));
    // Thousands of orders by fifty targets: not beside who only waits for the database.
    let run = tokio::task::spawn_blocking(move || DryRun {
        replay: replay(method, policy.as_ref(), &channels, &past),
        looked_since,
        since,
        until,
        channels,
    });
    run.await
        .map_err(|error| Error::internal(error.to_string()).into())
}

fn made_at(id: OrderId) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(id.made_at_ms())
}

fn past(order: &Lean, at: DateTime<Utc>, merchant: &Merchant) -> Past {
    Past {
        id: order.id,
        channel_id: order.channel_id,
        amount_minor: order.amount_minor - order.discount_minor,
        paid: order.payment_state == PaymentState::Paid,
        at: moment(at, merchant.zone),
        day: Day::from(at.with_timezone(&merchant.zone).date_naive()).0,
    }
}

/// The last orders of a method, the newest first, and since when orders were looked at. No index knows the
/// method: it is compared here, window by window, since a statement that asks for a rare one would look through
/// everything for it.
async fn read(
    app: &App,
    merchant: &Merchant,
    method: PaymentMethod,
    last: u64,
    reach: Reach,
) -> Result<(Vec<Lean>, DateTime<Utc>), Error> {
    let since = app.clock.now() - TimeDelta::days(reach.days);
    let first = OrderId::first_at(since.timestamp_millis());
    let mut orders: Vec<Lean> = Vec::new();
    let (mut before, mut left) = (OrderId(i64::MAX), reach.orders);
    loop {
        let wanted = last.saturating_sub(count(&orders));
        let most = (2 * wanted).clamp(SMALLEST, LARGEST).min(left);
        let some = window(app, merchant.row.id, (first, before), most).await?;
        let seen = count(&some);
        left -= seen;
        before = some.last().map_or(before, |order| order.id);
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let of_method = some.into_iter().filter(|order| order.method == method);
        orders.extend(of_method.take(wanted));
        if count(&orders) >= last {
            before = orders.last().map_or(before, |order| order.id);
        } else if seen < most {
            return Ok((orders, since));
        } else if left > 0 {
            continue;
        }
        let looked_since = made_at(before).unwrap_or(since);
        return Ok((orders, looked_since));
    }
}

fn count(orders: &[Lean]) -> u64 {
    u64::try_from(orders.len()).unwrap_or(u64::MAX)
}

/// Orders of all methods between two, the newest first.
async fn window(
    app: &App,
    merchant_id: MerchantId,
    (first, before): (OrderId, OrderId),
    most: u64,
) -> Result<Vec<Lean>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.lt(before))
        .filter(Column::Id.gte(first))
        .order_by_desc(Column::Id)
        .select_only()
        .columns([
            Column::Id,
            Column::ChannelId,
            Column::Method,
            Column::AmountMinor,
            Column::DiscountMinor,
            Column::PaymentState,
        ])
        .limit(most)
        .into_model()
        .all(&app.db.reads(merchant_id))
        .await?)
}
