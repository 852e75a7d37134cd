//! What somebody wants a reward to be, or to become: checked before it is kept.

use chrono::{DateTime, Utc};
use entity::reward::{Model, RewardKind, RewardState};
use entity::{CouponTemplateId, Instant};

use super::refusal::UpdateRefusal;
use crate::invalid::{Invalid, check_name};

/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// Characters of a description.
const LONGEST_DESCRIPTION: usize = 1_000;
/// How many points a reward takes at the most.
const MOST_POINTS: i64 = 1_000_000_000;
/// How many there may be of one.
const MOST_STOCK: i64 = 10_000_000;
/// How many one member may have at the most.
const MOST_PER_MEMBER: i64 = 1_000;

/// What people read of a reward, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The same in English.
    pub description_en: Option<String>,
}

/// A reward that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardDraft {
    /// What people read.
    pub texts: Texts,
    /// What sort of thing it is.
    pub kind: RewardKind,
    /// Of which coupons, where it is one.
    pub template_id: Option<CouponTemplateId>,
    /// How many points it takes.
    pub points: i64,
    /// How many there are; none for any number.
    pub stock: Option<i64>,
    /// How many one member may have; none for any number.
    pub per_member: Option<i64>,
    /// From when it can be had.
    pub starts_at: Option<Instant>,
    /// Until before when.
    pub ends_at: Option<Instant>,
}

/// What is to be changed of a reward; what is none stays as it is, and an inner none takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewardChange {
    /// Its name.
    pub name: Option<String>,
    /// Its name in English.
    pub name_en: Option<Option<String>>,
    /// What it is.
    pub description: Option<Option<String>>,
    /// The same in English.
    pub description_en: Option<Option<String>>,
    /// Whether it can be had.
    pub state: Option<RewardState>,
    /// How many points it takes from now on.
    pub points: Option<i64>,
    /// How many there are.
    pub stock: Option<Option<i64>>,
    /// How many one member may have.
    pub per_member: Option<Option<i64>>,
    /// From when it can be had.
    pub starts_at: Option<Option<Instant>>,
    /// Until before when.
    pub ends_at: Option<Option<Instant>>,
}

impl RewardDraft {
    /// The reward as it is to be, its texts trimmed.
    pub fn check(mut self, now: DateTime<Utc>) -> Result<Self, Invalid> {
        self.texts = self.texts.check()?;
        let wants_template = self.kind == RewardKind::Coupon;
        if wants_template && self.template_id.is_none() {
            return Err(Invalid::new(
                "couponTemplateId",
                "is missing: of which template is the coupon?",
                "不能为空：请选择优惠券模板。",
            ));
        }
        if !wants_template && self.template_id.is_some() {
            return Err(Invalid::new(
                "couponTemplateId",
                "is for rewards of the kind COUPON only.",
                "仅适用于优惠券类商品。",
            ));
        }
        check_numbers(self.points, self.stock, self.per_member)?;
        check_times(self.starts_at, self.ends_at)?;
        if self.ends_at.is_some_and(|end| end.0 <= now) {
            return Err(is_past());
        }
        Ok(self)
    }
}

impl RewardChange {
    /// What becomes of a reward.
    pub fn apply(&self, before: &Model, now: DateTime<Utc>) -> Result<Model, UpdateRefusal> {
        let after = self.applied(before.clone(), now)?;
        if before.state == RewardState::Ended && after != *before {
            return Err(UpdateRefusal::Ended);
        }
        Ok(after)
    }

    fn applied(&self, mut row: Model, now: DateTime<Utc>) -> Result<Model, UpdateRefusal> {
        let texts = Texts {
            name: self.name.clone().unwrap_or(row.name),
            name_en: self.name_en.clone().unwrap_or(row.name_en),
            description: self.description.clone().unwrap_or(row.description),
            description_en: self.description_en.clone().unwrap_or(row.description_en),
        };
        let texts = texts.check()?;
        row.name = texts.name;
        row.name_en = texts.name_en;
        row.description = texts.description;
        row.description_en = texts.description_en;
        row.state = self.state.unwrap_or(row.state);
        row.points = self.points.unwrap_or(row.points);
        row.stock = self.stock.unwrap_or(row.stock);
        row.per_member = self.per_member.unwrap_or(row.per_member);
        check_numbers(row.points, row.stock, row.per_member)?;
        if row.stock.is_some_and(|stock| stock < row.taken) {
            return Err(UpdateRefusal::StockBelowTaken { taken: row.taken });
        }
        let ends_before = row.ends_at;
        row.starts_at = self.starts_at.unwrap_or(row.starts_at);
        row.ends_at = self.ends_at.unwrap_or(row.ends_at);
        check_times(row.starts_at, row.ends_at)?;
        if row.ends_at != ends_before && row.ends_at.is_some_and(|end| end.0 <= now) {
            return Err(is_past().into());
        }
        Ok(row)
    }
}

impl Texts {
    /// What blank texts say is nothing.
    fn check(self) -> Result<Self, Invalid> {
        let trimmed = |text: Option<String>| {
            let text = text.map(|text| text.trim().to_owned());
            text.filter(|text| !text.is_empty())
        };
        let texts = Self {
            name: self.name.trim().to_owned(),
            name_en: trimmed(self.name_en),
            description: trimmed(self.description),
            description_en: trimmed(self.description_en),
        };
        check_name("name", &texts.name, LONGEST_NAME)?;
        if let Some(name) = &texts.name_en {
            check_name("nameEn", name, LONGEST_NAME)?;
        }
        for (field, text) in [
            ("description", &texts.description),
            ("descriptionEn", &texts.description_en),
        ] {
            let is_fine = |text: &String| {
                text.chars().count() <= LONGEST_DESCRIPTION
                    && !text.contains(|letter: char| letter.is_control() && letter != '\n')
            };
            if !text.as_ref().is_none_or(is_fine) {
                return Err(Invalid::new(
                    field,
                    format!("is at most {LONGEST_DESCRIPTION} characters of text."),
                    format!("最多 {LONGEST_DESCRIPTION} 个字符。"),
                ));
            }
        }
        Ok(texts)
    }
}

fn check_numbers(points: i64, stock: Option<i64>, per_member: Option<i64>) -> Result<(), Invalid> {
    if !(1..=MOST_POINTS).contains(&points) {
        return Err(Invalid::new(
            "points",
            "is from 1 to 1,000,000,000.",
            "须为 1 至 1000000000。",
        ));
    }
    if !stock.is_none_or(|stock| (0..=MOST_STOCK).contains(&stock)) {
        return Err(Invalid::new(
            "stock",
            "is from 0 to 10,000,000; leave it out for any number.",
            "须为 0 至 10000000，不限量时请省略。",
        ));
    }
    if !per_member.is_none_or(|most| (1..=MOST_PER_MEMBER).contains(&most)) {
        return Err(Invalid::new(
            "perMember",
            "is from 1 to 1,000; leave it out for any number.",
            "须为 1 至 1000，不限时请省略。",
        ));
    }
    Ok(())
}

fn check_times(starts_at: Option<Instant>, ends_at: Option<Instant>) -> Result<(), Invalid> {
    match (starts_at, ends_at) {
        (Some(start), Some(end)) if end.0 <= start.0 => Err(Invalid::new(
            "endsAt",
            "must be after `startsAt`.",
            "须晚于 `startsAt`。",
        )),
        _ => Ok(()),
    }
}

fn is_past() -> Invalid {
    Invalid::new(
        "endsAt",
        "lies in the past: end the reward with the state ENDED.",
        "已过：请将状态设为 ENDED 以下架。",
    )
}
