//! What is counted, and what follows from it.

/// What was counted: integers that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// Orders that were made.
    pub orders: i64,
    /// How many of these have been paid, whenever that was.
    pub converted: i64,
    /// Orders that were paid.
    pub paid_orders: i64,
    /// What they were before discounts, in minor units.
    pub gross_minor: i64,
    /// What was taken off them, in minor units.
    pub discount_minor: i64,
    /// Refunds that succeeded, less those that the bank returned.
    pub refunds: i64,
    /// What they gave back, in minor units.
    pub refunded_minor: i64,
    /// What payments cost, less what refunds returned of it, in minor units.
    pub fee_minor: i64,
    /// From making an order to paying it, of all that were paid, in milliseconds.
    pub pay_ms: i64,
}

/// One of the figures that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "see the fields of `Measures`")]
pub enum Base {
    Orders,
    Converted,
    PaidOrders,
    Gross,
    Discount,
    Refunds,
    Refunded,
    Fee,
    PayMs,
}

impl Base {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Self; 9] = [
        Self::Orders,
        Self::Converted,
        Self::PaidOrders,
        Self::Gross,
        Self::Discount,
        Self::Refunds,
        Self::Refunded,
        Self::Fee,
        Self::PayMs,
    ];
}

impl Measures {
    /// One figure.
    #[must_use]
    pub fn get(&self, base: Base) -> i64 {
        match base {
            Base::Orders => self.orders,
            Base::Converted => self.converted,
            Base::PaidOrders => self.paid_orders,
            Base::Gross => self.gross_minor,
            Base::Discount => self.discount_minor,
            Base::Refunds => self.refunds,
            Base::Refunded => self.refunded_minor,
            Base::Fee => self.fee_minor,
            Base::PayMs => self.pay_ms,
        }
    }

    /// One figure, to be changed.
    pub fn get_mut(&mut self, base: Base) -> &mut i64 {
        match base {
            Base::Orders => &mut self.orders,
            Base::Converted => &mut self.converted,
            Base::PaidOrders => &mut self.paid_orders,
            Base::Gross => &mut self.gross_minor,
            Base::Discount => &mut self.discount_minor,
            Base::Refunds => &mut self.refunds,
            Base::Refunded => &mut self.refunded_minor,
            Base::Fee => &mut self.fee_minor,
            Base::PayMs => &mut self.pay_ms,
        }
    }

    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        for base in Base::ALL {
            *self.get_mut(base) += other.get(base);
        }
    }

    /// The same with the other sign.
    #[must_use]
    pub fn negated(mut self) -> Self {
        for base in Base::ALL {
            *self.get_mut(base) *= -1;
        }
        self
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// What was paid, in minor units: gross less discounts.
    #[must_use]
    pub fn paid_minor(&self) -> i64 {
        self.gross_minor - self.discount_minor
    }

    /// What is left of it, in minor units: less refunds and fees.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.paid_minor() - self.refunded_minor - self.fee_minor
    }

    /// What a paid order came to, in minor units; none where none was paid.
    #[must_use]
    pub fn average_minor(&self) -> Option<i64> {
        divided(self.paid_minor(), self.paid_orders)
    }

    /// The share of orders made that were paid, in millionths; none where none was made.
    #[must_use]
    pub fn success_ppm(&self) -> Option<i64> {
        divided(self.converted.saturating_mul(1_000_000), self.orders)
    }

    /// From making an order to paying it, in milliseconds; none where none was paid.
    #[must_use]
    pub fn average_pay_ms(&self) -> Option<i64> {
        divided(self.pay_ms, self.paid_orders)
    }
}

/// A quotient, half away from zero; none where the divisor is not above zero.
fn divided(sum: i64, count: i64) -> Option<i64> {
    if count <= 0 {
        return None;
    }
    let (sum, count) = (i128::from(sum), i128::from(count));
    let half = if sum < 0 { -(count / 2) } else { count / 2 };
    i64::try_from((sum + half) / count).ok()
}

/// A figure as it is asked for: counted, or one that follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "see the schema")]
pub enum Measure {
    Orders,
    Converted,
    PaidOrders,
    Gross,
    Discounts,
    #[default]
    Paid,
    Refunds,
    Refunded,
    Fees,
    Net,
    AverageOrderValue,
    SuccessRate,
    AveragePaySeconds,
}

impl Measure {
    /// What it is made of.
    #[must_use]
    pub fn bases(self) -> &'static [Base] {
        match self {
            Self::Orders => &[Base::Orders],
            Self::Converted => &[Base::Converted],
            Self::PaidOrders => &[Base::PaidOrders],
            Self::Gross => &[Base::Gross],
            Self::Discounts => &[Base::Discount],
            Self::Paid => &[Base::Gross, Base::Discount],
            Self::Refunds => &[Base::Refunds],
            Self::Refunded => &[Base::Refunded],
            Self::Fees => &[Base::Fee],
            Self::Net => &[Base::Gross, Base::Discount, Base::Refunded, Base::Fee],
            Self::AverageOrderValue => &[Base::Gross, Base::Discount, Base::PaidOrders],
            Self::SuccessRate => &[Base::Orders, Base::Converted],
            Self::AveragePaySeconds => &[Base::PayMs, Base::PaidOrders],
        }
    }

    /// Whether it tells what payments cost, which not everybody may see.
    #[must_use]
    pub fn tells_fees(self) -> bool {
        self.bases().contains(&Base::Fee)
    }

    /// A part's share of a whole, in millionths; none of a whole that is not above zero, and of a quotient, which
    /// has no parts.
    #[must_use]
    pub fn share_ppm(self, part: &Measures, whole: &Measures) -> Option<i64> {
        if matches!(
            self,
            Self::AverageOrderValue | Self::SuccessRate | Self::AveragePaySeconds
        ) {
            return None;
        }
        let (part, whole) = (
            i128::from(self.weight(part)),
            i128::from(self.weight(whole)),
        );
        if whole <= 0 {
            return None;
        }
        i64::try_from((part * 1_000_000 + whole / 2).div_euclid(whole)).ok()
    }

    /// What rows are ordered by, the largest first.
    #[must_use]
    pub fn weight(self, of: &Measures) -> i64 {
        match self {
            Self::Orders => of.orders,
            Self::Converted => of.converted,
            Self::PaidOrders => of.paid_orders,
            Self::Gross => of.gross_minor,
            Self::Discounts => of.discount_minor,
            Self::Paid => of.paid_minor(),
            Self::Refunds => of.refunds,
            Self::Refunded => of.refunded_minor,
            Self::Fees => of.fee_minor,
            Self::Net => of.net_minor(),
            Self::AverageOrderValue => of.average_minor().unwrap_or(i64::MIN),
            Self::SuccessRate => of.success_ppm().unwrap_or(i64::MIN),
            Self::AveragePaySeconds => of.average_pay_ms().unwrap_or(i64::MIN),
        }
    }
}

/// Which figures are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wanted(u16);

impl Wanted {
    /// All of them.
    pub const ALL: Self = Self(0b1_1111_1111);

    /// These and what a measure is made of.
    #[must_use]
    pub fn and(self, measure: Measure) -> Self {
        let bits = measure.bases().iter().fold(self.0, |bits, base| {
            bits | 1 << Base::ALL.iter().position(|one| one == base).unwrap_or(0)
        });
        Self(bits)
    }

    /// Which, in the order of the table's columns.
    pub fn bases(self) -> impl Iterator<Item = Base> {
        let wanted = move |(place, _): &(usize, Base)| self.0 & (1 << place) != 0;
        let all = Base::ALL.into_iter().enumerate().filter(wanted);
        all.map(|(_, base)| base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_rounded_half_away_from_zero_and_none_without_a_divisor() {
        for (sum, count, expected) in [
            (10, 4, Some(3)),
            (9, 4, Some(2)),
            (-10, 4, Some(-3)),
            (-9, 4, Some(-2)),
            (5, 0, None),
            (0, 3, Some(0)),
        ] {
            assert_eq!(divided(sum, count), expected, "{sum} / {count}");
        }
    }

    #[test]
    fn what_is_wanted_is_what_measures_are_made_of() {
        let wanted = Wanted::default().and(Measure::Net).and(Measure::Orders);
        let bases: Vec<Base> = wanted.bases().collect();
        assert_eq!(
            bases,
            [
                Base::Orders,
                Base::Gross,
                Base::Discount,
                Base::Refunded,
                Base::Fee
            ]
        );
        assert_eq!(Wanted::ALL.bases().count(), Base::ALL.len());
    }
}
