//! What members' points would cost, as clients see it.

use entity::points_program;

use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::LocalDate;
use crate::money::{Currency, Money};
use crate::points::model::worth;
use crate::points::service::{Liability, MonthOfLiability};

/// What members' points would cost.
#[derive(Clone, Debug)]
pub struct PointsLiability {
    pub(super) sums: Liability,
    pub(super) program: Option<points_program::Model>,
    pub(super) currency: Currency,
}

/// The part of it that ends in a month.
#[derive(Clone, Debug)]
pub struct PointsLiabilityMonth {
    sums: MonthOfLiability,
    worth: Option<Money>,
}

impl PointsLiability {
    fn worth_of(&self, points: i64) -> Option<Money> {
        let program = self.program.as_ref()?;
        Some(Money::of_minor(worth(points, program), self.currency))
    }

    fn months(&self) -> Vec<Lean<PointsLiabilityMonth>> {
        let months = self.sums.months.iter();
        months
            .map(|month| {
                Lean(PointsLiabilityMonth {
                    sums: *month,
                    worth: self.worth_of(month.points + month.pending),
                })
            })
            .collect()
    }
}

plain_object! {
    /// What members' points would cost 积分负债, if all of them were spent. What has ended is not among them.
    PointsLiability(self) {
        /// Points that can be spent 可用积分.
        points / "points": i64 = self.sums.points;
        /// Points that cannot be spent yet 待生效积分.
        pending / "pending": i64 = self.sums.pending;
        /// What both are worth as payment 折合金额, rounded down once; null where there are no rules for points.
        worth / "worth": Option<Money> = self.worth_of(self.sums.points + self.sums.pending);
        /// The same by the month in which they end 按到期月份; those that never do last.
        by_month / "byMonth": Vec<Lean<PointsLiabilityMonth>> = self.months();
    }
}

plain_object! {
    /// Points that end in a month.
    PointsLiabilityMonth(self) {
        /// The first day of the month in which the last day lies on which they can be spent; null for those that never end.
        month / "month": Option<LocalDate> = self.sums.month.map(LocalDate);
        /// Points that can be spent.
        points / "points": i64 = self.sums.points;
        /// Points that cannot be spent yet.
        pending / "pending": i64 = self.sums.pending;
        /// What both are worth, rounded down for itself.
        worth / "worth": Option<Money> = self.worth;
    }
}
