//! Points as payment 积分抵扣: how much of what offers leave they may pay, and what of that falls to each line.

use entity::points_program;

use super::{Cart, Price};
use crate::error::Problem;
use crate::money::share_out;
use crate::points::model::{points_for, worth};

/// Points that pay for a part of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// How many: never more than what comes off asks for.
    pub points: i64,
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What of it falls to each line, in minor units.
    pub shares: Vec<i64>,
}

/// Why points do not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointsProblem {
    /// 非会员: nobody is known whose they could be.
    NotAMember,
    /// 未开启: the merchant takes no points as payment.
    NotAccepted,
    /// 积分不足: the member has fewer.
    NotEnough {
        /// How many.
        has: i64,
    },
    /// 超出上限: this order takes fewer.
    OverCap {
        /// How many.
        most: i64,
    },
}

impl PointsProblem {
    /// Why, for the payer.
    #[must_use]
    pub fn problem(self) -> Problem {
        match self {
            Self::NotAMember => {
                Problem::new("Only members pay with points.", "仅会员可使用积分抵扣。")
            }
            Self::NotAccepted => {
                Problem::new("Points are not taken as payment.", "商户未开启积分抵扣。")
            }
            Self::NotEnough { has } => Problem::new(
                format!("The member has {has} points."),
                format!("会员当前仅有 {has} 积分。"),
            ),
            Self::OverCap { most } => Problem::new(
                format!("At most {most} points can be used on this order."),
                format!("本单最多可用 {most} 积分。"),
            ),
        }
    }
}

/// The rules by which points pay; none where they do not.
fn paying(program: Option<&points_program::Model>) -> Option<&points_program::Model> {
    program.filter(|program| program.enabled && program.pay_enabled)
}

/// How many points an order takes at the most, whoever has them: so many as the rules let pay of what offers leave.
/// Something remains to be paid.
fn most_points(left_minor: i64, program: &points_program::Model) -> i64 {
    let capped = i128::from(left_minor) * i128::from(program.pay_cap_ppm) / 1_000_000;
    let capped = i64::try_from(capped).unwrap_or(i64::MAX);
    let most_minor = capped.min(left_minor - 1).max(0);
    let exact = i128::from(most_minor) * i128::from(program.pay_points);
    let points = exact / i128::from(program.pay_minor.max(1));
    i64::try_from(points).unwrap_or(i64::MAX)
}

/// How many points of so many would be taken: no more than what comes off asks for.
fn taken(points: i64, program: &points_program::Model) -> (i64, i64) {
    let off_minor = worth(points, program);
    (points_for(off_minor, program), off_minor)
}

/// The most points that could pay for a part of an order now, of so many.
#[must_use]
pub fn usable(left_minor: i64, has: i64, program: Option<&points_program::Model>) -> i64 {
    paying(program).map_or(0, |program| {
        taken(has.min(most_points(left_minor, program)), program).0
    })
}

/// Pays with so many points for a part of what offers have left of a cart; `has` is what the member has, none where
/// nobody is known. No point is wasted: where fewer are worth as much, fewer are taken.
pub fn spend(
    cart: &Cart,
    price: &Price,
    points: i64,
    has: Option<i64>,
    program: Option<&points_program::Model>,
) -> Result<Spending, PointsProblem> {
    let has = has.ok_or(PointsProblem::NotAMember)?;
    let program = paying(program).ok_or(PointsProblem::NotAccepted)?;
    if points > has {
        return Err(PointsProblem::NotEnough { has });
    }
    let most = most_points(price.payable_minor(), program);
    if points > most {
        let most = taken(has.min(most), program).0;
        return Err(PointsProblem::OverCap { most });
    }
    let (points, off_minor) = taken(points, program);
    let lines = cart.lines.iter().zip(&price.line_offs);
    let left: Vec<i64> = lines.map(|(line, off)| line.amount_minor - off).collect();
    Ok(Spending {
        points,
        off_minor,
        shares: share_out(off_minor, &left),
    })
}

#[cfg(test)]
mod tests;
