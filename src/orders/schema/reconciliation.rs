//! What does not fit between payments and orders, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object};
use entity::reconciliation_item::Model;

use super::enums::ReconciliationKind;
use super::object::Order;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::connection::PageInfo;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::money::{Currency, Money};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::service;
use crate::paging::Paging;

/// A payment that does not fit its order.
#[derive(Clone, Debug)]
pub struct ReconciliationItem {
    /// The row.
    pub row: Model,
}

impl ReconciliationItem {
    fn money(&self, minor: i64) -> Money {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        Money::of_minor(minor, currency)
    }
}

plain_object! {
    /// A payment that does not fit its order 对账差异, kept for a person. It never marks an order PAID.
    ReconciliationItem(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What does not fit.
        kind / "kind": ReconciliationKind = self.row.kind.into();
        /// The payment platform's own number of the payment.
        provider_trade_no / "providerTradeNo": &str = self.row.provider_trade_no.as_str();
        /// What the order asks for.
        expected / "expected": Money = self.money(self.row.expected_minor);
        /// What the payment platform reports.
        received / "received": Money = self.money(self.row.received_minor);
        /// When it was found.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// When a person settled it.
        resolved_at / "resolvedAt": Option<Timestamp> = self.row.resolved_at.map(Timestamp::from);
    }
    {
        /// The order.
        async fn order(&self, ctx: &Context<'_>) -> Result<Lean<Order>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
            let row = loader.load_one(FullOrder(self.row.order_id)).await?;
            row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
        }
    }
}

/// A list of reconciliation items.
#[derive(Debug)]
pub struct ReconciliationItemConnection {
    edges: Vec<ReconciliationItemEdge>,
    page_info: PageInfo,
}

plain_object! {
    /// A list of reconciliation items.
    ReconciliationItemConnection(self) {
        /// The page's items.
        edges / "edges": &Vec<ReconciliationItemEdge> = &self.edges;
        /// Where the page lies in the list.
        page_info / "pageInfo": &PageInfo = &self.page_info;
    }
}

/// A reconciliation item in a list.
#[derive(Debug)]
pub struct ReconciliationItemEdge {
    cursor: String,
    node: Lean<ReconciliationItem>,
}

plain_object! {
    /// A reconciliation item in a list.
    ReconciliationItemEdge(self) {
        /// Its place in the list; pass it as `after` or `before`.
        cursor / "cursor": &str = self.cursor.as_str();
        /// The item.
        node / "node": &Lean<ReconciliationItem> = &self.node;
    }
}

/// The queries of reconciliation items.
#[derive(Debug, Default)]
pub struct ReconciliationQuery;

#[Object]
impl ReconciliationQuery {
    /// Payments that do not fit their order, newest first. Needs `reconciliation:read`.
    #[graphql(guard = "Needs(Scope::ReconciliationRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn reconciliation_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that wait for a person (true) or were settled (false).")]
        open: Option<bool>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<ReconciliationItemConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let merchant_id = ctx.actor()?.merchant_id;
        let page = service::list_items(ctx.app(), merchant_id, open, &paging).await?;
        let page_info = PageInfo::of(&page, |row| row.id.to_string());
        let edges = page.items.into_iter().map(|row| ReconciliationItemEdge {
            cursor: row.id.to_string(),
            node: Lean(ReconciliationItem { row }),
        });
        Ok(Lean(ReconciliationItemConnection {
            edges: edges.collect(),
            page_info,
        }))
    }
}
