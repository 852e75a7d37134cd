//! What happens to orders, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::event::EventKind as Kind;
use entity::{MerchantId, OrderId};
use futures_util::Stream;

use super::fetch::{Wanted, fetch};
use super::inputs::{OrderFilterInput, Reading};
use super::object::Order;
use super::query::{may_ask, reading};
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::events::EventType;
use crate::graphql::follow::{self, Tell};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::orders::service;

/// What happened to an order, and where to continue.
#[derive(Debug, SimpleObject)]
pub struct OrderEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: EventType,
    /// The order as it is now.
    pub order: Lean<Order>,
}

/// The subscriptions of orders.
#[derive(Debug, Default)]
pub struct OrderSubscription;

#[Subscription]
impl OrderSubscription {
    /// New orders, in order, at least once. The filter looks at the order as it is when the event is
    /// delivered. With `after` it continues behind that cursor and misses nothing; a cursor too old is CURSOR_EXPIRED. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn order_created(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which orders; all where it is missing.")] filter: Option<
            OrderFilterInput,
        >,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderEvent, Error>> + use<>, Error> {
        follow(ctx, &[Kind::OrderCreated], filter, after).await
    }

    /// What happens to orders after they were made (payment codes, payments, closings, deliveries), in
    /// order, at least once. Continues like `orderCreated`. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn order_updated(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which orders; all where it is missing.")] filter: Option<
            OrderFilterInput,
        >,
        #[graphql(desc = "The last cursor that was seen; only new events where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<OrderEvent, Error>> + use<>, Error> {
        let kinds = &[
            Kind::OrderPaymentRequested,
            Kind::OrderPaymentFailed,
            Kind::OrderPaid,
            Kind::OrderClosed,
            Kind::OrderFulfilled,
        ];
        follow(ctx, kinds, filter, after).await
    }
}

async fn follow(
    ctx: &Context<'_>,
    kinds: &'static [Kind],
    filter: Option<OrderFilterInput>,
    after: Option<String>,
) -> Result<impl Stream<Item = Result<OrderEvent, Error>> + use<>, Error> {
    let (app, merchant_id) = (ctx.app().clone(), ctx.actor()?.merchant_id);
    let reading = reading(ctx).await?;
    let filter = filter.unwrap_or_default();
    // What cannot be meant is told at once, not with the first event.
    may_ask(ctx, &filter.read(&reading)?)?;
    let teller = Teller {
        app,
        merchant_id,
        kinds,
        filter,
        reading,
        wanted: Wanted::of(&ctx.look_ahead().field("order"), ctx.actor()?),
    };
    follow::follow(ctx, after, teller).await
}

/// Tells of orders that a filter wants.
struct Teller {
    app: App,
    merchant_id: MerchantId,
    kinds: &'static [Kind],
    filter: OrderFilterInput,
    reading: Reading,
    wanted: Wanted,
}

impl Tell for Teller {
    type Told = OrderEvent;

    fn cursor(told: &OrderEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// The events whose order the filter wants, with their orders and what is selected of them: a
    /// statement for each kind of thing.
    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<OrderEvent>, Error> {
        let mut ids: Vec<OrderId> = events
            .iter()
            .map(|event| OrderId(event.subject_id))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let reading = Reading {
            now: self.app.clock.now(),
            ..self.reading
        };
        let filter = self.filter.read(&reading)?;
        let rows = service::find_many(&self.app, self.merchant_id, &ids, &filter).await?;
        let rows = rows.into_values().collect();
        let orders = fetch(&self.app, self.merchant_id, rows, self.wanted).await?;
        Ok(events
            .iter()
            .filter_map(|event| {
                let id = OrderId(event.subject_id);
                let order = orders.iter().find(|order| order.row.summary.id == id)?;
                Some(OrderEvent {
                    cursor: event.cursor().to_string(),
                    occurred_at: event.occurred_at.into(),
                    r#type: event.kind.into(),
                    order: Lean(order.clone()),
                })
            })
            .collect())
    }
}
