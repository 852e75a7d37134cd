//! `node` and `nodes`: anything by its global id.

mod events;
mod load;

use async_graphql::{Context, ID, Interface, Object};
use entity::{
    ApiKeyId, AuditEntryId, BankAccountId, CampaignId, ChannelId, CouponId, CouponTemplateId,
    ExportId, FeeRuleId, HealthChangeId, IncidentId, InvitationId, LedgerTransactionId,
    MaintenanceWindowId, MemberId, MemberImportId, MerchantId, MessageId, MessageRecipientId,
    OrderId, PayoutId, ReconciliationItemId, ReconciliationRunId, RefundId, RewardId,
    RewardRedemptionId, SegmentId, SettlementId, StaffId, TierId, WebhookDeliveryId,
    WebhookEndpointId,
};

use crate::audit::schema::AuditEntry;
use crate::auth::model::Scope;
use crate::auth::schema::{ApiKey, Merchant, StaffMember};
use crate::bank_accounts::schema::BankAccount;
use crate::campaigns::schema::Campaign;
use crate::channels::schema::Channel;
use crate::coupons::schema::{Coupon, CouponTemplate};
use crate::error::{Error, Problem};
use crate::exports::schema::Export;
use crate::fees::schema::FeeRule;
use crate::graphql::{Nullable, SignedIn};
use crate::health::schema::{ChannelHealthChange, Incident, MaintenanceWindow};
use crate::ledger::schema::LedgerTransaction;
use crate::members::schema::{Member, MemberImport};
use crate::messages::schema::{Message, MessageRecipient};
use crate::orders::schema::Order;
use crate::payouts::schema::Payout;
use crate::reconciliation::schema::{ReconciliationItem, ReconciliationRun};
use crate::refunds::schema::Refund;
use crate::rewards::schema::{Reward, RewardRedemption};
use crate::segments::schema::Segment;
use crate::settlements::schema::Settlement;
use crate::staff::schema::StaffInvitation;
use crate::tiers::schema::Tier;
use crate::webhooks::schema::{WebhookDelivery, WebhookEndpoint};

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
    /// An audit entry.
    AuditEntry(AuditEntry),
    /// An invitation.
    StaffInvitation(StaffInvitation),
    /// A webhook endpoint.
    WebhookEndpoint(WebhookEndpoint),
    /// A delivery of a webhook.
    WebhookDelivery(WebhookDelivery),
    /// An export.
    Export(Export),
    /// A member.
    Member(Member),
    /// An import of members.
    MemberImport(MemberImport),
    /// A coupon template.
    CouponTemplate(CouponTemplate),
    /// A coupon.
    Coupon(Coupon),
    /// A campaign.
    Campaign(Campaign),
    /// A tier.
    Tier(Tier),
    /// A message to members.
    Message(Message),
    /// What became of a message with one member.
    MessageRecipient(MessageRecipient),
    /// A segment of members.
    Segment(Segment),
    /// A reward.
    Reward(Reward),
    /// A reward that a member has taken.
    RewardRedemption(RewardRedemption),
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
    /// An audit entry.
    AuditEntry(AuditEntryId),
    /// An invitation.
    StaffInvitation(InvitationId),
    /// A webhook endpoint.
    WebhookEndpoint(WebhookEndpointId),
    /// A delivery of a webhook.
    WebhookDelivery(WebhookDeliveryId),
    /// An export.
    Export(ExportId),
    /// A member.
    Member(MemberId),
    /// An import of members.
    MemberImport(MemberImportId),
    /// A coupon template.
    CouponTemplate(CouponTemplateId),
    /// A coupon.
    Coupon(CouponId),
    /// A campaign.
    Campaign(CampaignId),
    /// A tier.
    Tier(TierId),
    /// A message to members.
    Message(MessageId),
    /// What became of a message with one member.
    MessageRecipient(MessageRecipientId),
    /// A segment of members.
    Segment(SegmentId),
    /// A reward.
    Reward(RewardId),
    /// A reward that a member has taken.
    RewardRedemption(RewardRedemptionId),
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
            AuditEntryId::PREFIX => id.parse().ok().map(Self::AuditEntry),
            InvitationId::PREFIX => id.parse().ok().map(Self::StaffInvitation),
            WebhookEndpointId::PREFIX => id.parse().ok().map(Self::WebhookEndpoint),
            WebhookDeliveryId::PREFIX => id.parse().ok().map(Self::WebhookDelivery),
            ExportId::PREFIX => id.parse().ok().map(Self::Export),
            MemberId::PREFIX => id.parse().ok().map(Self::Member),
            MemberImportId::PREFIX => id.parse().ok().map(Self::MemberImport),
            CouponTemplateId::PREFIX => id.parse().ok().map(Self::CouponTemplate),
            CouponId::PREFIX => id.parse().ok().map(Self::Coupon),
            MessageId::PREFIX => id.parse().ok().map(Self::Message),
            MessageRecipientId::PREFIX => id.parse().ok().map(Self::MessageRecipient),
            CampaignId::PREFIX => id.parse().ok().map(Self::Campaign),
            TierId::PREFIX => id.parse().ok().map(Self::Tier),
            SegmentId::PREFIX => id.parse().ok().map(Self::Segment),
            RewardId::PREFIX => id.parse().ok().map(Self::Reward),
            RewardRedemptionId::PREFIX => id.parse().ok().map(Self::RewardRedemption),
            _ => None,
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
            Self::StaffMember(_) | Self::StaffInvitation(_) => Scope::StaffRead,
            Self::ApiKey(_) => Scope::ApiKeysRead,
            Self::AuditEntry(_) => Scope::AuditRead,
            Self::WebhookEndpoint(_) | Self::WebhookDelivery(_) => Scope::WebhooksRead,
            Self::Export(_) => Scope::ExportsWrite,
            Self::Member(_)
            | Self::Tier(_)
            | Self::MemberImport(_)
            | Self::Segment(_)
            | Self::Reward(_)
            | Self::RewardRedemption(_) => Scope::MembersRead,
            Self::CouponTemplate(_) | Self::Coupon(_) => Scope::CampaignsRead,
            Self::Message(_) | Self::MessageRecipient(_) => Scope::MembersRead,
            Self::Campaign(_) => Scope::CampaignsRead,
        }
    }
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
