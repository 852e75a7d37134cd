//! Why something is not done with rewards: each reason with the rule's figure.

use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::invalid::Invalid;

fn no_reward() -> Problem {
    Problem::new("There is no such reward.", "积分商品不存在。")
}

fn no_redemption() -> Problem {
    Problem::new("There is no such redemption.", "兑换记录不存在。")
}

/// Why a reward is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such coupon template.
    TemplateNotFound,
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::TemplateNotFound => {
                Problem::new("There is no such coupon template.", "优惠券模板不存在。")
            }
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::TemplateNotFound => Some("couponTemplateId".to_owned()),
        }
    }
}

/// Why a reward is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such reward.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It has ended, for good.
    Ended,
    /// More than that are taken already.
    StockBelowTaken {
        /// How many.
        taken: i64,
    },
}

impl From<Invalid> for UpdateRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for UpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_reward(),
            Self::VersionConflict { current } => Problem::new(
                format!("It has version {current} by now: read it again."),
                format!("该商品已更新至版本 {current}，请刷新后重试。"),
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::Ended => Problem::new(
                "It has ended, for good: make another one.",
                "该商品已下架，不能恢复，请新建。",
            ),
            Self::StockBelowTaken { taken } => Problem::new(
                format!("{taken} are taken already: `stock` cannot be less."),
                format!("已兑换 {taken} 件，库存不能低于该数。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "id",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::Ended => "state",
            Self::StockBelowTaken { .. } => "stock",
        };
        Some(field.to_owned())
    }
}

/// Why a reward is not redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedeemRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such reward.
    RewardNotFound,
    /// There is no such member.
    MemberNotFound,
    /// It is paused or has ended.
    NotActive,
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    Over,
    /// None is left.
    SoldOut,
    /// The member has as many as one may.
    MemberLimit {
        /// How many.
        most: i64,
    },
    /// It takes another number of points than the member was told.
    PointsChanged {
        /// How many it takes now.
        points: i64,
    },
    /// The member has fewer points than it takes.
    NotEnoughPoints {
        /// How many it takes.
        wanted: i64,
        /// How many can be spent.
        points: i64,
    },
    /// Its coupons are not handed out: the template is paused or over.
    CouponNotActive,
    /// All of its coupons are handed out.
    CouponUsedUp,
    /// The member has as many of its coupons as one may.
    CouponMemberLimit {
        /// How many.
        most: i64,
    },
    /// The key was used for something else.
    KeyReused,
    /// The first request with the key is still under way.
    InProgress,
}

impl Refusal for RedeemRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::RewardNotFound => no_reward(),
            Self::MemberNotFound => Problem::new("There is no such member.", "会员不存在。"),
            Self::NotActive => Problem::new(
                "It cannot be had: it is paused or has ended.",
                "该商品已暂停兑换或已下架。",
            ),
            Self::NotYet => Problem::new(
                "It cannot be had yet: see `startsAt`.",
                "该商品尚未开始兑换，见 `startsAt`。",
            ),
            Self::Over => Problem::new(
                "It cannot be had any more: its time is over.",
                "该商品的兑换时间已过。",
            ),
            Self::SoldOut => Problem::new("None of it is left.", "该商品已兑完。"),
            Self::MemberLimit { most } => Problem::new(
                format!("A member has at most {most} of it."),
                format!("每位会员最多兑换 {most} 件。"),
            ),
            Self::PointsChanged { points } => Problem::new(
                format!("It takes {points} points by now: tell the member, and ask again."),
                format!("该商品现需 {points} 积分，请告知会员后重试。"),
            ),
            Self::NotEnoughPoints { wanted, points } => Problem::new(
                format!("It takes {wanted} points, and the member has {points} to spend."),
                format!("需要 {wanted} 积分，会员可用积分为 {points}。"),
            ),
            Self::CouponNotActive => Problem::new(
                "Its coupon is not handed out at the moment: the template is paused or over.",
                "对应的优惠券已暂停、结束发放或已过期。",
            ),
            Self::CouponUsedUp => {
                Problem::new("All of its coupons are handed out.", "对应的优惠券已领完。")
            }
            Self::CouponMemberLimit { most } => Problem::new(
                format!("A member gets at most {most} of its coupons."),
                format!("对应的优惠券每位会员最多领取 {most} 张。"),
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::PointsChanged { .. } => "expectedPoints",
            Self::MemberNotFound
            | Self::MemberLimit { .. }
            | Self::NotEnoughPoints { .. }
            | Self::CouponMemberLimit { .. } => "member",
            _ => "rewardId",
        };
        Some(field.to_owned())
    }
}

/// Why a redemption is not fulfilled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FulfillRefusal {
    /// There is no such redemption.
    NotFound,
    /// It was called off.
    Canceled,
}

impl Refusal for FulfillRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_redemption(),
            Self::Canceled => Problem::new(
                "It was called off, and the points are back.",
                "该兑换已取消，积分已退回。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

/// Why a redemption is not called off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such redemption.
    NotFound,
    /// An order that is not paid yet holds its coupon.
    CouponReserved {
        /// Its code.
        code: String,
    },
    /// Its coupon was used.
    CouponUsed {
        /// Its code.
        code: String,
    },
    /// The key was used for something else.
    KeyReused,
    /// The first request with the key is still under way.
    InProgress,
}

impl Refusal for CancelRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::NotFound => no_redemption(),
            Self::CouponReserved { code } => Problem::new(
                format!(
                    "An order that is not paid yet holds its coupon {code}: close the order first."
                ),
                format!("其优惠券 {code} 正被未支付订单占用，请先关闭该订单。"),
            ),
            Self::CouponUsed { code } => Problem::new(
                format!("Its coupon {code} was used."),
                format!("其优惠券 {code} 已使用，不能取消兑换。"),
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            _ => "id",
        };
        Some(field.to_owned())
    }
}
