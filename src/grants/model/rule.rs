//! What a rule may say, and why it is not set.

use entity::CouponTemplateId;
use entity::grant_rule::GrantKind;

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// How many points are given at the most.
const MOST_POINTS: i64 = 1_000_000;
/// How many days ahead.
const MOST_DAYS: i32 = 60;

/// What a rule is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDraft {
    /// Which day.
    pub kind: GrantKind,
    /// Whether anything is given.
    pub enabled: bool,
    /// Points.
    pub points: Option<i64>,
    /// A coupon of this template.
    pub template_id: Option<CouponTemplateId>,
    /// How many days ahead.
    pub days_before: i32,
}

impl RuleDraft {
    /// Whether it can be meant. A rule for birthdays may give nothing itself: what tiers bring is given by it.
    pub fn check(&self) -> Result<(), Invalid> {
        if !self
            .points
            .is_none_or(|points| (1..=MOST_POINTS).contains(&points))
        {
            return Err(Invalid::new(
                "points",
                "is from 1 to 1,000,000; leave it out for none.",
                "须为 1 至 1000000，不赠积分时请省略。",
            ));
        }
        if !(0..=MOST_DAYS).contains(&self.days_before) {
            return Err(Invalid::new(
                "daysBefore",
                "is from 0 to 60.",
                "须为 0 至 60。",
            ));
        }
        let gives = self.points.is_some() || self.template_id.is_some();
        if self.enabled && !gives && self.kind == GrantKind::Anniversary {
            return Err(Invalid::new(
                "enabled",
                "needs something to give: `points`, `couponTemplateId` or both.",
                "启用前须设置 `points` 或 `couponTemplateId`。",
            ));
        }
        Ok(())
    }
}

/// Why a rule is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// There is no such coupon template.
    TemplateNotFound,
}

impl Refusal for SetRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::VersionConflict { current } => Problem::new(
                format!("It has version {current} by now: read it again."),
                format!("该规则已更新至版本 {current}，请刷新后重试。"),
            ),
            Self::TemplateNotFound => {
                Problem::new("There is no such coupon template.", "优惠券模板不存在。")
            }
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::VersionConflict { .. } => "expectedVersion",
            Self::TemplateNotFound => "couponTemplateId",
        };
        Some(field.to_owned())
    }
}
