//! Rows as the bulk loader writes them: one list of columns for each table, here and nowhere else.

use entity::bank_account::{BankAccountKind, BankAccountState};
use entity::campaign::{BenefitKind, CampaignState, RefundPolicy};
use entity::channel::{ChannelKind, FundsMode, HideWhen, PaymentMethod, SettlementCycle};
use entity::channel_health::{HealthCause, HealthState};
use entity::channel_latency::Measure;
use entity::channel_traffic::Grain;
use entity::coupon::{CouponOrigin, CouponState};
use entity::coupon_template::TemplateState;
use entity::incident::{IncidentState, Severity};
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::membership::Role;
use entity::merchant::{LatePaymentPolicy, MerchantStatus};
use entity::offer_counter::CounterKind;
use entity::order::{FulfillmentState, PaymentCodeKind, PaymentState, RefundState};
use entity::order_timeline::TimelineKind;
use entity::payout::{PayoutOrigin, PayoutStatus};
use entity::payout_record::PayoutRecordKind;
use entity::payout_schedule::PayoutCadence;
use entity::reconciliation_item::{ReconciliationKind, Resolution};
use entity::reconciliation_run::BillFormat;
use entity::redemption::{OfferKind, RedemptionState};
use entity::refund::{RefundKind, RefundReason, RefundStatus};
use entity::{
    BankAccountId, CampaignId, ChannelId, CouponBatchId, CouponId, CouponTemplateId, Day,
    FeeRuleId, HealthChangeId, IncidentId, Instant, LedgerTransactionId, MerchantId, OrderId,
    PayoutChallengeId, PayoutId, ProductId, ReconciliationItemId, ReconciliationRunId,
    RedemptionId, RefundId, SettlementId, StaffId, TimelineEntryId, bank_account, campaign,
    campaign_version, channel, channel_health, channel_health_change, channel_latency,
    channel_traffic, coupon, coupon_template, fee_rule, incident, ledger_balance,
    ledger_checkpoint, ledger_entry, ledger_transaction, membership, merchant, offer_counter,
    order, order_line, order_timeline, payment, payout, payout_record, payout_schedule,
    payout_terms, product, reconciliation_item, reconciliation_run, redemption, refund,
    refund_line, second_factor, settlement, staff,
};
use sea_orm::ActiveEnum;

/// What takes the values of a row, one after the other, in the order of the table's columns.
pub trait Cells {
    /// BIGINT.
    fn bigint(&mut self, value: i64);
    /// INTEGER.
    fn integer(&mut self, value: i32);
    /// SMALLINT.
    fn smallint(&mut self, value: i16);
    /// BOOLEAN.
    fn boolean(&mut self, value: bool);
    /// TEXT.
    fn text(&mut self, value: &str);
    /// BYTEA or BLOB.
    fn bytes(&mut self, value: &[u8]);
    /// No value.
    fn null(&mut self);
}

/// A row of a table.
pub trait Row: 'static {
    /// The table.
    const TABLE: &'static str;
    /// Its columns, in the order in which a row writes them.
    const COLUMNS: &'static [&'static str];
    /// Writes the values.
    fn write(&self, to: &mut impl Cells);
}

/// A value of a column.
trait Value {
    fn write(&self, to: &mut impl Cells);
}

impl Value for i64 {
    fn write(&self, to: &mut impl Cells) {
        to.bigint(*self);
    }
}

impl Value for i32 {
    fn write(&self, to: &mut impl Cells) {
        to.integer(*self);
    }
}

impl Value for i16 {
    fn write(&self, to: &mut impl Cells) {
        to.smallint(*self);
    }
}

impl Value for bool {
    fn write(&self, to: &mut impl Cells) {
        to.boolean(*self);
    }
}

impl Value for String {
    fn write(&self, to: &mut impl Cells) {
        to.text(self);
    }
}

impl Value for Vec<u8> {
    fn write(&self, to: &mut impl Cells) {
        to.bytes(self);
    }
}

impl Value for Instant {
    fn write(&self, to: &mut impl Cells) {
        to.bigint(self.0.timestamp_millis());
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, to: &mut impl Cells) {
        match self {
            Some(value) => value.write(to),
            None => to.null(),
        }
    }
}

impl Value for Day {
    fn write(&self, to: &mut impl Cells) {
        to.integer(self.0);
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl Value for $id {
            fn write(&self, to: &mut impl Cells) {
                to.bigint(self.0);
            }
        }
    )*};
}

macro_rules! enums {
    ($($name:ty),*) => {$(
        impl Value for $name {
            fn write(&self, to: &mut impl Cells) {
                to.text(&self.to_value());
            }
        }
    )*};
}

macro_rules! rows {
    ($($table:ident as $name:literal { $($column:ident)* })*) => {$(
        impl Row for $table::Model {
            const TABLE: &'static str = $name;
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn write(&self, to: &mut impl Cells) {
                $(Value::write(&self.$column, to);)*
            }
        }
    )*};
}

mod loyalty;

ids!(
    BankAccountId,
    CampaignId,
    CouponBatchId,
    CouponId,
    CouponTemplateId,
    RedemptionId,
    ChannelId,
    FeeRuleId,
    HealthChangeId,
    IncidentId,
    LedgerTransactionId,
    MerchantId,
    OrderId,
    PayoutChallengeId,
    PayoutId,
    ProductId,
    ReconciliationItemId,
    ReconciliationRunId,
    RefundId,
    SettlementId,
    StaffId,
    TimelineEntryId
);

enums!(
    BenefitKind,
    CampaignState,
    CounterKind,
    CouponOrigin,
    CouponState,
    OfferKind,
    RedemptionState,
    RefundPolicy,
    TemplateState,
    PayoutCadence,
    PayoutOrigin,
    PayoutRecordKind,
    PayoutStatus,
    BankAccountKind,
    BankAccountState,
    BillFormat,
    ChannelKind,
    Direction,
    FulfillmentState,
    FundsMode,
    Grain,
    HealthCause,
    HealthState,
    HideWhen,
    IncidentState,
    LatePaymentPolicy,
    LedgerAccount,
    LedgerSource,
    LedgerStep,
    Measure,
    MerchantStatus,
    PaymentCodeKind,
    PaymentMethod,
    PaymentState,
    ReconciliationKind,
    RefundKind,
    RefundReason,
    RefundState,
    RefundStatus,
    Resolution,
    Role,
    SettlementCycle,
    Severity,
    TimelineKind
);

rows! {
    merchant as "merchants" {
        id name time_zone currency locale status late_payment_policy created_at settlement_cycle
        settlement_days refund_approval_above_minor refund_approval_roles
        payout_approval_above_minor payout_approval_before_minor payout_approval_before_until
    }
    staff as "staff" { id email name password_hash created_at signed_out_at }
    second_factor as "second_factors" {
        staff_id sealed_secret confirmed_at pending_secret pending_at last_step failures
        blocked_until
    }
    bank_account as "bank_accounts" {
        merchant_id id kind bank_code sealed_holder masked_holder sealed_number number_hash last_four
        state channel_id bound_by bound_at check_lease check_attempts check_next_at check_asked_at
        check_through check_sent_at check_minor check_failures check_error verified_at payable_from unbound_at unbound_by
    }
    payout as "payouts" {
        merchant_id id bank_account_id channel_id currency amount_minor fee_minor net_minor state
        origin requested_by note challenge_id signature decided_by decided_at decision_note attempts
        lease sent_at sent_through accepted_at next_attempt_at needs_attention provider_payout_no
        error_code error
        expected_from_on expected_to_on paid_at returned_at closed_at closed_by returns_fee
        fee_returned_minor updated_at
    }
    payout_record as "payout_records" { merchant_id payout_id no kind happened_at actor note }
    payout_terms as "payout_terms" {
        merchant_id channel_id rate_ppm fixed_minor min_fee_minor max_fee_minor min_minor max_minor
        daily_max_minor cutoff_minute arrival_days_min arrival_days_max fee_returned updated_at
    }
    payout_schedule as "payout_schedules" {
        merchant_id bank_account_id cadence day at_minute retained_minor min_minor version set_by
        set_at paused next_at last_at last_outcome
    }
    membership as "memberships" { merchant_id staff_id role created_at }
    channel as "channels" {
        merchant_id id kind method name display_order enabled min_minor max_minor
        sealed_credentials created_at updated_at funds_mode settlement_cycle settlement_days
        refund_window_days refund_max_count refund_spacing_s refund_partial refund_returns_fee
        refund_arrival_days version daily_max_minor devices hide_when credentials_hint
        credentials_set_at sealed_previous_credentials previous_credentials_until
        pays_out_from
    }
    channel_traffic as "channel_traffic" {
        merchant_id channel_id grain starts_ms attempts attempted_minor paid paid_minor refused
        unavailable unreadable misconfigured
    }
    channel_latency as "channel_latencies" {
        merchant_id channel_id starts_ms measure bucket count
    }
    channel_health as "channel_health" {
        merchant_id channel_id state cause since judged_at attempts error_ppm success_ppm
        baseline_ppm candidate candidate_since flaps flapped_at override_state override_until
        override_by override_note
    }
    channel_health_change as "channel_health_changes" {
        merchant_id id channel_id from_state to_state cause changed_by changed_at
    }
    incident as "incidents" {
        merchant_id id channel_id state severity cause opened_at worsened_at acknowledged_at
        acknowledged_by note resolved_at attempts failed expected_paid paid at_risk_minor
        fallback_channel_id fallback_success_ppm
    }
    product as "products" { merchant_id id title category }
    order as "orders" {
        merchant_id id merchant_order_no title currency amount_minor discount_minor paid_minor
        channel_id method country payment_state refund_state fulfillment_state late
        provider_trade_no paid_at expires_at closed_at fulfilled_at payment_code_kind payment_code
        sealed_buyer next_query_at query_attempts updated_at refunded_minor refunding_minor
        member_id tier_id
    }
    order_line as "order_lines" {
        merchant_id order_id line_no product_id title category quantity fulfilled_quantity
        unit_price_minor discount_minor
    }
    order_timeline as "order_timeline" {
        merchant_id order_id id kind actor note occurred_at
    }
    fee_rule as "fee_rules" {
        merchant_id id version name channel_id method country min_amount_minor max_amount_minor
        rate_ppm fixed_minor min_fee_minor max_fee_minor effective_from effective_to created_by
        created_at
    }
    payment as "payments" {
        merchant_id order_id channel_id method country currency paid_minor credited_at funds_mode
        fee_rule_id fee_rule_version fee_rate_ppm fee_fixed_minor fee_min_minor fee_max_minor
        fee_minor returns_fee fee_returned_minor settles_on unsettled_minor
        pending_reserved_minor settlement_id
    }
    refund as "refunds" {
        merchant_id id kind order_id member_id channel_id method provider_trade_no reconciliation_item_id
        currency amount_minor state reason reason_text requested_by decided_by decided_at round
        attempts lease sent_at sent_through next_attempt_at needs_attention provider_refund_no
        error_code error fee_returned_minor succeeded_at updated_at
    }
    refund_line as "refund_lines" { merchant_id refund_id line_no quantity amount_minor }
    reconciliation_run as "reconciliation_runs" {
        merchant_id id channel_id format bill_on file_hash rows matched differences carried
        imported_by imported_at
    }
    reconciliation_item as "reconciliation_items" {
        merchant_id id kind reference channel_id order_id refund_id payout_id run_id
        provider_trade_no expected_minor received_minor currency detail carried created_at resolved_at resolved_by
        resolution resolution_note
    }
    settlement as "settlements" {
        merchant_id id channel_id currency amount_minor payments settles_on released_at
    }
    ledger_transaction as "ledger_transactions" {
        merchant_id id source source_id step round currency amount_minor posted_at
        note
    }
    ledger_entry as "ledger_entries" { merchant_id transaction_id account direction amount_minor }
    ledger_checkpoint as "ledger_checkpoints" {
        merchant_id before_id pending_minor available_minor reserved_minor prepaid_minor
        channel_clearing_minor fee_income_minor payout_clearing_minor adjustment_minor
    }
    ledger_balance as "ledger_balances" {
        merchant_id pending_minor available_minor available_floor_minor reserved_minor
        prepaid_minor channel_clearing_minor fee_income_minor payout_clearing_minor
        adjustment_minor
    }
    campaign as "campaigns" {
        merchant_id id name state version kind rules starts_at ends_at holdout_ppm refund_policy
        created_by updated_at activated_at ended_at next_at
    }
    campaign_version as "campaign_versions" {
        merchant_id campaign_id version name rules starts_at ends_at holdout_ppm refund_policy
        changed_by changed_at
    }
    coupon_template as "coupon_templates" {
        merchant_id id name state version kind rules valid_from valid_until valid_days quantity
        per_member claim_code refund_policy created_by updated_at
    }
    coupon as "coupons" {
        merchant_id id template_id batch_id code member_id state origin valid_from valid_until
        order_id used_at voided_at voided_by void_reason
    }
    redemption as "redemptions" {
        merchant_id id order_id offer offer_id version coupon_id member_id state off_minor shares
        day counted sales_minor newcomer reserved_at committed_at rolled_back_at
    }
    offer_counter as "offer_counters" {
        merchant_id kind offer_id span taken spent_minor most budget_minor
    }
}

#[cfg(test)]
mod tests;
