//! A list of orders, with what can be said of all that its filter wants.

use std::sync::Arc;

use async_graphql::{Context, Object, OutputType, SimpleObject};
use entity::{ChannelId, MerchantId};

use super::enums::{FulfillmentState, PaymentState, RefundState};
use super::object::Order;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::PageInfo;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::CountryCode;
use crate::money::{Currency, Money};
use crate::orders::model::OrderFilter;
use crate::orders::service::{self, Facet, FacetField};

/// A page of orders, and the filter that it is a page of.
#[derive(Debug)]
pub struct OrderConnection {
    pub(super) edges: Vec<OrderEdge>,
    pub(super) page_info: PageInfo,
    pub(super) event_cursor: Option<String>,
    pub(super) merchant_id: MerchantId,
    pub(super) currency: Currency,
    pub(super) filter: OrderFilter,
}

plain_object! {
    /// A list of orders.
    OrderConnection(self) {
        /// The page's orders.
        edges / "edges": &Vec<OrderEdge> = &self.edges;
        /// Where the page lies in the list.
        page_info / "pageInfo": &PageInfo = &self.page_info;
    }
    {
        /// How many orders the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many orders to count"))
        }

        /// The sums over all orders that the filter wants. Computed only when it is selected.
        async fn totals(&self, ctx: &Context<'_>) -> Result<OrderTotals, Error> {
            let totals = service::totals(ctx.app(), self.merchant_id, &self.filter).await?;
            let money = |minor: Option<i64>| Money::of_minor(minor.unwrap_or_default(), self.currency);
            Ok(OrderTotals {
                amount: money(totals.amount_minor),
                discount: money(totals.discount_minor),
                paid: money(totals.paid_minor),
            })
        }

        /// How the orders that the filter wants are spread. Each is counted only when it is selected.
        async fn facets(&self) -> OrderFacets<'_> {
            OrderFacets(self)
        }

        /// The event cursor at which the list was taken: pass it as `after` to a subscription to see
        /// everything that has happened since.
        async fn event_cursor(&self) -> &str {
            self.event_cursor.as_deref().unwrap_or_default()
        }
    }
}

/// An order in a list.
#[derive(Debug)]
pub struct OrderEdge {
    pub(super) cursor: String,
    pub(super) node: Lean<Order>,
}

plain_object! {
    /// An order in a list.
    OrderEdge(self) {
        /// Its place in the list; pass it as `after` or `before`.
        cursor / "cursor": &str = self.cursor.as_str();
        /// The order.
        node / "node": &Lean<Order> = &self.node;
    }
}

/// The sums over all orders that a filter wants.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct OrderTotals {
    /// The sums of their lines.
    pub amount: Money,
    /// What was taken off.
    pub discount: Money,
    /// What was paid; unpaid orders count as zero.
    pub paid: Money,
}

/// How many orders have a value.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(
    concrete(name = "PaymentStateFacet", params(PaymentState)),
    concrete(name = "RefundStateFacet", params(RefundState)),
    concrete(name = "FulfillmentStateFacet", params(FulfillmentState)),
    concrete(name = "PaymentMethodFacet", params(PaymentMethod)),
    concrete(name = "CountryFacet", params(CountryCode))
)]
pub struct ValueFacet<T: OutputType> {
    /// The value.
    pub value: T,
    /// How many orders have it.
    pub count: i64,
}

/// How many orders went through a channel.
#[derive(Debug, SimpleObject)]
pub struct ChannelFacet {
    /// The channel.
    pub value: Lean<Channel>,
    /// How many orders went through it.
    pub count: i64,
}

/// How orders are spread over the values of their fields; most first.
#[derive(Clone, Copy, Debug)]
pub struct OrderFacets<'a>(&'a OrderConnection);

impl OrderFacets<'_> {
    async fn count<G, T>(
        &self,
        ctx: &Context<'_>,
        field: FacetField,
    ) -> Result<Vec<ValueFacet<G>>, Error>
    where
        G: OutputType + From<T>,
        T: sea_orm::TryGetable + Send + Sync,
    {
        let facets = self.read::<T>(ctx, field).await?;
        Ok(facets
            .into_iter()
            .map(|facet| ValueFacet {
                value: facet.value.into(),
                count: facet.count,
            })
            .collect())
    }

    async fn read<T>(&self, ctx: &Context<'_>, field: FacetField) -> Result<Vec<Facet<T>>, Error>
    where
        T: sea_orm::TryGetable + Send + Sync,
    {
        service::facet(ctx.app(), self.0.merchant_id, &self.0.filter, field).await
    }
}

/// How orders are spread over the values of their fields; most first.
#[Object]
impl OrderFacets<'_> {
    /// By payment state.
    async fn payment_state(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<ValueFacet<PaymentState>>, Error> {
        self.count::<_, entity::order::PaymentState>(ctx, FacetField::PaymentState)
            .await
    }

    /// By refund state.
    async fn refund_state(&self, ctx: &Context<'_>) -> Result<Vec<ValueFacet<RefundState>>, Error> {
        self.count::<_, entity::order::RefundState>(ctx, FacetField::RefundState)
            .await
    }

    /// By fulfilment state.
    async fn fulfillment_state(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<ValueFacet<FulfillmentState>>, Error> {
        self.count::<_, entity::order::FulfillmentState>(ctx, FacetField::FulfillmentState)
            .await
    }

    /// By method.
    async fn method(&self, ctx: &Context<'_>) -> Result<Vec<ValueFacet<PaymentMethod>>, Error> {
        self.count::<_, entity::channel::PaymentMethod>(ctx, FacetField::Method)
            .await
    }

    /// By country, of orders whose buyer's country is known.
    async fn country(&self, ctx: &Context<'_>) -> Result<Vec<ValueFacet<CountryCode>>, Error> {
        let facets = self.read::<String>(ctx, FacetField::Country).await?;
        Ok(facets
            .into_iter()
            .map(|facet| ValueFacet {
                value: CountryCode(facet.value),
                count: facet.count,
            })
            .collect())
    }

    /// By channel.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Vec<ChannelFacet>, Error> {
        let facets = self.read::<ChannelId>(ctx, FacetField::Channel).await?;
        let channels = crate::channels::service::list_shown(ctx.app(), self.0.merchant_id).await?;
        Ok(facets
            .into_iter()
            .filter_map(|facet| {
                let row = channels.iter().find(|channel| channel.id == facet.value)?;
                Some(ChannelFacet {
                    value: Lean(Channel {
                        row: Arc::clone(row),
                    }),
                    count: facet.count,
                })
            })
            .collect())
    }
}
