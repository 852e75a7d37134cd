//! A payout 提现: money out to the merchant's bank account. Its id's digits are its number at the payment platform.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{BankAccountId, ChannelId, Day, Instant, MerchantId, PayoutChallengeId, PayoutId};

/// Where a payout stands 提现状态.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PayoutStatus {
    /// 待审批: a second person has to agree.
    AwaitingApproval,
    /// 已驳回: the second person said no; the money is back.
    Rejected,
    /// 处理中: the platform is asked, or works on it.
    Processing,
    /// 结果未知: the platform gave no clear answer; it is asked again, never sent anew.
    Unknown,
    /// 已到账: the bank has it.
    Paid,
    /// 失败: the platform refused; the money is back.
    Failed,
    /// 已取消: called off before it was sent; the money is back.
    Canceled,
    /// 退票: the bank returned it; the money is back.
    Returned,
}

/// Who or what asked for a payout.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PayoutOrigin {
    /// 手动: a member of staff.
    Person,
    /// 自动: the merchant's schedule.
    Schedule,
}

/// A payout 提现: money out to the merchant's bank account. Its id's digits are its number at the payment platform.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payouts")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PayoutId,
    /// Where the money goes.
    pub bank_account_id: BankAccountId,
    /// The channel whose platform pays it out.
    pub channel_id: ChannelId,
    /// ISO 4217.
    pub currency: String,
    /// What leaves the balance, in minor units: net and fee.
    pub amount_minor: i64,
    /// The fee, in minor units.
    pub fee_minor: i64,
    /// What arrives at the bank, in minor units.
    pub net_minor: i64,
    /// Where it stands.
    pub state: PayoutStatus,
    /// Who or what asked for it.
    pub origin: PayoutOrigin,
    /// Who asked for it.
    pub requested_by: String,
    /// Why, in words.
    pub note: Option<String>,
    /// What was signed; none where a schedule asked.
    pub challenge_id: Option<PayoutChallengeId>,
    /// A keyed hash of account, number, amount and fee as they were signed, and of who agreed; compared before it
    /// is sent.
    pub signature: Vec<u8>,
    /// Who approved or rejected it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
    /// Why, in words.
    pub decision_note: Option<String>,
    /// How often it was sent or asked about.
    pub attempts: i32,
    /// Counts claims: an outcome counts under the last alone.
    pub lease: i32,
    /// When it was last sent.
    pub sent_at: Option<Instant>,
    /// A hash of the platform and the account there that it was first sent through: no other is asked about it. None
    /// where it was never sent.
    pub sent_through: Option<Vec<u8>>,
    /// When the platform first said that it had taken it on; none where it never did.
    pub accepted_at: Option<Instant>,
    /// When it is sent or asked about next; none where it is not.
    pub next_attempt_at: Option<Instant>,
    /// Whether a person has to look at it.
    pub needs_attention: bool,
    /// The platform's own number.
    pub provider_payout_no: Option<String>,
    /// The platform's code for what went wrong.
    pub error_code: Option<String>,
    /// What went wrong, in words.
    pub error: Option<String>,
    /// The day on which it is expected at the earliest; none where the calendar does not reach so far.
    pub expected_from_on: Option<Day>,
    /// The day on which it is expected at the latest; none where the calendar does not reach so far.
    pub expected_to_on: Option<Day>,
    /// When the bank had it.
    pub paid_at: Option<Instant>,
    /// When the bank returned it.
    pub returned_at: Option<Instant>,
    /// When it failed or was called off.
    pub closed_at: Option<Instant>,
    /// Who called it off, or said that it failed: a member of staff, `provider` or `platform`.
    pub closed_by: Option<String>,
    /// Whether its fee comes back where the bank returns it, as the terms were when it was asked for.
    pub returns_fee: bool,
    /// How much of the fee came back with it, in minor units.
    pub fee_returned_minor: i64,
    /// When it last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Payouts that a worker has to take up, of all merchants: the payout worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAttemptAt.lte(now))
    }

    /// Payouts that may still be sent, of all merchants: what is signed again when the master key changes.
    #[must_use]
    pub fn in_flight() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::State.is_in([
            PayoutStatus::AwaitingApproval,
            PayoutStatus::Processing,
            PayoutStatus::Unknown,
        ]))
    }
}
