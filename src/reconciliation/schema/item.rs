//! What does not fit, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::PayoutId;
use entity::reconciliation_item::Model;

use super::enums::{ReconciliationKind, ReconciliationResolution};
use super::run::ReconciliationRun;
use crate::auth::model::Scope;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::paging::Page;
use crate::payouts::loader::PayoutLoader;
use crate::payouts::schema::Payout;
use crate::reconciliation::loader::RunLoader;
use crate::refunds::loader::RefundLoader;
use crate::refunds::schema::Refund;

/// What does not fit.
#[derive(Clone, Debug)]
pub struct ReconciliationItem {
    /// The row.
    pub row: Model,
}

impl From<Model> for ReconciliationItem {
    fn from(row: Model) -> Self {
        Self { row }
    }
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
        /// What it is about, in a word that stays the same: our order, refund or payout number, and the payment
        /// platform's number. The same kind is listed once for it.
        reference / "reference": &str = self.row.reference.as_str();
        /// The payment platform's own number of the payment or transfer; empty where it gave none.
        provider_trade_no / "providerTradeNo": &str = self.row.provider_trade_no.as_str();
        /// What is known here; none where nothing is.
        expected / "expected": Option<Money> = self.money(self.row.expected_minor);
        /// What the payment platform reports; none where it reports nothing.
        received / "received": Option<Money> = self.money(self.row.received_minor);
        /// What else is worth knowing, such as both states.
        detail / "detail": Option<&str> = self.row.detail.as_deref();
        /// Whether a neighbouring day's bill may have it 跨日待核: it lies within half an hour of midnight in
        /// Shanghai, or is a refund that took longer than a day. Importing that bill clears it.
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

        /// The refund, where it is about one that is known here.
        async fn refund(&self, ctx: &Context<'_>) -> Nullable<Lean<Refund>> {
            let id = self.row.refund_id?;
            let loader = ctx.data_unchecked::<DataLoader<RefundLoader>>();
            let row = loader.load_one(id).await;
            Some(row.and_then(|row| row.map(|row| Lean(row.into())).ok_or(Error::NotFound)))
        }

        /// The payout, where it is about one that is known here. Needs `payouts:read`; null with an error beside
        /// it otherwise.
        async fn payout(&self, ctx: &Context<'_>) -> Nullable<Lean<Payout>> {
            let id = self.row.payout_id?;
            Some(payout(ctx, id).await)
        }

        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Nullable<Lean<Channel>> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await;
            Some(row.and_then(|row| row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)))
        }

        /// The bill in which it was found first; none where a notification told of it.
        async fn run(&self, ctx: &Context<'_>) -> Nullable<Lean<ReconciliationRun>> {
            let id = self.row.run_id?;
            let loader = ctx.data_unchecked::<DataLoader<RunLoader>>();
            let row = loader.load_one(id).await;
            Some(row.and_then(|row| row.map(|row| Lean(row.into())).ok_or(Error::NotFound)))
        }
    }
}

async fn payout(ctx: &Context<'_>, id: PayoutId) -> Result<Lean<Payout>, Error> {
    let scope = Scope::PayoutsRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    let loader = ctx.data_unchecked::<DataLoader<PayoutLoader>>();
    let row = loader.load_one(id).await?;
    Ok(Lean(row.ok_or(Error::NotFound)?.into()))
}

impl ReconciliationItemConnection {
    /// A page of items.
    pub(super) fn of(page: Page<Model>) -> Lean<Self> {
        let node = |row: Model| Lean(row.into());
        Lean(Self::page(page, |row| row.id.to_string(), node))
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
