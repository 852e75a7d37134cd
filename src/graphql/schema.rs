//! The schema: the slices' roots, merged.

use async_graphql::{MergedObject, MergedSubscription, SchemaBuilder};

use super::document;
use super::events::EventSubscription;
use super::node::NodeQuery;
use crate::auth::schema::{IdentityMutation, IdentityQuery, MerchantMutation};
use crate::channels::schema::{ChannelMutation, ChannelQuery};
use crate::charts::schema::ChartQuery;
use crate::fees::schema::{FeeMutation, FeeQuery};
use crate::health::schema::{
    AlertSubscription, HealthSubscription, IncidentMutation, IncidentQuery, MaintenanceQuery,
    OutageMutation,
};
use crate::ledger::schema::{LedgerQuery, LedgerSubscription};
use crate::orders::schema::{OrderMutation, OrderQuery, OrderSubscription};
use crate::overview::schema::{OverviewQuery, OverviewSubscription};
use crate::reconciliation::schema::{ReconciliationMutation, ReconciliationQuery};
use crate::refunds::schema::{RefundMutation, RefundQuery, RefundSubscription};
use crate::routing::schema::{RoutingMutation, RoutingQuery};
use crate::settlements::schema::SettlementQuery;
use crate::statistics::schema::StatisticsQuery;

/// Everything that can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    IdentityQuery,
    OrderQuery,
    RefundQuery,
    LedgerQuery,
    SettlementQuery,
    ReconciliationQuery,
    FeeQuery,
    ChannelQuery,
    RoutingQuery,
    IncidentQuery,
    MaintenanceQuery,
    OverviewQuery,
    ChartQuery,
    StatisticsQuery,
    NodeQuery,
);

/// Everything that can be done. What a rule forbids stands in the payload's `userErrors`.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    IdentityMutation,
    MerchantMutation,
    ChannelMutation,
    RoutingMutation,
    OrderMutation,
    RefundMutation,
    FeeMutation,
    ReconciliationMutation,
    IncidentMutation,
    OutageMutation,
);

/// Everything that can be followed, live, and continued from a cursor.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(
    OrderSubscription,
    RefundSubscription,
    LedgerSubscription,
    HealthSubscription,
    AlertSubscription,
    OverviewSubscription,
    EventSubscription,
);

/// The schema, ready to execute.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Begins a schema without data.
#[must_use]
pub fn build() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(
        Query::default(),
        Mutation::default(),
        Subscription::default(),
    )
}

/// The schema in its own language, with prices: what `schema.graphql` holds.
#[must_use]
pub fn sdl() -> &'static str {
    document::sdl()
}
