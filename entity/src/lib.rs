//! The tables: one module a table, typed ids, and `Entity::of(merchant)`, where every query starts.

pub mod ids;

pub mod api_key;
pub mod audit_entry;
pub mod audit_head;
pub mod audit_seal;
pub mod audit_unsealed;
pub mod bank_account;
pub mod campaign;
pub mod campaign_version;
pub mod channel;
pub mod channel_health;
pub mod channel_health_change;
pub mod channel_latency;
pub mod channel_probe;
pub mod channel_traffic;
pub mod channel_version;
pub mod coupon;
pub mod coupon_template;
pub mod day;
pub mod event;
pub mod event_head;
pub mod export;
pub mod export_piece;
pub mod fee_rule;
pub mod grant_rule;
pub mod idempotency_key;
pub mod incident;
pub mod lease;
pub mod ledger_balance;
pub mod ledger_checkpoint;
pub mod ledger_entry;
pub mod ledger_transaction;
pub mod ledger_unfolded;
pub mod loyalty_run;
pub mod maintenance_window;
pub mod member;
pub mod member_change;
pub mod member_day;
pub mod member_grant;
pub mod member_import;
pub mod member_profile;
pub mod member_tag;
pub mod membership;
pub mod merchant;
pub mod message;
pub mod message_recipient;
pub mod notify_key;
pub mod offer_counter;
pub mod order;
pub mod order_line;
pub mod order_notify_url;
pub mod order_point;
pub mod order_timeline;
pub mod payment;
pub mod payout;
pub mod payout_challenge;
pub mod payout_record;
pub mod payout_schedule;
pub mod payout_terms;
pub mod point_entry;
pub mod point_lot;
pub mod points_program;
pub mod product;
pub mod reconciliation_item;
pub mod reconciliation_run;
pub mod recovery_code;
pub mod redemption;
pub mod refresh_token;
pub mod refund;
pub mod refund_line;
pub mod reward;
pub mod reward_redemption;
pub mod routing_policy;
pub mod routing_policy_version;
pub mod routing_target;
pub mod sandbox_outage;
pub mod second_factor;
pub mod segment;
pub mod segment_member;
pub mod settlement;
pub mod sign_in_delay;
pub mod signing_key;
pub mod staff;
pub mod staff_invitation;
pub mod statistic;
pub mod statistic_product;
pub mod statistics_position;
pub mod statistics_skip;
pub mod tier;
pub mod tier_change;
pub mod webhook_attempt;
pub mod webhook_delivery;
pub mod webhook_endpoint;
pub mod webhook_position;

pub use day::Day;
pub use ids::{
    ApiKeyId, AuditEntryId, BankAccountId, CampaignId, ChannelId, CouponBatchId, CouponId,
    CouponTemplateId, EventId, ExportId, FeeRuleId, HealthChangeId, IncidentId, InvitationId,
    LedgerTransactionId, MaintenanceWindowId, MemberChangeId, MemberGrantId, MemberId,
    MemberImportId, MerchantId, MessageId, MessageRecipientId, OrderId, PayoutChallengeId,
    PayoutId, PointEntryId, PointLotId, ProductId, ReconciliationItemId, ReconciliationRunId,
    RedemptionId, RefreshTokenId, RefundId, RewardId, RewardRedemptionId, SegmentId, SettlementId,
    StaffId, TierChangeId, TierId, TimelineEntryId, TokenFamilyId, WebhookDeliveryId,
    WebhookEndpointId,
};
/// An instant, stored as milliseconds since 1970 (UTC), the same on both databases.
pub use sea_orm::prelude::ChronoUnixTimestampMillis as Instant;

/// Writes `Entity::of(merchant)` for a table whose rows belong to a merchant.
macro_rules! of_merchant {
    () => {
        impl Entity {
            /// The rows of one merchant: where every query of this table starts.
            #[must_use]
            pub fn of(merchant_id: crate::MerchantId) -> sea_orm::Select<Self> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
                Self::find().filter(Column::MerchantId.eq(merchant_id))
            }

            /// An update of one merchant's rows.
            #[must_use]
            pub fn update_of(merchant_id: crate::MerchantId) -> sea_orm::UpdateMany<Self> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
                Self::update_many().filter(Column::MerchantId.eq(merchant_id))
            }

            /// A deletion of one merchant's rows.
            #[must_use]
            pub fn delete_of(merchant_id: crate::MerchantId) -> sea_orm::DeleteMany<Self> {
                use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
                Self::delete_many().filter(Column::MerchantId.eq(merchant_id))
            }
        }
    };
}
pub(crate) use of_merchant;
