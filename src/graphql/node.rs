//! `node` and `nodes`: anything by its global id.

use std::hash::Hash;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Interface, Object};
use entity::event::EventKind;
use entity::{
    ApiKeyId, BankAccountId, ChannelId, FeeRuleId, HealthChangeId, IncidentId, LedgerTransactionId,
    MaintenanceWindowId, MerchantId, OrderId, PayoutId, ReconciliationItemId, ReconciliationRunId,
    RefundId, SettlementId, StaffId,
};

use super::{Ask, Nullable, SignedIn};
use crate::auth::model::Scope;
use crate::auth::schema::{ApiKey, Merchant, StaffMember};
use crate::auth::service::Auth;
use crate::bank_accounts::loader::BankAccountLoader;
use crate::bank_accounts::schema::BankAccount;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::{Error, Problem};
use crate::fees::schema::FeeRule;
use crate::fees::schema::rule::Book;
use crate::health::loader::{HealthChangeLoader, IncidentLoader};
use crate::health::schema::{ChannelHealthChange, Incident, MaintenanceWindow};
use crate::ledger::loader::LedgerLoader;
use crate::ledger::schema::LedgerTransaction;
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::payouts::loader::PayoutLoader;
use crate::payouts::schema::Payout;
use crate::reconciliation;
use crate::reconciliation::loader::RunLoader;
use crate::reconciliation::schema::{ReconciliationItem, ReconciliationRun};
use crate::refunds::loader::RefundLoader;
use crate::refunds::schema::Refund;
use crate::settlements::loader::SettlementLoader;
use crate::settlements::schema::Settlement;

/// How many nodes are given at once.
const MOST: usize = 100;

/// Anything that has a global id.
#[derive(Debug, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id."))]
pub enum Node {
    /// An order.
    Order(Order),
    /// A channel.
    Channel(Channel),
    /// A payment that does not fit its order.
    ReconciliationItem(ReconciliationItem),
    /// A reconciliation run.
    ReconciliationRun(ReconciliationRun),
    /// The merchant itself.
    Merchant(Merchant),
    /// A colleague.
    StaffMember(StaffMember),
    /// An API key.
    ApiKey(ApiKey),
    /// A refund.
    Refund(Refund),
    /// A settlement.
    Settlement(Settlement),
    /// A ledger transaction.
    LedgerTransaction(LedgerTransaction),
    /// A version of a fee rule.
    FeeRule(FeeRule),
    /// A change of a channel's health.
    ChannelHealthChange(ChannelHealthChange),
    /// An incident of a channel.
    Incident(Incident),
    /// A maintenance window of a channel.
    MaintenanceWindow(MaintenanceWindow),
    /// A payout.
    Payout(Payout),
    /// A bank account.
    BankAccount(BankAccount),
}

/// What an id names, before it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeRef {
    /// An order.
    Order(OrderId),
    /// A channel.
    Channel(ChannelId),
    /// A payment that does not fit its order.
    ReconciliationItem(ReconciliationItemId),
    /// The merchant itself.
    Merchant(MerchantId),
    /// A colleague.
    StaffMember(StaffId),
    /// An API key.
    ApiKey(ApiKeyId),
    /// A refund.
    Refund(RefundId),
    /// A settlement.
    Settlement(SettlementId),
    /// A ledger transaction.
    LedgerTransaction(LedgerTransactionId),
    /// A fee rule and its version.
    FeeRule(FeeRuleId, i32),
    /// A reconciliation run.
    ReconciliationRun(ReconciliationRunId),
    /// A change of a channel's health.
    ChannelHealthChange(HealthChangeId),
    /// An incident.
    Incident(IncidentId),
    /// A maintenance window.
    MaintenanceWindow(MaintenanceWindowId),
    /// A payout.
    Payout(PayoutId),
    /// A bank account.
    BankAccount(BankAccountId),
}

impl NodeRef {
    /// What a global id names; none where it is no id of a node.
    #[must_use]
    pub fn of_id(id: &ID) -> Option<Self> {
        match id.split('_').next()? {
            OrderId::PREFIX => id.parse().ok().map(Self::Order),
            ChannelId::PREFIX => id.parse().ok().map(Self::Channel),
            ReconciliationItemId::PREFIX => id.parse().ok().map(Self::ReconciliationItem),
            MerchantId::PREFIX => id.parse().ok().map(Self::Merchant),
            StaffId::PREFIX => id.parse().ok().map(Self::StaffMember),
            ApiKeyId::PREFIX => id.parse().ok().map(Self::ApiKey),
            RefundId::PREFIX => id.parse().ok().map(Self::Refund),
            FeeRuleId::PREFIX => {
                FeeRule::read_id(id).map(|(rule, version)| Self::FeeRule(rule, version))
            }
            SettlementId::PREFIX => id.parse().ok().map(Self::Settlement),
            LedgerTransactionId::PREFIX => id.parse().ok().map(Self::LedgerTransaction),
            ReconciliationRunId::PREFIX => id.parse().ok().map(Self::ReconciliationRun),
            HealthChangeId::PREFIX => id.parse().ok().map(Self::ChannelHealthChange),
            IncidentId::PREFIX => id.parse().ok().map(Self::Incident),
            MaintenanceWindowId::PREFIX => id.parse().ok().map(Self::MaintenanceWindow),
            PayoutId::PREFIX => id.parse().ok().map(Self::Payout),
            BankAccountId::PREFIX => id.parse().ok().map(Self::BankAccount),
            _ => None,
        }
    }

    /// What an event is about.
    #[must_use]
    pub fn of_event(kind: EventKind, subject_id: i64) -> Self {
        match kind {
            EventKind::OrderCreated
            | EventKind::OrderPaymentRequested
            | EventKind::OrderPaymentFailed
            | EventKind::OrderPaid
            | EventKind::OrderClosed
            | EventKind::OrderFulfilled
            | EventKind::OrderRefunded => Self::Order(OrderId(subject_id)),
            EventKind::ReconciliationItemOpened | EventKind::ReconciliationItemResolved => {
                Self::ReconciliationItem(ReconciliationItemId(subject_id))
            }
            EventKind::ReconciliationImported => {
                Self::ReconciliationRun(ReconciliationRunId(subject_id))
            }
            EventKind::RefundRequested
            | EventKind::RefundApproved
            | EventKind::RefundRejected
            | EventKind::RefundSucceeded
            | EventKind::RefundFailed
            | EventKind::RefundUnknown
            | EventKind::RefundAbnormal
            | EventKind::RefundRetried
            | EventKind::RefundReversed => Self::Refund(RefundId(subject_id)),
            EventKind::SettlementReleased => Self::Settlement(SettlementId(subject_id)),
            EventKind::BalanceAdjusted => Self::LedgerTransaction(LedgerTransactionId(subject_id)),
            EventKind::ChannelCreated | EventKind::ChannelUpdated => {
                Self::Channel(ChannelId(subject_id))
            }
            EventKind::ChannelHealthChanged => {
                Self::ChannelHealthChange(HealthChangeId(subject_id))
            }
            EventKind::IncidentOpened
            | EventKind::IncidentWorsened
            | EventKind::IncidentAcknowledged
            | EventKind::IncidentResolved => Self::Incident(IncidentId(subject_id)),
            EventKind::MaintenanceScheduled | EventKind::MaintenanceCanceled => {
                Self::MaintenanceWindow(MaintenanceWindowId(subject_id))
            }
            EventKind::BankAccountBound
            | EventKind::BankAccountCheckSent
            | EventKind::BankAccountCheckFailed
            | EventKind::BankAccountVerified
            | EventKind::BankAccountUnbound => Self::BankAccount(BankAccountId(subject_id)),
            EventKind::PayoutRequested
            | EventKind::PayoutApproved
            | EventKind::PayoutRejected
            | EventKind::PayoutCanceled
            | EventKind::PayoutPaid
            | EventKind::PayoutFailed
            | EventKind::PayoutUnknown
            | EventKind::PayoutReturned => Self::Payout(PayoutId(subject_id)),
            EventKind::RoutingPolicySet
            | EventKind::PayoutScheduleSet
            | EventKind::PayoutScheduleSkipped => Self::Merchant(MerchantId(subject_id)),
        }
    }

    /// What who asks for it must be allowed.
    fn scope(self) -> Scope {
        match self {
            Self::Order(_) => Scope::OrdersRead,
            Self::Channel(_)
            | Self::ChannelHealthChange(_)
            | Self::Incident(_)
            | Self::MaintenanceWindow(_) => Scope::ChannelsRead,
            Self::ReconciliationItem(_) | Self::ReconciliationRun(_) => Scope::ReconciliationRead,
            Self::Refund(_) => Scope::RefundsRead,
            Self::Payout(_) => Scope::PayoutsRead,
            Self::BankAccount(_) => Scope::BankAccountsRead,
            Self::Settlement(_) | Self::LedgerTransaction(_) | Self::FeeRule(..) => {
                Scope::LedgerRead
            }
            Self::Merchant(_) => Scope::MerchantRead,
            Self::StaffMember(_) => Scope::StaffRead,
            Self::ApiKey(_) => Scope::ApiKeysRead,
        }
    }

    /// Loads what is done about a channel that does not work.
    async fn load_trouble(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Incident(id) => {
                let row = loaded::<IncidentLoader, _>(ctx, id).await?;
                row.map(|row| Node::Incident(row.into()))
            }
            Self::MaintenanceWindow(id) => {
                let row = loaded::<IncidentLoader, _>(ctx, id).await?;
                row.map(|row| Node::MaintenanceWindow(row.into()))
            }
            _ => None,
        })
    }

    /// Loads it, together with all others that are asked for. Another merchant's is not found; one that
    /// the reader may not see is forbidden, as on its own root field.
    pub async fn load(self, ctx: &Context<'_>) -> Result<Node, Error> {
        let actor = ctx.actor()?;
        let scope = self.scope();
        if !actor.may(scope) {
            return Err(Error::Forbidden {
                scope: scope.name(),
            });
        }
        match self {
            Self::Order(id) => {
                let row = loaded::<OrderLoader, _>(ctx, FullOrder(id)).await?;
                row.map(|row| Node::Order(row.into()))
            }
            Self::Channel(id) => {
                let row = loaded::<ChannelLoader, _>(ctx, id).await?;
                row.map(|row| Node::Channel(Channel { row }))
            }
            Self::ReconciliationItem(id) => {
                let mut rows =
                    reconciliation::service::find_items(ctx.app(), actor.merchant_id, &[id])
                        .await?;
                let row = rows.remove(&id);
                row.map(|row| Node::ReconciliationItem(row.into()))
            }
            Self::ReconciliationRun(id) => {
                let row = loaded::<RunLoader, _>(ctx, id).await?;
                row.map(|row| Node::ReconciliationRun(row.into()))
            }
            Self::Merchant(id) if id == actor.merchant_id => {
                let row = ctx.data_unchecked::<Auth>().find_merchant(id).await?;
                Some(Node::Merchant(Merchant(row)))
            }
            Self::Merchant(_) => None,
            Self::StaffMember(id) => {
                let auth = ctx.data_unchecked::<Auth>();
                let row = auth.maybe_find_staff(actor.merchant_id, id).await?;
                row.map(|row| Node::StaffMember(StaffMember::seen_by(row, actor)))
            }
            Self::ApiKey(id) => {
                let auth = ctx.data_unchecked::<Auth>();
                let row = auth.maybe_find_api_key(actor.merchant_id, id).await?;
                row.map(|row| Node::ApiKey(ApiKey(row)))
            }
            Self::Refund(_) | Self::Payout(_) | Self::BankAccount(_) => {
                self.load_money_out(ctx).await?
            }
            Self::FeeRule(id, version) => {
                let rule = fee_rules(ctx).await?.find((id, version));
                rule.map(Node::FeeRule)
            }
            Self::Settlement(id) => {
                let row = loaded::<SettlementLoader, _>(ctx, id).await?;
                row.map(|row| Node::Settlement(Settlement { row }))
            }
            Self::ChannelHealthChange(id) => {
                let row = loaded::<HealthChangeLoader, _>(ctx, id).await?;
                row.map(|row| Node::ChannelHealthChange(ChannelHealthChange { row }))
            }
            Self::Incident(_) | Self::MaintenanceWindow(_) => self.load_trouble(ctx).await?,
            Self::LedgerTransaction(id) => {
                let row = loaded::<LedgerLoader, _>(ctx, id).await?;
                row.map(|row| Node::LedgerTransaction(row.into()))
            }
        }
        .ok_or(Error::NotFound)
    }

    /// Loads money that leaves, and where it goes.
    async fn load_money_out(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Refund(id) => {
                let row = loaded::<RefundLoader, _>(ctx, id).await?;
                row.map(|row| Node::Refund(row.into()))
            }
            Self::Payout(id) => {
                let row = loaded::<PayoutLoader, _>(ctx, id).await?;
                row.map(|row| Node::Payout(row.into()))
            }
            Self::BankAccount(id) => {
                let row = loaded::<BankAccountLoader, _>(ctx, id).await?;
                row.map(|row| Node::BankAccount(row.into()))
            }
            _ => None,
        })
    }
}

/// Loads a row together with all others that are asked for.
async fn loaded<L, K>(ctx: &Context<'_>, key: K) -> Result<Option<L::Value>, Error>
where
    L: Loader<K, Error = Error>,
    K: Send + Sync + Hash + Eq + Clone + 'static,
{
    let loader = ctx.data_unchecked::<DataLoader<L>>();
    loader.load_one(key).await
}

async fn fee_rules(ctx: &Context<'_>) -> Result<Book, Error> {
    let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
    Book::load(ctx, merchant.currency).await
}

/// The queries for anything.
#[derive(Debug, Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Anything by its global id. What does not exist, or is another merchant's, is NOT_FOUND.
    #[graphql(guard = "SignedIn")]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Nullable<Node> {
        Some(load(ctx, &id).await)
    }

    /// At most 100 things by their global ids, in the order of the ids.
    #[graphql(guard = "SignedIn")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Nullable<Node>>, Error> {
        if ids.len() > MOST {
            return Err(Error::LimitExceeded(Problem::new(
                format!("`ids` takes at most {MOST} ids."),
                format!("`ids` 最多 {MOST} 个。"),
            )));
        }
        let nodes = ids.iter().map(|id| load(ctx, id));
        Ok(futures_util::future::join_all(nodes)
            .await
            .into_iter()
            .map(Some)
            .collect())
    }
}

async fn load(ctx: &Context<'_>, id: &ID) -> Result<Node, Error> {
    NodeRef::of_id(id).ok_or(Error::NotFound)?.load(ctx).await
}
