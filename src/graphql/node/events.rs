//! What each kind of event is about.

use entity::event::EventKind;
use entity::{
    BankAccountId, CampaignId, ChannelId, CouponId, CouponTemplateId, ExportId, HealthChangeId,
    IncidentId, InvitationId, LedgerTransactionId, MaintenanceWindowId, MemberId, MemberImportId,
    MerchantId, MessageId, MessageRecipientId, OrderId, PayoutId, ReconciliationItemId,
    ReconciliationRunId, RefundId, RewardId, RewardRedemptionId, SegmentId, SettlementId, StaffId,
    TierId, WebhookEndpointId,
};

use super::NodeRef;

impl NodeRef {
    /// What an event is about.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table names each kind")]
    pub fn of_event(kind: EventKind, id: i64) -> Self {
        match kind {
            EventKind::OrderCreated
            | EventKind::OrderPaymentRequested
            | EventKind::OrderPaymentFailed
            | EventKind::OrderPaid
            | EventKind::OrderClosed
            | EventKind::OrderFulfilled
            | EventKind::OrderRefunded => Self::Order(OrderId(id)),
            EventKind::ReconciliationItemOpened | EventKind::ReconciliationItemResolved => {
                Self::ReconciliationItem(ReconciliationItemId(id))
            }
            EventKind::ReconciliationImported => Self::ReconciliationRun(ReconciliationRunId(id)),
            EventKind::RefundRequested
            | EventKind::RefundApproved
            | EventKind::RefundRejected
            | EventKind::RefundSucceeded
            | EventKind::RefundFailed
            | EventKind::RefundUnknown
            | EventKind::RefundAbnormal
            | EventKind::RefundRetried
            | EventKind::RefundReversed => Self::Refund(RefundId(id)),
            EventKind::SettlementReleased => Self::Settlement(SettlementId(id)),
            EventKind::BalanceAdjusted => Self::LedgerTransaction(LedgerTransactionId(id)),
            EventKind::ChannelCreated | EventKind::ChannelUpdated => Self::Channel(ChannelId(id)),
            EventKind::ChannelHealthChanged => Self::ChannelHealthChange(HealthChangeId(id)),
            EventKind::IncidentOpened
            | EventKind::IncidentWorsened
            | EventKind::IncidentAcknowledged
            | EventKind::IncidentResolved => Self::Incident(IncidentId(id)),
            EventKind::MaintenanceScheduled | EventKind::MaintenanceCanceled => {
                Self::MaintenanceWindow(MaintenanceWindowId(id))
            }
            EventKind::BankAccountBound
            | EventKind::BankAccountCheckSent
            | EventKind::BankAccountCheckFailed
            | EventKind::BankAccountVerified
            | EventKind::BankAccountUnbound => Self::BankAccount(BankAccountId(id)),
            EventKind::PayoutRequested
            | EventKind::PayoutApproved
            | EventKind::PayoutRejected
            | EventKind::PayoutCanceled
            | EventKind::PayoutPaid
            | EventKind::PayoutFailed
            | EventKind::PayoutUnknown
            | EventKind::PayoutReturned => Self::Payout(PayoutId(id)),
            EventKind::RoutingPolicySet
            | EventKind::PayoutApprovalSet
            | EventKind::PayoutScheduleSet
            | EventKind::PayoutScheduleSkipped => Self::Merchant(MerchantId(id)),
            EventKind::StaffInvited => Self::StaffInvitation(InvitationId(id)),
            EventKind::StaffJoined
            | EventKind::StaffUpdated
            | EventKind::StaffRemoved
            | EventKind::SecondFactorChanged => Self::StaffMember(StaffId(id)),
            EventKind::WebhookEndpointCreated
            | EventKind::WebhookEndpointUpdated
            | EventKind::WebhookEndpointEnabled
            | EventKind::WebhookEndpointDisabled
            | EventKind::WebhookEndpointDeleted => Self::WebhookEndpoint(WebhookEndpointId(id)),
            EventKind::ExportCreated
            | EventKind::ExportProgressed
            | EventKind::ExportFinished
            | EventKind::ExportFailed
            | EventKind::ExportCanceled
            | EventKind::ExportExpired => Self::Export(ExportId(id)),
            EventKind::MemberCreated
            | EventKind::MemberUpdated
            | EventKind::MemberConsentChanged
            | EventKind::MemberMerged
            | EventKind::MemberErased
            | EventKind::MemberTierChanged
            | EventKind::MemberPointsChanged
            | EventKind::MemberGranted => Self::Member(MemberId(id)),
            EventKind::MembersImported => Self::MemberImport(MemberImportId(id)),
            EventKind::TierSet | EventKind::TierRemoved => Self::Tier(TierId(id)),
            EventKind::PointsProgramSet | EventKind::GrantRuleSet => Self::Merchant(MerchantId(id)),
            EventKind::RewardCreated | EventKind::RewardUpdated => Self::Reward(RewardId(id)),
            EventKind::RewardRedemptionCreated
            | EventKind::RewardRedemptionFulfilled
            | EventKind::RewardRedemptionCanceled => Self::RewardRedemption(RewardRedemptionId(id)),
            EventKind::SegmentCreated | EventKind::SegmentUpdated | EventKind::SegmentRemoved => {
                Self::Segment(SegmentId(id))
            }
            EventKind::MessageScheduled
            | EventKind::MessageStarted
            | EventKind::MessageFinished
            | EventKind::MessageCanceled => Self::Message(MessageId(id)),
            EventKind::MessageDeliverySent => Self::MessageRecipient(MessageRecipientId(id)),
            EventKind::CouponTemplateCreated
            | EventKind::CouponTemplateUpdated
            | EventKind::CouponIssued
            | EventKind::CouponCodesCreated => Self::CouponTemplate(CouponTemplateId(id)),
            EventKind::CouponClaimed
            | EventKind::CouponUsed
            | EventKind::CouponReturned
            | EventKind::CouponVoided => Self::Coupon(CouponId(id)),
            EventKind::CampaignCreated
            | EventKind::CampaignUpdated
            | EventKind::CampaignScheduled
            | EventKind::CampaignActivated
            | EventKind::CampaignPaused
            | EventKind::CampaignEnded => Self::Campaign(CampaignId(id)),
        }
    }
}
