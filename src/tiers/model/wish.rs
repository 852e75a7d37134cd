//! What a tier is to be, and what a person wants to give.

use entity::tier::{self, DowngradeRule};
use entity::{CouponTemplateId, Instant, MerchantId, TierId};

use super::check::LONGEST_NOTE;
use crate::invalid::{Invalid, check_text};

/// What a tier is to be, in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierWish {
    /// Its place.
    pub rank: i32,
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// Who has spent so much reaches it, in minor units.
    pub spend_minor: Option<i64>,
    /// Who has earned so many points reaches it.
    pub points: Option<i64>,
    /// Who has paid for so many orders reaches it.
    pub orders: Option<i64>,
    /// In so many days; none for all time.
    pub window_days: Option<i32>,
    /// How many days it is kept; none for ever.
    pub retention_days: Option<i32>,
    /// What becomes of who does not reach it any more.
    pub downgrade: DowngradeRule,
    /// What comes off at the checkout, in millionths.
    pub discount_ppm: i64,
    /// Whether that comes off only where nothing else does.
    pub discount_exclusive: bool,
    /// How many points are earned, in millionths of the usual ones.
    pub multiplier_ppm: i64,
    /// Points on the birthday.
    pub birthday_points: Option<i64>,
    /// A coupon on the birthday.
    pub birthday_template_id: Option<CouponTemplateId>,
    /// Whether they are served first.
    pub priority: bool,
    /// What else it brings, in words.
    pub perks: Option<String>,
    /// The same in English.
    pub perks_en: Option<String>,
}

/// A text without blanks around it; none where nothing is left.
fn said(text: Option<&String>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl TierWish {
    /// The tier as it is to be, of this id and version.
    #[must_use]
    pub fn tier(&self, (merchant_id, id): (MerchantId, TierId), now: Instant) -> tier::Model {
        tier::Model {
            merchant_id,
            id,
            rank: self.rank,
            name: self.name.trim().to_owned(),
            name_en: said(self.name_en.as_ref()),
            version: 1,
            spend_minor: self.spend_minor,
            points: self.points,
            orders: self.orders,
            window_days: self.window_days,
            retention_days: self.retention_days,
            downgrade: self.downgrade,
            discount_ppm: i32::try_from(self.discount_ppm).unwrap_or_default(),
            discount_exclusive: self.discount_exclusive,
            multiplier_ppm: i32::try_from(self.multiplier_ppm).unwrap_or_default(),
            birthday_points: self.birthday_points,
            birthday_template_id: self.birthday_template_id,
            priority: self.priority,
            perks: said(self.perks.as_ref()),
            perks_en: said(self.perks_en.as_ref()),
            updated_at: now,
            removed_at: None,
        }
    }
}

/// A tier that a person gives a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which; none for what they reach by themselves.
    pub tier_id: Option<TierId>,
    /// Until when it is kept; as long as the tier says where it is missing.
    pub until: Option<Instant>,
    /// Why.
    pub note: String,
}

impl Assignment {
    /// Whether it can be meant. Fields are named as in the input.
    pub fn check(&self, now: Instant) -> Result<(), Invalid> {
        check_text("reason", &self.note, LONGEST_NOTE)?;
        match self.until {
            Some(until) if until.0 <= now.0 => {
                Err(Invalid::new("until", "must lie ahead.", "须晚于当前时间。"))
            }
            Some(_) if self.tier_id.is_none() => Err(Invalid::new(
                "until",
                "says nothing where no tier is given.",
                "未指定等级时不可设置到期时间。",
            )),
            _ => Ok(()),
        }
    }
}
