//! The rules for points, as clients see them.

use entity::points_program;
use rust_decimal::Decimal;

use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::money::{Currency, Money};

/// The rules for points.
#[derive(Clone, Debug)]
pub struct PointsProgram {
    row: points_program::Model,
    currency: Currency,
}

impl PointsProgram {
    /// A merchant's rules.
    #[must_use]
    pub const fn of(row: points_program::Model, currency: Currency) -> Self {
        Self { row, currency }
    }
}

/// How points are earned.
#[derive(Clone, Debug)]
pub struct PointsEarning {
    points: i64,
    per: Money,
}

/// What points are worth.
#[derive(Clone, Debug)]
pub struct PointsPaying {
    enabled: bool,
    points: i64,
    worth: Money,
    cap_ppm: i32,
}

plain_object! {
    /// By which rules points are earned and spent 积分规则. What was earned before keeps the rules of its day.
    PointsProgram(self) {
        /// How often they were set: pass it as `expectedVersion`.
        version / "version": i32 = self.row.version;
        /// Whether points are earned 是否启用.
        enabled / "enabled": bool = self.row.enabled;
        /// How points are earned 积分获取.
        earn / "earn": Lean<PointsEarning> = Lean(PointsEarning {
            points: self.row.earn_points,
            per: Money::of_minor(self.row.earn_per_minor, self.currency),
        });
        /// How many days points hold 有效天数, to the end of the last one; null for ever.
        valid_days / "validDays": Option<i32> = self.row.valid_days;
        /// How many days after the payment they can be spent 冻结天数; 0 for at once.
        pending_days / "pendingDays": i32 = self.row.pending_days;
        /// How points are taken as payment 积分抵现, and what they are worth.
        pay / "pay": Lean<PointsPaying> = Lean(PointsPaying {
            enabled: self.row.pay_enabled,
            points: self.row.pay_points,
            worth: Money::of_minor(self.row.pay_minor, self.currency),
            cap_ppm: self.row.pay_cap_ppm,
        });
        /// The most points that one adjustment gives or takes 单次调整上限.
        adjust_limit / "adjustLimit": i64 = self.row.adjust_limit;
        /// When they were set.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
    }
}

plain_object! {
    /// How points are earned 积分获取: so many for each of so much that is paid. What is paid in all is counted, times the
    /// multiplier of the tier that the member had when they ordered, and rounded down once.
    PointsEarning(self) {
        /// So many points
        points / "points": i64 = self.points;
        /// for each of so much.
        per / "per": Money = self.per;
    }
}

plain_object! {
    /// Points as payment 积分抵现.
    PointsPaying(self) {
        /// Whether they are taken.
        enabled / "enabled": bool = self.enabled;
        /// So many points
        points / "points": i64 = self.points;
        /// are worth so much. What members have is told in money by this, whether points are taken as payment or not.
        worth / "worth": Money = self.worth;
        /// The most of an order that they pay 最高抵扣比例: `"0.5"` is half of it.
        max_share / "maxShare": DecimalText =
            DecimalText(Decimal::new(self.cap_ppm.into(), 6).normalize());
    }
}
