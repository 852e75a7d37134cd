//! Money as integer minor units with its currency; decimals only at the edges.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A currency that merchants may take, ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the codes are the standard's own")]
pub enum Currency {
    Cny,
    Hkd,
    Mop,
    Twd,
    Usd,
    Eur,
    Gbp,
    Jpy,
    Krw,
    Sgd,
    Thb,
    Myr,
    Aud,
    Cad,
}

impl Currency {
    /// Every currency that is known here.
    pub const ALL: [Self; 14] = [
        Self::Cny,
        Self::Hkd,
        Self::Mop,
        Self::Twd,
        Self::Usd,
        Self::Eur,
        Self::Gbp,
        Self::Jpy,
        Self::Krw,
        Self::Sgd,
        Self::Thb,
        Self::Myr,
        Self::Aud,
        Self::Cad,
    ];

    /// The three letters of ISO 4217.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Hkd => "HKD",
            Self::Mop => "MOP",
            Self::Twd => "TWD",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
            Self::Krw => "KRW",
            Self::Sgd => "SGD",
            Self::Thb => "THB",
            Self::Myr => "MYR",
            Self::Aud => "AUD",
            Self::Cad => "CAD",
        }
    }

    /// The currency of a code; none where it is not known here.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code() == code)
    }

    /// How many decimals the currency has: its minor unit, ISO 4217.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Jpy | Self::Krw => 0,
            _ => 2,
        }
    }
}

/// An amount of money 金额.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: 分 for CNY.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// A decimal that is no amount of the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// More decimals than the currency has.
    #[error("an amount in {} has at most {} decimals", .0.code(), .0.decimals())]
    TooPrecise(Currency),
    /// Beyond what is counted here.
    #[error("the amount is too large")]
    TooLarge,
}

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn of_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The decimal that people read: `12.34`, always with all decimals of the currency.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.decimals())
    }

    /// Reads a decimal; never rounds.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, AmountError> {
        let amount = amount.normalize();
        if amount.scale() > currency.decimals() {
            return Err(AmountError::TooPrecise(currency));
        }
        let mut scaled = amount;
        scaled.rescale(currency.decimals());
        if scaled.scale() != currency.decimals() {
            return Err(AmountError::TooLarge);
        }
        let minor = i64::try_from(scaled.mantissa()).map_err(|_| AmountError::TooLarge)?;
        Ok(Self { minor, currency })
    }
}

/// Shares `total` out over `weights` by largest remainder: the shares sum to it exactly.
/// Where nothing has weight, everything falls to the first.
#[must_use]
pub fn share_out(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        let mut shares = vec![0; weights.len()];
        if let Some(first) = shares.first_mut() {
            *first = total;
        }
        return shares;
    }
    // Division in 64 bits is far faster, and amounts of payments fit.
    let narrow = i64::try_from(sum).ok();
    let part = |weight: &i64| -> (i64, i128) {
        if let (Some(sum), Some(exact)) = (narrow, total.checked_mul(*weight)) {
            return (exact / sum, i128::from(exact % sum));
        }
        let exact = i128::from(total) * i128::from(*weight);
        (i64::try_from(exact / sum).unwrap_or(i64::MAX), exact % sum)
    };
    let (mut shares, remainders): (Vec<i64>, Vec<i128>) = weights.iter().map(part).unzip();
    let rest = usize::try_from(total - shares.iter().sum::<i64>()).unwrap_or(0);
    if rest > 0 {
        // The largest remainders first; of equal ones, those that come first.
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        let key = |place: &usize| (std::cmp::Reverse(remainders[*place]), *place);
        by_remainder.select_nth_unstable_by_key(rest - 1, key);
        for place in by_remainder.into_iter().take(rest) {
            shares[place] += 1;
        }
    }
    shares
}

/// A range of amounts in minor units, both ends in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmountRange {
    /// The least.
    pub min_minor: Option<i64>,
    /// The largest.
    pub max_minor: Option<i64>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_decimals_are_no_amount_of_yuan() {
        let amount = "1.005".parse().unwrap();
        assert_eq!(
            Money::from_decimal(amount, Currency::Cny),
            Err(AmountError::TooPrecise(Currency::Cny))
        );
    }

    #[test]
    fn trailing_zeros_do_not_make_an_amount_too_precise() {
        let amount = "9.9000".parse().unwrap();
        assert_eq!(
            Money::from_decimal(amount, Currency::Cny),
            Ok(Money::of_minor(990, Currency::Cny))
        );
    }

    #[test]
    fn yen_have_no_decimals() {
        let amount = "1.5".parse().unwrap();
        assert!(Money::from_decimal(amount, Currency::Jpy).is_err());
        assert_eq!(
            Money::of_minor(150, Currency::Jpy).to_decimal().to_string(),
            "150"
        );
    }

    #[test]
    fn an_amount_beyond_64_bits_is_too_large() {
        assert_eq!(
            Money::from_decimal(Decimal::MAX, Currency::Cny),
            Err(AmountError::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn every_amount_reads_back_from_its_decimal(minor in any::<i64>()) {
            let money = Money::of_minor(minor, Currency::Cny);
            prop_assert_eq!(Money::from_decimal(money.to_decimal(), Currency::Cny), Ok(money));
        }

        #[test]
        fn shares_sum_to_the_total_and_none_is_off_by_more_than_one_unit(
            total in 0_i64..1_000_000_000,
            weights in prop::collection::vec(0_i64..1_000_000, 1..20),
        ) {
            let shares = share_out(total, &weights);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let sum: i64 = weights.iter().sum();
            if sum > 0 {
                for (share, weight) in shares.iter().zip(&weights) {
                    let exact = i128::from(total) * i128::from(*weight);
                    let off = (i128::from(*share) * i128::from(sum) - exact).abs();
                    prop_assert!(off <= i128::from(sum));
                }
            }
        }
    }
}
