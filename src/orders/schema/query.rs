//! The queries of orders.

use async_graphql::{Context, Object};
use entity::order::PaymentState;

use super::fetch::{Wanted, fetch};
use super::inputs::{OrderByInput, OrderFilterInput, Reading};
use super::list::{OrderConnection, OrderEdge};
use super::object::Order;
use super::sort_input::OrderSortInput;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::connection::PageInfo;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::orders::model::{OrderFilter, OrderSort, SortField, read_order_no};
use crate::orders::service;
use crate::paging::Paging;

/// The queries of orders.
#[derive(Debug, Default)]
pub struct OrderQuery;

#[Object]
impl OrderQuery {
    /// One order, by any of its numbers. What does not exist, or is another merchant's, is NOT_FOUND.
    /// Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of its numbers.")] by: OrderByInput,
    ) -> Nullable<Lean<Order>> {
        Some(find(ctx, by).await)
    }

    /// The merchant's orders, newest first unless `orderBy` says otherwise. Needs `orders:read`.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which orders; all where it is missing.")] filter: Option<
            OrderFilterInput,
        >,
        #[graphql(desc = "Newest first where it is missing.")] order_by: Option<OrderSortInput>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<OrderConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let sort = order_by.map(OrderSort::from).unwrap_or_default();
        list(ctx, filter.unwrap_or_default(), sort, paging).await
    }
}

/// What filters are read with: the merchant's zone and currency, and now.
pub async fn reading(ctx: &Context<'_>) -> Result<Reading, Error> {
    let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
    Ok(Reading {
        now: ctx.app().clock.now(),
        zone: merchant.zone,
        currency: merchant.currency,
    })
}

async fn list(
    ctx: &Context<'_>,
    filter: OrderFilterInput,
    sort: OrderSort,
    paging: Paging,
) -> Result<Lean<OrderConnection>, Error> {
    let filter = filter.read(&reading(ctx).await?)?;
    may_ask(ctx, &filter)?;
    list_all(ctx, filter, sort, paging).await
}

/// Refuses who asks by what they may not see, a member or an offer: the answer would tell of it.
pub fn may_ask(ctx: &Context<'_>, filter: &OrderFilter) -> Result<(), Error> {
    let actor = ctx.actor()?;
    match filter.needs().into_iter().find(|scope| !actor.may(*scope)) {
        None => Ok(()),
        Some(scope) => Err(Error::Forbidden {
            scope: scope.name(),
        }),
    }
}

/// A page of the orders that a filter wants; `ctx` is that of the field that gives it.
pub async fn list_all(
    ctx: &Context<'_>,
    filter: OrderFilter,
    sort: OrderSort,
    paging: Paging,
) -> Result<Lean<OrderConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let filter = in_list(filter, sort);
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    let selected = ctx.look_ahead();
    // Taken before the orders are read: what happens meanwhile is then seen twice, never not at all.
    let event_cursor = if selected.field("eventCursor").exists() {
        Some(app.events.head(merchant_id).await?.to_string())
    } else {
        None
    };
    let wanted = Wanted::of(&selected.field("edges").field("node"), ctx.actor()?);
    let page = service::list(app, merchant_id, &filter, sort, &paging, wanted.shape).await?;
    let page_info = PageInfo::of(&page, |row| service::cursor(sort.field, &row.summary));
    let edges = fetch(app, merchant_id, page.items, wanted)
        .await?
        .into_iter()
        .map(|order| OrderEdge {
            cursor: service::cursor(sort.field, &order.row.summary),
            node: Lean(order),
        })
        .collect();
    Ok(Lean(OrderConnection {
        edges,
        page_info,
        event_cursor,
        merchant_id,
        currency,
        filter,
    }))
}

/// What a list sorted this way holds: by payment, paid orders alone. Totals and facets count the same.
pub fn in_list(filter: OrderFilter, sort: OrderSort) -> OrderFilter {
    if sort.field != SortField::PaidAt {
        return filter;
    }
    OrderFilter {
        payment_state: Some(vec![PaymentState::Paid]),
        or: Some(vec![filter]),
        ..OrderFilter::default()
    }
}

async fn find(ctx: &Context<'_>, by: OrderByInput) -> Result<Lean<Order>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let row = match by {
        OrderByInput::Id(id) => service::find(app, merchant_id, read_id("by.id", &id)?).await?,
        OrderByInput::OrderNo(no) => {
            let id = read_order_no(&no).ok_or(Error::NotFound)?;
            service::find(app, merchant_id, id).await?
        }
        OrderByInput::MerchantOrderNo(no) => {
            service::find_by_merchant_order_no(app, merchant_id, &no).await?
        }
        OrderByInput::ProviderTradeNo(no) => {
            service::find_by_provider_trade_no(app, merchant_id, &no).await?
        }
    };
    let wanted = Wanted::of(&ctx.look_ahead(), ctx.actor()?);
    let order = fetch(app, merchant_id, vec![row], wanted).await?.pop();
    order.map(Lean).ok_or(Error::NotFound)
}
