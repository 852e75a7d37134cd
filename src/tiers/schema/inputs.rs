//! What clients send about tiers.

use async_graphql::{ID, InputObject};
use entity::Instant;
use rust_decimal::Decimal;

use super::object::TierDowngrade;
use crate::graphql::scalars::{DecimalText, MoneyInput, Timestamp, read_id};
use crate::invalid::Invalid;
use crate::members::schema::MemberByInput;
use crate::money::Currency;
use crate::orders::schema::inputs::read_money;
use crate::tiers::model::{Assignment, TierWish};

/// What a tier takes 升级门槛: any one of the thresholds is enough. Without any it is given by people alone.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct TierThresholdsInput {
    /// Who has spent so much reaches it, net of refunds.
    pub spend: Option<MoneyInput>,
    /// Who has earned so many points by orders reaches it.
    pub points: Option<i64>,
    /// Who has paid for so many orders reaches it.
    pub orders: Option<i64>,
    /// In so many days, today included: 1 to 3650; for all time where it is missing.
    pub window_days: Option<i32>,
}

/// What a tier brings 等级权益.
#[derive(Clone, Debug, Default, InputObject)]
pub struct TierBenefitsInput {
    /// How many percent come off at the checkout, 0 to 99, at most 4 decimals: "5" is 九五折. None where it is missing.
    pub discount_percent: Option<DecimalText>,
    /// Whether that comes off only where nothing else does.
    #[graphql(default)]
    pub exclusive: bool,
    /// How many times the usual points are earned, 0 to 100, at most 6 decimals; once where it is missing.
    pub points_multiplier: Option<DecimalText>,
    /// Points on the birthday.
    pub birthday_points: Option<i64>,
    /// The template of a coupon on the birthday.
    pub birthday_template_id: Option<ID>,
    /// Whether they are served first.
    #[graphql(default)]
    pub priority: bool,
    /// What else it brings, in words, at most 500 characters.
    pub perks: Option<String>,
    /// The same in English.
    pub perks_en: Option<String>,
}

/// A tier as it is to be, in full 设置等级.
#[derive(Clone, Debug, InputObject)]
pub struct TierSetInput {
    /// Which; a new one where it is missing.
    pub id: Option<ID>,
    /// The version that it has, as you know it, so that nobody's change is lost. Wanted with `id`.
    pub expected_version: Option<i32>,
    /// Its place, 1 to 1000: the higher, the better. Each tier has its own.
    pub rank: i32,
    /// Its name, at most 40 characters.
    pub name: String,
    /// Its name in English, at most 40 characters.
    pub name_en: Option<String>,
    /// What it takes; it is given by people alone where it is missing.
    pub thresholds: Option<TierThresholdsInput>,
    /// What it brings.
    pub benefits: Option<TierBenefitsInput>,
    /// How many whole days it is kept behind the one on which it was reached, 1 to 3650; for ever where it is missing.
    pub retention_days: Option<i32>,
    /// What becomes of who does not reach it any more then.
    #[graphql(default_with = "TierDowngrade::Qualified")]
    pub downgrade: TierDowngrade,
}

/// A decimal below a thousand as a whole number of its last place.
fn scaled(field: &str, given: DecimalText, places: u32) -> Result<i64, Invalid> {
    let mut scaled = given.0.normalize();
    let is_exact = scaled.scale() <= places && scaled < Decimal::ONE_THOUSAND;
    scaled.rescale(places);
    let whole = i64::try_from(scaled.mantissa()).ok();
    whole.filter(|_| is_exact).ok_or_else(|| {
        Invalid::new(
            field,
            format!("is less than 1000 and has at most {places} decimals."),
            format!("须小于 1000，且最多 {places} 位小数。"),
        )
    })
}

impl TierSetInput {
    pub(super) fn read(self, currency: Currency) -> Result<TierWish, Invalid> {
        let thresholds = self.thresholds.unwrap_or_default();
        let benefits = self.benefits.unwrap_or_default();
        let spend = thresholds
            .spend
            .map(|money| read_money(money, "thresholds.spend", currency));
        let percent = benefits.discount_percent;
        let times = benefits.points_multiplier;
        let template = benefits.birthday_template_id;
        Ok(TierWish {
            rank: self.rank,
            name: self.name,
            name_en: self.name_en,
            spend_minor: spend.transpose()?,
            points: thresholds.points,
            orders: thresholds.orders,
            window_days: thresholds.window_days,
            retention_days: self.retention_days,
            downgrade: self.downgrade.into(),
            discount_ppm: percent.map_or(Ok(0), |it| scaled("benefits.discountPercent", it, 4))?,
            discount_exclusive: benefits.exclusive,
            multiplier_ppm: times.map_or(Ok(1_000_000), |it| {
                scaled("benefits.pointsMultiplier", it, 6)
            })?,
            birthday_points: benefits.birthday_points,
            birthday_template_id: template
                .map(|id| read_id("benefits.birthdayTemplateId", &id))
                .transpose()?,
            priority: benefits.priority,
            perks: benefits.perks,
            perks_en: benefits.perks_en,
        })
    }
}

/// A tier to be taken away 取消等级.
#[derive(Clone, Debug, InputObject)]
pub struct TierRemoveInput {
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it.
    pub expected_version: i32,
}

/// A tier to be given to a member 调整会员等级.
#[derive(Clone, Debug, InputObject)]
pub struct MemberTierSetInput {
    /// To whom: exactly one of their names.
    pub member: MemberByInput,
    /// Which, not below what they reach by themselves; what they reach where it is missing.
    pub tier_id: Option<ID>,
    /// Until when it is kept whatever happens; as long as the tier says where it is missing.
    pub until: Option<Timestamp>,
    /// Why, at most 200 characters.
    pub reason: String,
}

impl MemberTierSetInput {
    /// What is wanted; none where `tierId` is no tier's.
    pub(super) fn read(&self) -> Option<Assignment> {
        let tier_id = self.tier_id.as_ref().map(|id| id.parse());
        Some(Assignment {
            tier_id: tier_id.transpose().ok()?,
            until: self.until.map(|at| Instant(at.0)),
            note: self.reason.clone(),
        })
    }
}
