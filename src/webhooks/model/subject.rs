//! What events are called in webhooks, what they are about, and who may have them sent.

use entity::{
    BankAccountId, CampaignId, ChannelId, CouponId, CouponTemplateId, ExportId, HealthChangeId,
    IncidentId, InvitationId, LedgerTransactionId, MaintenanceWindowId, MemberId, MerchantId,
    MessageId, MessageRecipientId, OrderId, PayoutId, ReconciliationItemId, ReconciliationRunId,
    RefundId, RewardId, RewardRedemptionId, SegmentId, SettlementId, StaffId, TierId,
};

use crate::auth::model::Scope;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// A refund.
    Refund(RefundId),
    /// A payout.
    Payout(PayoutId),
    /// A channel.
    Channel(ChannelId),
    /// A change of a channel's health.
    HealthChange(HealthChangeId),
    /// An incident.
    Incident(IncidentId),
    /// A maintenance window.
    Maintenance(MaintenanceWindowId),
    /// A settlement.
    Settlement(SettlementId),
    /// A reconciliation item.
    ReconciliationItem(ReconciliationItemId),
    /// A reconciliation run.
    ReconciliationRun(ReconciliationRunId),
    /// A ledger transaction.
    LedgerTransaction(LedgerTransactionId),
    /// The merchant itself.
    Merchant(MerchantId),
    /// A bank account: its id alone.
    BankAccount(BankAccountId),
    /// A member of staff: the id alone.
    StaffMember(StaffId),
    /// An invitation: its id alone.
    StaffInvitation(InvitationId),
    /// An export: its id alone.
    Export(ExportId),
    /// A member.
    Member(MemberId),
    /// A coupon template.
    CouponTemplate(CouponTemplateId),
    /// A coupon.
    Coupon(CouponId),
    /// A campaign.
    Campaign(CampaignId),
    /// A tier: its id alone.
    Tier(TierId),
    /// A message to members.
    Message(MessageId),
    /// What one member was sent.
    MessageRecipient(MessageRecipientId),
    /// A segment: its id alone.
    Segment(SegmentId),
    /// A reward.
    Reward(RewardId),
    /// A reward that a member has taken.
    RewardRedemption(RewardRedemptionId),
    /// Something that is not known by an id.
    Other,
}

/// What events are about, by the beginning of their names, the longer ones first; the word before the dot in
/// webhooks; and what who has them sent must be allowed to see.
const FAMILIES: &[(&str, &str, Scope)] = &[
    (
        "RECONCILIATION_ITEM_",
        "reconciliation_item",
        Scope::ReconciliationRead,
    ),
    (
        "RECONCILIATION_",
        "reconciliation",
        Scope::ReconciliationRead,
    ),
    ("ROUTING_POLICY_", "routing_policy", Scope::ChannelsRead),
    ("BANK_ACCOUNT_", "bank_account", Scope::BankAccountsRead),
    ("ORDER_", "order", Scope::OrdersRead),
    ("REFUND_", "refund", Scope::RefundsRead),
    ("PAYOUT_APPROVAL_", "payout_approval", Scope::PayoutsRead),
    ("PAYOUT_", "payout", Scope::PayoutsRead),
    ("CHANNEL_", "channel", Scope::ChannelsRead),
    ("INCIDENT_", "incident", Scope::ChannelsRead),
    ("MAINTENANCE_", "maintenance", Scope::ChannelsRead),
    ("SETTLEMENT_", "settlement", Scope::LedgerRead),
    ("BALANCE_", "balance", Scope::LedgerRead),
    ("STAFF_", "staff", Scope::StaffRead),
    ("SECOND_FACTOR_", "second_factor", Scope::StaffRead),
    ("EXPORT_", "export", Scope::ExportsWrite),
    ("MEMBER_", "member", Scope::MembersRead),
    ("MEMBERS_", "members", Scope::MembersRead),
    ("POINTS_PROGRAM_", "points_program", Scope::MembersRead),
    ("MESSAGE_DELIVERY_", "message_delivery", Scope::MembersRead),
    ("MESSAGE_", "message", Scope::MembersRead),
    ("COUPON_TEMPLATE_", "coupon_template", Scope::CampaignsRead),
    ("COUPON_", "coupon", Scope::CampaignsRead),
    ("CAMPAIGN_", "campaign", Scope::CampaignsRead),
    ("TIER_", "tier", Scope::MembersRead),
    ("SEGMENT_", "segment", Scope::MembersRead),
    (
        "REWARD_REDEMPTION_",
        "reward_redemption",
        Scope::MembersRead,
    ),
    ("REWARD_", "reward", Scope::MembersRead),
    ("GRANT_RULE_", "grant_rule", Scope::MembersRead),
];

fn family(name: &str) -> Option<&'static (&'static str, &'static str, Scope)> {
    FAMILIES.iter().find(|(begin, ..)| name.starts_with(begin))
}

/// What an event is called in webhooks: `ORDER_PAID` is `order.paid`.
#[must_use]
pub fn type_name(name: &str) -> String {
    let split = family(name).and_then(|(begin, word, _)| Some((*word, name.strip_prefix(begin)?)));
    let (word, rest) = split
        .or_else(|| name.split_once('_'))
        .unwrap_or((name, "changed"));
    format!("{word}.{rest}").to_lowercase()
}

/// Whether webhooks are told of an event: not of webhooks themselves.
#[must_use]
pub fn is_told(name: &str) -> bool {
    !name.starts_with("WEBHOOK_")
}

/// What who has an event sent must be allowed to see.
#[must_use]
pub fn scope_of(name: &str) -> Scope {
    family(name).map_or(Scope::MerchantRead, |(.., scope)| *scope)
}

/// Whether an event may tell what names a person: only to who asks for it by its name, and may see such data.
#[must_use]
pub fn is_personal(name: &str) -> bool {
    name == "MESSAGE_DELIVERY_SENT"
}

impl Subject {
    /// What an event of a name is about.
    #[must_use]
    pub fn of(name: &str, id: i64) -> Self {
        if name == "CHANNEL_HEALTH_CHANGED" {
            return Self::HealthChange(HealthChangeId(id));
        }
        if name == "STAFF_INVITED" {
            return Self::StaffInvitation(InvitationId(id));
        }
        // A merchant has one schedule.
        if name.starts_with("PAYOUT_SCHEDULE_") {
            return Self::Merchant(MerchantId(id));
        }
        match family(name).map(|(_, word, _)| *word) {
            Some("order") => Self::Order(OrderId(id)),
            Some("refund") => Self::Refund(RefundId(id)),
            Some("payout") => Self::Payout(PayoutId(id)),
            Some("channel") => Self::Channel(ChannelId(id)),
            Some("incident") => Self::Incident(IncidentId(id)),
            Some("maintenance") => Self::Maintenance(MaintenanceWindowId(id)),
            Some("settlement") => Self::Settlement(SettlementId(id)),
            Some("reconciliation_item") => Self::ReconciliationItem(ReconciliationItemId(id)),
            Some("reconciliation") => Self::ReconciliationRun(ReconciliationRunId(id)),
            Some("balance") => Self::LedgerTransaction(LedgerTransactionId(id)),
            Some("bank_account") => Self::BankAccount(BankAccountId(id)),
            Some("staff" | "second_factor") => Self::StaffMember(StaffId(id)),
            Some("export") => Self::Export(ExportId(id)),
            Some("member") => Self::Member(MemberId(id)),
            Some("coupon_template") => Self::CouponTemplate(CouponTemplateId(id)),
            // Many are handed out at once: that is told of what they are of.
            Some("coupon") if matches!(name, "COUPON_ISSUED" | "COUPON_CODES_CREATED") => {
                Self::CouponTemplate(CouponTemplateId(id))
            }
            Some("coupon") => Self::Coupon(CouponId(id)),
            Some("message_delivery") => Self::MessageRecipient(MessageRecipientId(id)),
            Some("message") => Self::Message(MessageId(id)),
            Some("campaign") => Self::Campaign(CampaignId(id)),
            Some("tier") => Self::Tier(TierId(id)),
            Some("segment") => Self::Segment(SegmentId(id)),
            Some("reward_redemption") => Self::RewardRedemption(RewardRedemptionId(id)),
            Some("reward") => Self::Reward(RewardId(id)),
            Some("routing_policy" | "payout_approval" | "grant_rule" | "points_program") => {
                Self::Merchant(MerchantId(id))
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests;
