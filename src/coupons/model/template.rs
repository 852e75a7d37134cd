//! What a template may be, and what may become of it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::Instant;
use entity::campaign::RefundPolicy;
use entity::coupon_template::{Model, TemplateState};
use serde::{Deserialize, Serialize};

use super::code::read_claim_code;
use crate::campaigns::model::{Limits, Rules};
use crate::invalid::{Invalid, check_name};

/// Characters of a name.
const LONGEST_NAME: usize = 60;
/// How many coupons a template may have.
pub const MOST_COUPONS: i64 = 10_000_000;
/// How many coupons one member may get at the most.
pub const MOST_PER_MEMBER: i64 = 1_000;
/// For how many days coupons may hold.
const MOST_DAYS: i32 = 3_650;
/// The group that a template's coupons are in where nothing is said: an order takes one of them.
pub const GROUP: &str = "coupon";

/// For how long coupons hold 有效期.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Validity {
    /// Until an instant, from another one on or from when they are handed out.
    Fixed {
        /// From when.
        from: Option<DateTime<Utc>>,
        /// Until before when.
        until: DateTime<Utc>,
    },
    /// To the end of the day so many days after they were handed out.
    Days(i32),
}

/// A template that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateDraft {
    /// What payers are shown.
    pub name: String,
    /// What a coupon gives.
    pub rules: Rules,
    /// For how long.
    pub validity: Validity,
    /// How many there are.
    pub quantity: i64,
    /// How many one member may get.
    pub per_member: Option<i64>,
    /// By which code members claim one.
    pub claim_code: Option<String>,
    /// What a full refund does.
    pub refund_policy: RefundPolicy,
}

/// What is to be changed of a template; what is missing stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateChange {
    /// What payers are shown.
    pub name: Option<String>,
    /// Whether coupons are handed out.
    pub state: Option<TemplateState>,
    /// How many there are.
    pub quantity: Option<i64>,
    /// How many one member may get; an inner none for as many as there are.
    pub per_member: Option<Option<i64>>,
    /// By which code members claim one; an inner none for no code.
    pub claim_code: Option<Option<String>>,
    /// What a full refund does.
    pub refund_policy: Option<RefundPolicy>,
}

/// Why a template is not changed by what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoChange {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It has ended, for good.
    Ended,
    /// So many are handed out already.
    BelowIssued(i64),
}

impl From<Invalid> for NoChange {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl TemplateDraft {
    /// The template as it is to be, its texts trimmed and its code in capitals.
    pub fn check(mut self, now: DateTime<Utc>) -> Result<Self, Invalid> {
        check_name("name", &self.name, LONGEST_NAME)?;
        self.name = self.name.trim().to_owned();
        self.rules.check()?;
        if self.rules.limits != Limits::default() {
            return Err(Invalid::new(
                "rules.limits",
                "is not for coupons: `quantity` and `perMember` limit them.",
                "不适用于优惠券：数量由 `quantity` 与 `perMember` 限定。",
            ));
        }
        check_validity(self.validity, now)?;
        check_quantity(self.quantity)?;
        check_per_member(self.per_member)?;
        self.claim_code = self
            .claim_code
            .as_deref()
            .map(check_claim_code)
            .transpose()?;
        Ok(self)
    }
}

impl TemplateChange {
    /// What becomes of a template of which so many coupons are handed out.
    pub fn apply(&self, mut row: Model, issued: i64) -> Result<Model, NoChange> {
        if let Some(name) = &self.name {
            check_name("name", name, LONGEST_NAME)?;
            row.name = name.trim().to_owned();
        }
        if let Some(state) = self.state {
            if row.state == TemplateState::Ended && state != TemplateState::Ended {
                return Err(NoChange::Ended);
            }
            row.state = state;
        }
        if let Some(quantity) = self.quantity {
            check_quantity(quantity)?;
            if quantity < issued {
                return Err(NoChange::BelowIssued(issued));
            }
            row.quantity = quantity;
        }
        if let Some(per_member) = self.per_member {
            check_per_member(per_member)?;
            row.per_member = per_member;
        }
        if let Some(code) = &self.claim_code {
            row.claim_code = code.as_deref().map(check_claim_code).transpose()?;
        }
        if let Some(policy) = self.refund_policy {
            row.refund_policy = policy;
        }
        Ok(row)
    }
}

fn check_validity(validity: Validity, now: DateTime<Utc>) -> Result<(), Invalid> {
    match validity {
        Validity::Fixed { until, .. } if until <= now => Err(Invalid::new(
            "validity.fixed.until",
            "is over already.",
            "已过。",
        )),
        Validity::Fixed { until, .. } if until > now + TimeDelta::days(MOST_DAYS.into()) => {
            Err(Invalid::new(
                "validity.fixed.until",
                "is more than ten years ahead.",
                "不能超过十年。",
            ))
        }
        Validity::Fixed {
            from: Some(from),
            until,
        } if from >= until => Err(Invalid::new(
            "validity.fixed.from",
            "must be before `until`.",
            "须早于 `until`。",
        )),
        Validity::Days(days) if !(1..=MOST_DAYS).contains(&days) => Err(Invalid::new(
            "validity.days",
            "is from 1 to 3,650.",
            "须为 1 至 3650。",
        )),
        Validity::Fixed { .. } | Validity::Days(_) => Ok(()),
    }
}

fn check_quantity(quantity: i64) -> Result<(), Invalid> {
    if (1..=MOST_COUPONS).contains(&quantity) {
        return Ok(());
    }
    Err(Invalid::new(
        "quantity",
        "is from 1 to 10,000,000.",
        "须为 1 至 10000000。",
    ))
}

fn check_per_member(per_member: Option<i64>) -> Result<(), Invalid> {
    if per_member.is_none_or(|most| (1..=MOST_PER_MEMBER).contains(&most)) {
        return Ok(());
    }
    Err(Invalid::new(
        "perMember",
        "is from 1 to 1,000; leave it out for any number.",
        "须为 1 至 1000，不限时请省略。",
    ))
}

fn check_claim_code(code: &str) -> Result<String, Invalid> {
    read_claim_code(code).ok_or_else(|| {
        Invalid::new(
            "claimCode",
            "is 4 to 32 letters, digits and hyphens.",
            "须为 4 至 32 位字母、数字或连字符。",
        )
    })
}

/// From when, and until before when, a coupon holds that is handed out now. `day_end` is the end of the merchant's
/// day so many days ahead. None where the template's time is over.
pub fn span_of(
    template: &Model,
    now: DateTime<Utc>,
    day_end: impl Fn(i32) -> DateTime<Utc>,
) -> Option<(Instant, Instant)> {
    let until = match (template.valid_until, template.valid_days) {
        (Some(until), _) => until.0,
        (None, days) => day_end(days.unwrap_or(1)),
    };
    let from = template.valid_from.map_or(now, |from| from.0);
    (until > now).then_some((Instant(from), Instant(until)))
}

#[cfg(test)]
mod tests;
