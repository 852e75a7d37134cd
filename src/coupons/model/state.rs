//! Where a coupon stands, as people see it: its state, and what its time says.

use entity::Instant;
use entity::coupon::{CouponState, Model};

/// Where a coupon stands 优惠券状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shown {
    /// 可用: it can be used now.
    Available,
    /// 未生效: it can be used later.
    NotYetValid,
    /// 占用中: an order that is not paid yet holds it.
    Reserved,
    /// 已使用: a paid order has it.
    Used,
    /// 已过期: nobody used it in time.
    Expired,
    /// 已作废: it was voided.
    Void,
}

/// Where a coupon stands at an instant.
#[must_use]
pub fn shown(row: &Model, now: Instant) -> Shown {
    match row.state {
        CouponState::Available if row.valid_until.0 <= now.0 => Shown::Expired,
        CouponState::Available if row.valid_from.0 > now.0 => Shown::NotYetValid,
        CouponState::Available => Shown::Available,
        CouponState::Reserved => Shown::Reserved,
        CouponState::Used => Shown::Used,
        CouponState::Void => Shown::Void,
    }
}

/// What a coupon takes off at the most, in minor units, as far as anybody can say without a cart: the highest step, the
/// cap, the fixed amount. None for a share without a cap.
#[must_use]
pub fn face_minor(benefit: &crate::campaigns::model::Benefit) -> Option<i64> {
    use crate::campaigns::model::Benefit;
    match benefit {
        Benefit::FullReduction(steps) => steps.iter().map(|step| step.off_minor).max(),
        Benefit::EveryFull { cap_minor, .. } | Benefit::Discount { cap_minor, .. } => *cap_minor,
        Benefit::Cash { off_minor } => Some(*off_minor),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use entity::coupon::CouponOrigin;
    use entity::{CouponId, CouponTemplateId, MerchantId};

    use super::*;
    use crate::campaigns::model::{Benefit, Step};

    #[test]
    fn time_says_what_of_a_coupon_nobody_holds() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |seconds| Instant(start + TimeDelta::seconds(seconds));
        let of = |state| Model {
            merchant_id: MerchantId(1),
            id: CouponId(1),
            template_id: CouponTemplateId(1),
            batch_id: None,
            code: String::new(),
            member_id: None,
            state,
            origin: CouponOrigin::Code,
            valid_from: at(10),
            valid_until: at(20),
            order_id: None,
            used_at: None,
            voided_at: None,
            voided_by: None,
            void_reason: None,
        };
        for (second, told) in [
            (9, Shown::NotYetValid),
            (10, Shown::Available),
            (19, Shown::Available),
            (20, Shown::Expired),
        ] {
            assert_eq!(
                shown(&of(CouponState::Available), at(second)),
                told,
                "{second}"
            );
            assert_eq!(
                shown(&of(CouponState::Reserved), at(second)),
                Shown::Reserved
            );
            assert_eq!(shown(&of(CouponState::Used), at(second)), Shown::Used);
            assert_eq!(shown(&of(CouponState::Void), at(second)), Shown::Void);
        }
    }

    #[test]
    fn what_a_coupon_is_worth_at_the_most_is_told_where_it_can_be() {
        let step = |threshold_minor, off_minor| Step {
            threshold_minor,
            off_minor,
        };
        let discount = |cap_minor| Benefit::Discount {
            off_ppm: 1,
            threshold_minor: 0,
            cap_minor,
        };
        for (benefit, worth) in [
            (Benefit::Cash { off_minor: 500 }, Some(500)),
            (
                Benefit::FullReduction(vec![step(100, 10), step(200, 30)]),
                Some(30),
            ),
            (discount(Some(7)), Some(7)),
            (discount(None), None),
            (
                Benefit::EveryFull {
                    step: step(100, 10),
                    cap_minor: None,
                },
                None,
            ),
        ] {
            assert_eq!(face_minor(&benefit), worth);
        }
    }
}
