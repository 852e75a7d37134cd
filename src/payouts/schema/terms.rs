//! Payout terms as clients see them.

use async_graphql::{Context, SimpleObject};
use chrono::NaiveTime;
use entity::MerchantId;

use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::money::Money;
use crate::payouts::model::{approval_above, approval_changes_at};
use crate::payouts::service;

/// What payouts cost, how much may leave, and when it arrives 提现条款. The platform's staff sets them.
#[derive(Clone, Debug, SimpleObject)]
pub struct PayoutTerms {
    /// The fee's share of the amount 费率: 0.001 is 0.1 %.
    pub rate: DecimalText,
    /// The fee's fixed part 固定手续费.
    pub fixed_fee: Money,
    /// The least fee 最低手续费.
    pub min_fee: Option<Money>,
    /// The highest fee 手续费封顶.
    pub max_fee: Option<Money>,
    /// The least amount of a payout 单笔最低.
    pub min_amount: Money,
    /// The highest amount of a payout 单笔最高.
    pub max_amount: Money,
    /// The highest sum of a day in the merchant's zone 单日上限.
    pub daily_limit: Option<Money>,
    /// The time of day from which on a payout counts as asked for on the next working day 截止时间: `17:00`.
    pub cutoff: String,
    /// Working days until it arrives, at the earliest.
    pub arrival_days_min: i32,
    /// Working days until it arrives, at the latest.
    pub arrival_days_max: i32,
    /// Whether the fee comes back with a payout that the bank returned.
    pub fee_returned: bool,
    /// Payouts above this amount wait for a second person 审批限额; none where none do.
    pub approval_above: Option<Money>,
    /// When that becomes `approvalAboveThen`: it was raised or taken away a while ago. None where nothing changes.
    pub approval_changes_at: Option<Timestamp>,
    /// Payouts above this amount wait for a second person from then on; none where none will, or nothing changes.
    pub approval_above_then: Option<Money>,
}

/// The terms of the merchant of who asks, and above which amount a second person has to agree.
pub(super) async fn load(ctx: &Context<'_>, merchant_id: MerchantId) -> Result<PayoutTerms, Error> {
    let merchant = crate::merchant::find(ctx.app(), merchant_id).await?;
    let terms = service::terms(ctx.app(), merchant_id).await?;
    let money = |minor| Money::of_minor(minor, merchant.currency);
    let now = ctx.app().clock.now();
    let changes_at = approval_changes_at(&merchant.row, now);
    Ok(PayoutTerms {
        rate: DecimalText(terms.tariff.rate()),
        fixed_fee: money(terms.tariff.fixed_minor),
        min_fee: terms.tariff.min_minor.map(money),
        max_fee: terms.tariff.max_minor.map(money),
        min_amount: money(terms.min_minor),
        max_amount: money(terms.max_minor),
        daily_limit: terms.daily_max_minor.map(money),
        cutoff: time_of_day(terms.cutoff_minute),
        arrival_days_min: i32::from(terms.arrival_days.0),
        arrival_days_max: i32::from(terms.arrival_days.1),
        fee_returned: terms.fee_returned,
        approval_above: approval_above(&merchant.row, now).map(money),
        approval_changes_at: changes_at.map(Timestamp::from),
        approval_above_then: changes_at
            .and(merchant.row.payout_approval_above_minor)
            .map(money),
    })
}

/// A minute of the day as people read it; the last is `24:00`.
pub(super) fn time_of_day(minute: i16) -> String {
    let seconds = u32::try_from(minute).unwrap_or(0) * 60;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).map_or_else(
        || "24:00".to_owned(),
        |time| time.format("%H:%M").to_string(),
    )
}
