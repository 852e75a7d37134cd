//! Shows where orders of the past would have gone under a policy.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::{self, PaymentMethod};
use entity::order::{Column, Entity, PaymentState};
use entity::{ChannelId, Day, OrderId};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::policies::{list_shown, of_method};
use super::route::moment;
use crate::app::App;
use crate::error::{Error, Failure};
use crate::merchant::Merchant;
use crate::routing::model::{Past, Policy, PolicyRefusal, Replay, replay};

/// How many days back orders are looked for.
const DAYS: i64 = 90;
/// How many orders one statement reads.
const BATCH: u64 = 2_000;

/// Where orders would have gone.
#[derive(Clone, Debug)]
pub struct DryRun {
    /// Which, from where, and where to.
    pub replay: Replay,
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
    amount_minor: i64,
    discount_minor: i64,
    payment_state: PaymentState,
}

/// Replays the last orders of a method, of the last ninety days, through a policy, or through the one that is
/// set.
pub async fn dry_run(
    app: &App,
    merchant: &Merchant,
    method: PaymentMethod,
    policy: Option<Policy>,
    last: u64,
) -> Result<DryRun, Failure<PolicyRefusal>> {
    let merchant_id = merchant.row.id;
    let channels = crate::channels::service::list(app, merchant_id).await?;
    let policy = if let Some(policy) = policy {
        policy.check(method, &channels).map_err(Failure::Refused)?;
        Some(policy)
    } else {
        of_method(&list_shown(app, merchant_id).await?, method)
    };
    let orders = read(app, merchant, method, last).await?;
    let made = |order: &Lean| DateTime::from_timestamp_millis(order.id.made_at_ms());
    let past: Vec<Past> = orders
        .iter()
        .rev()
        .filter_map(|order| Some(past(order, made(order)?, merchant)))
        .collect();
    let (since, until) = (orders.last().and_then(made), orders.first().and_then(made));
    // Thousands of orders by fifty targets: not beside who only waits for the database.
    let run = tokio::task::spawn_blocking(move || DryRun {
        replay: replay(method, policy.as_ref(), &channels, &past),
        since,
        until,
        channels,
    });
    run.await
        .map_err(|error| Error::internal(error.to_string()).into())
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

/// The last orders of a method, the newest first.
async fn read(
    app: &App,
    merchant: &Merchant,
    method: PaymentMethod,
    last: u64,
) -> Result<Vec<Lean>, Error> {
    let since = app.clock.now() - TimeDelta::days(DAYS);
    let since = OrderId::first_at(since.timestamp_millis());
    let mut orders: Vec<Lean> = Vec::new();
    loop {
        let had = u64::try_from(orders.len()).unwrap_or(u64::MAX);
        let wanted = last.saturating_sub(had).min(BATCH);
        let before = orders.last().map_or(OrderId(i64::MAX), |order| order.id);
        let some: Vec<Lean> = Entity::of(merchant.row.id)
            .filter(Column::Id.lt(before))
            .filter(Column::Id.gte(since))
            .filter(Column::Method.eq(method))
            .order_by_desc(Column::Id)
            .select_only()
            .columns([
                Column::Id,
                Column::ChannelId,
                Column::AmountMinor,
                Column::DiscountMinor,
                Column::PaymentState,
            ])
            .limit(wanted)
            .into_model()
            .all(app.db.reads())
            .await?;
        let found = u64::try_from(some.len()).unwrap_or(u64::MAX);
        orders.extend(some);
        if found < wanted || wanted < BATCH {
            return Ok(orders);
        }
    }
}
