//! Why a coupon's code cannot be used.

use entity::coupon::{self, CouponState};
use entity::{Instant, MemberId};

use crate::error::Problem;

/// Why a code cannot be used, whatever is in the cart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeProblem {
    /// 券码不存在: there is no coupon of this code.
    NotFound,
    /// 非本人优惠券: the coupon is another member's, or a member's while nobody is known.
    OtherMember,
    /// 未到使用时间: it holds later.
    NotYetValid,
    /// 已过期: it held before.
    Expired,
    /// 占用中: an order that is not paid yet holds it.
    Reserved,
    /// 已使用: a paid order has it.
    Used,
    /// 已作废: it was voided.
    Void,
}

impl CodeProblem {
    /// Why, for the payer.
    #[must_use]
    pub fn problem(self) -> Problem {
        let (en, zh) = match self {
            Self::NotFound => ("There is no coupon of this code.", "券码不存在。"),
            Self::OtherMember => (
                "The coupon belongs to another member.",
                "该优惠券属于其他会员。",
            ),
            Self::NotYetValid => ("The coupon does not hold yet.", "优惠券尚未到使用时间。"),
            Self::Expired => ("The coupon has expired.", "优惠券已过期。"),
            Self::Reserved => (
                "An order that is not paid yet holds the coupon; closing it frees the coupon.",
                "优惠券已被未支付的订单占用，关闭该订单后可用。",
            ),
            Self::Used => ("The coupon was used.", "优惠券已使用。"),
            Self::Void => ("The coupon was voided.", "优惠券已作废。"),
        };
        Problem::new(en, zh)
    }
}

/// Whether a buyer can use a coupon at all. A code that nobody owns is anybody's.
pub fn check_coupon(
    coupon: &coupon::Model,
    buyer: Option<MemberId>,
    now: Instant,
) -> Result<(), CodeProblem> {
    if coupon.member_id.is_some() && coupon.member_id != buyer {
        return Err(CodeProblem::OtherMember);
    }
    match coupon.state {
        CouponState::Void => Err(CodeProblem::Void),
        CouponState::Used => Err(CodeProblem::Used),
        CouponState::Reserved => Err(CodeProblem::Reserved),
        CouponState::Available if now.0 >= coupon.valid_until.0 => Err(CodeProblem::Expired),
        CouponState::Available if now.0 < coupon.valid_from.0 => Err(CodeProblem::NotYetValid),
        CouponState::Available => Ok(()),
    }
}
