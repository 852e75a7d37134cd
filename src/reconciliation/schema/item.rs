//! What does not fit, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object};
use entity::reconciliation_item::Model;

use super::enums::{ReconciliationKind, ReconciliationResolution};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs, Nullable};
use crate::money::{Currency, Money};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::paging::Paging;
use crate::reconciliation::service;

/// What does not fit.
#[derive(Clone, Debug)]
pub struct ReconciliationItem {
    /// The row.
    pub row: Model,
}

impl ReconciliationItem {
    fn money(&self, minor: Option<i64>) -> Option<Money> {
        let currency = Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny);
        minor.map(|minor| Money::of_minor(minor, currency))
    }
}

plain_object! {
    /// What does not fit between a payment platform and us 对账差异, kept for a person. It never marks an
    /// order PAID.
    ReconciliationItem(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What does not fit.
        kind / "kind": ReconciliationKind = self.row.kind.into();
        /// The payment platform's own number of the payment; empty where it gave none.
        provider_trade_no / "providerTradeNo": &str = self.row.provider_trade_no.as_str();
        /// What is known here; none where nothing is.
        expected / "expected": Option<Money> = self.money(self.row.expected_minor);
        /// What the payment platform reports; none where it reports nothing.
        received / "received": Option<Money> = self.money(self.row.received_minor);
        /// What else is worth knowing, such as both states.
        detail / "detail": Option<&str> = self.row.detail.as_deref();
        /// Whether it lies so near midnight that the next day's bill may clear it 跨日待核.
        carried / "carried": bool = self.row.carried;
        /// When it was found.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// When it was settled.
        resolved_at / "resolvedAt": Option<Timestamp> = self.row.resolved_at.map(Timestamp::from);
        /// Who settled it: an id of staff or of an API key, or `system`.
        resolved_by / "resolvedBy": Option<&str> = self.row.resolved_by.as_deref();
        /// How it was settled.
        resolution / "resolution": Option<ReconciliationResolution> =
            self.row.resolution.map(ReconciliationResolution::from);
        /// Why so, in words.
        resolution_note / "resolutionNote": Option<&str> = self.row.resolution_note.as_deref();
    }
    {
        /// The order; none where none is known here.
        async fn order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            let id = self.row.order_id?;
            let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
            let row = loader.load_one(FullOrder(id)).await;
            Some(row.and_then(|row| row.map(|row| Lean(row.into())).ok_or(Error::NotFound)))
        }
    }
}

connection! {
    /// A list of reconciliation items.
    ReconciliationItemConnection
    /// A reconciliation item in a list.
    ReconciliationItemEdge
    /// The item.
    node: Lean<ReconciliationItem>
}

/// The queries of reconciliation items.
#[derive(Debug, Default)]
pub struct ReconciliationQuery;

#[Object]
impl ReconciliationQuery {
    /// What does not fit between payment platforms and us 对账差异, newest first. Needs `reconciliation:read`.
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
        Ok(Lean(ReconciliationItemConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(ReconciliationItem { row }),
        )))
    }
}
