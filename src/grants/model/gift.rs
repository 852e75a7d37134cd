//! What a member is given: what the rule says, and in its place what their tier brings.

use entity::{CouponTemplateId, grant_rule, tier};

/// What a member is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gift {
    /// Points.
    pub points: Option<i64>,
    /// A coupon of this template.
    pub template_id: Option<CouponTemplateId>,
}

/// What a member of a tier is given by a rule; by the tier alone where there is no rule.
#[must_use]
pub fn gift_of(rule: Option<&grant_rule::Model>, tier: Option<&tier::Model>) -> Gift {
    if rule.is_some_and(|rule| !rule.enabled) {
        return Gift::default();
    }
    let of_rule = rule.map_or_else(Gift::default, |rule| Gift {
        points: rule.points,
        template_id: rule.template_id,
    });
    let brings = tier.filter(|tier| tier.removed_at.is_none());
    Gift {
        points: brings
            .and_then(|tier| tier.birthday_points)
            .or(of_rule.points),
        template_id: brings
            .and_then(|tier| tier.birthday_template_id)
            .or(of_rule.template_id),
    }
}

impl Gift {
    /// Whether it is nothing.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}
