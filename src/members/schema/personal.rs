//! What names a member, and what they have bought, as clients see it.

use async_graphql::{Context, SimpleObject};
use chrono::Days;
use entity::{Day, member};

use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::scalars::Timestamp;
use crate::members::model::{Birthday, Profile};
use crate::members::service::Bought;
use crate::merchant::Merchant;
use crate::money::Money;

/// What somebody noted of a member: `***` for who may not see what names people, since nobody knows what stands in it.
pub fn noted(ctx: &Context<'_>, note: Option<&str>) -> Result<Option<String>, Error> {
    let masked = !ctx.actor()?.may(Scope::PersonalRead);
    Ok(note.map(|note| if masked { "***" } else { note }.to_owned()))
}

/// A birthday 生日.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct MemberBirthday {
    /// The month, 1 to 12.
    pub month: i32,
    /// The day; null without `personal:read`.
    pub day: Option<i32>,
    /// The year, where it is known; null without `personal:read`.
    pub year: Option<i32>,
}

impl MemberBirthday {
    /// A member's birthday: the month alone where it is masked.
    #[must_use]
    pub fn of(number: i32, profile: &Profile, masked: bool) -> Option<Self> {
        let Birthday { month, day, year } = Birthday::of_number(number, profile.birth_year)?;
        Some(Self {
            month: i32::try_from(month).ok()?,
            day: i32::try_from(day).ok().filter(|_| !masked),
            year: year.filter(|_| !masked),
        })
    }
}

/// What a member buys 消费画像: how recently, how often, for how much. Orders that were refunded in full do not count,
/// and what was refunded otherwise is taken off.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct MemberConsumption {
    /// Days since they last paid 最近消费距今天数, in the merchant's time zone: 0 where it was today.
    pub recency_days: Option<i32>,
    /// How many orders they have paid 支付笔数.
    pub orders: i64,
    /// What they have paid for these 累计消费.
    pub spent: Money,
    /// What they pay for an order on average 客单价, rounded down; null where there is none.
    pub average_order_value: Option<Money>,
    /// How many of the orders were paid in the last 365 days, today among them 近一年支付笔数.
    pub orders_last_year: i64,
    /// What they have paid for those 近一年消费.
    pub spent_last_year: Money,
    /// When the first of their orders was paid 首次支付时间.
    pub first_paid_at: Option<Timestamp>,
    /// When the last one was 最近支付时间.
    pub last_paid_at: Option<Timestamp>,
}

/// The first of the last 365 days of a merchant.
#[must_use]
pub fn a_year_ago(now: entity::Instant, merchant: &Merchant) -> Day {
    let today = now.0.with_timezone(&merchant.zone).date_naive();
    Day::from(today.checked_sub_days(Days::new(364)).unwrap_or(today))
}

impl MemberConsumption {
    /// What a member buys.
    #[must_use]
    pub fn of(
        row: &member::Model,
        last_year: Bought,
        merchant: &Merchant,
        now: entity::Instant,
    ) -> Self {
        let money = |minor| Money::of_minor(minor, merchant.currency);
        let day = |at: entity::Instant| at.0.with_timezone(&merchant.zone).date_naive();
        let recency = row.last_paid_at.map(|at| (day(now) - day(at)).num_days());
        Self {
            recency_days: recency.and_then(|days| i32::try_from(days.max(0)).ok()),
            orders: row.paid_orders,
            spent: money(row.spent_minor),
            average_order_value: row.spent_minor.checked_div(row.paid_orders).map(money),
            orders_last_year: last_year.orders,
            spent_last_year: money(last_year.spent_minor),
            first_paid_at: row.first_paid_at.map(Timestamp::from),
            last_paid_at: row.last_paid_at.map(Timestamp::from),
        }
    }
}
