//! The schema: the slices' roots, merged.

use async_graphql::{MergedObject, MergedSubscription, SchemaBuilder};

use super::document;
use super::events::EventSubscription;
use super::node::NodeQuery;
use crate::audit::schema::AuditQuery;
use crate::auth::schema::{IdentityMutation, IdentityQuery, MerchantMutation};
use crate::bank_accounts::schema::{BankAccountMutation, BankAccountQuery};
use crate::campaigns::schema::{CampaignMutation, CampaignQuery};
use crate::channels::schema::{ChannelMutation, ChannelQuery};
use crate::charts::schema::ChartQuery;
use crate::checkout::schema::CheckoutQuery;
use crate::coupons::schema::{CouponMutation, CouponQuery};
use crate::exports::schema::{ExportMutation, ExportQuery, ExportSubscription};
use crate::fees::schema::{FeeMutation, FeeQuery};
use crate::health::schema::{
    AlertSubscription, HealthSubscription, IncidentMutation, IncidentQuery, MaintenanceQuery,
    OutageMutation,
};
use crate::ledger::schema::{LedgerQuery, LedgerSubscription};
use crate::members::schema::MemberQuery;
use crate::orders::schema::{OrderMutation, OrderQuery, OrderSubscription};
use crate::overview::schema::{OverviewQuery, OverviewSubscription};
use crate::payouts::schema::{
    PayoutMutation, PayoutQuery, PayoutScheduleMutation, PayoutSubscription,
};
use crate::points::schema::{PointsMutation, PointsQuery};
use crate::reconciliation::schema::{ReconciliationMutation, ReconciliationQuery};
use crate::refunds::schema::{RefundMutation, RefundQuery, RefundSubscription};
use crate::routing::schema::{RoutingMutation, RoutingQuery};
use crate::second_factor::schema::SecondFactorMutation;
use crate::segments::schema::{SegmentMutation, SegmentQuery};
use crate::settlements::schema::SettlementQuery;
use crate::staff::schema::{StaffMutation, StaffQuery};
use crate::statistics::schema::StatisticsQuery;
use crate::tiers::schema::{TierMutation, TierQuery};
use crate::webhooks::schema::{
    NotifyMutation, NotifyQuery, ReplayMutation, WebhookMutation, WebhookQuery,
};

// The library asks one root after another, each inside the one before: groups keep the stack low.

/// Who asks, and anything by its id.
#[derive(Debug, Default, MergedObject)]
pub struct PeopleQuery(IdentityQuery, StaffQuery, AuditQuery, NodeQuery);

/// What was bought, and what was given back.
#[derive(Debug, Default, MergedObject)]
pub struct SalesQuery(OrderQuery, RefundQuery, MemberQuery, CheckoutQuery);

/// What comes off orders, and for whom.
#[derive(Debug, Default, MergedObject)]
pub struct OffersQuery(CampaignQuery, CouponQuery, PointsQuery);

/// Who comes back, and what that brings them.
#[derive(Debug, Default, MergedObject)]
pub struct LoyaltyQuery(TierQuery, SegmentQuery);

/// What became of the money.
#[derive(Debug, Default, MergedObject)]
pub struct MoneyQuery(
    LedgerQuery,
    SettlementQuery,
    FeeQuery,
    ReconciliationQuery,
    PayoutQuery,
    BankAccountQuery,
);

/// The ways to be paid.
#[derive(Debug, Default, MergedObject)]
pub struct WaysQuery(ChannelQuery, RoutingQuery, IncidentQuery, MaintenanceQuery);

/// How the business is doing.
#[derive(Debug, Default, MergedObject)]
pub struct FiguresQuery(StatisticsQuery, ChartQuery, OverviewQuery, ExportQuery);

/// What is sent to the merchant's own servers.
#[derive(Debug, Default, MergedObject)]
pub struct SentQuery(WebhookQuery, NotifyQuery);

/// Everything that can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    SalesQuery,
    OffersQuery,
    LoyaltyQuery,
    WaysQuery,
    MoneyQuery,
    FiguresQuery,
    PeopleQuery,
    SentQuery,
);

/// Signing in, and what the merchant sets.
#[derive(Debug, Default, MergedObject)]
pub struct PeopleMutation(
    IdentityMutation,
    MerchantMutation,
    SecondFactorMutation,
    StaffMutation,
);

/// Selling, and giving back.
#[derive(Debug, Default, MergedObject)]
pub struct SalesMutation(OrderMutation, RefundMutation, ExportMutation);

/// What comes off orders, and for whom.
#[derive(Debug, Default, MergedObject)]
pub struct OffersMutation(CampaignMutation, CouponMutation, PointsMutation);

/// Who comes back, and what that brings them.
#[derive(Debug, Default, MergedObject)]
pub struct LoyaltyMutation(TierMutation, SegmentMutation);

/// What payments cost, what does not fit, and what leaves.
#[derive(Debug, Default, MergedObject)]
pub struct MoneyMutation(
    FeeMutation,
    ReconciliationMutation,
    PayoutMutation,
    PayoutScheduleMutation,
    BankAccountMutation,
);

/// The ways to be paid.
#[derive(Debug, Default, MergedObject)]
pub struct WaysMutation(
    ChannelMutation,
    RoutingMutation,
    IncidentMutation,
    OutageMutation,
);

/// What is sent to the merchant's own servers.
#[derive(Debug, Default, MergedObject)]
pub struct SentMutation(WebhookMutation, ReplayMutation, NotifyMutation);

/// Everything that can be done. What a rule forbids stands in the payload's `userErrors`.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    SalesMutation,
    OffersMutation,
    LoyaltyMutation,
    WaysMutation,
    MoneyMutation,
    PeopleMutation,
    SentMutation,
);

/// Everything that can be followed, live, and continued from a cursor.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(
    OrderSubscription,
    RefundSubscription,
    PayoutSubscription,
    LedgerSubscription,
    HealthSubscription,
    AlertSubscription,
    OverviewSubscription,
    ExportSubscription,
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
