//! What payouts of a merchant cost, how much may leave, and when it arrives.

use entity::{ChannelId, payout_terms};

use crate::config::Payouts;
use crate::error::{Problem, Refusal};
use crate::fees::model::Tariff;

/// The largest amount that is understood, in minor units: beyond all payouts.
const LARGEST_MINOR: i64 = 1_000_000_000_000;
/// How many working days a payout takes at the most.
const MOST_DAYS: i16 = 30;
/// Minutes of a day.
const DAY_MINUTES: i16 = 1_440;

/// The terms of a merchant's payouts 提现条款.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The channel whose platform pays out; none: the first enabled one that can.
    pub channel_id: Option<ChannelId>,
    /// What they cost.
    pub tariff: Tariff,
    /// The least amount, in minor units.
    pub min_minor: i64,
    /// The highest amount, in minor units.
    pub max_minor: i64,
    /// The highest sum of a day, in minor units; none without a limit.
    pub daily_max_minor: Option<i64>,
    /// The minute of the day from which on a payout counts as asked for on the next working day.
    pub cutoff_minute: i16,
    /// Working days until it arrives, at the earliest and at the latest.
    pub arrival_days: (i16, i16),
    /// Whether the fee comes back with a payout that the bank returned.
    pub fee_returned: bool,
}

/// Why terms cannot hold: which, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermsRefusal {
    /// Which.
    pub field: &'static str,
    /// What would be right.
    pub problem: Problem,
}

impl Refusal for TermsRefusal {
    fn message(&self) -> Problem {
        self.problem.clone()
    }

    fn field(&self) -> Option<String> {
        Some(self.field.to_owned())
    }
}

impl Terms {
    /// The terms of a merchant that has none of its own.
    #[must_use]
    pub fn of_settings(settings: &Payouts) -> Self {
        Self {
            channel_id: None,
            tariff: Tariff {
                rate_ppm: settings.fee_rate_ppm,
                fixed_minor: settings.fee_fixed_minor,
                min_minor: settings.fee_min_minor,
                max_minor: settings.fee_max_minor,
            },
            min_minor: settings.min_minor,
            max_minor: settings.max_minor,
            daily_max_minor: settings.daily_max_minor,
            cutoff_minute: settings.cutoff_minute,
            arrival_days: (settings.arrival_days_min, settings.arrival_days_max),
            fee_returned: settings.fee_returned,
        }
    }

    /// A merchant's own terms.
    #[must_use]
    pub fn of_row(row: &payout_terms::Model) -> Self {
        Self {
            channel_id: row.channel_id,
            tariff: Tariff {
                rate_ppm: i64::from(row.rate_ppm),
                fixed_minor: row.fixed_minor,
                min_minor: row.min_fee_minor,
                max_minor: row.max_fee_minor,
            },
            min_minor: row.min_minor,
            max_minor: row.max_minor,
            daily_max_minor: row.daily_max_minor,
            cutoff_minute: row.cutoff_minute,
            arrival_days: (row.arrival_days_min, row.arrival_days_max),
            fee_returned: row.fee_returned,
        }
    }

    /// The same where they can hold.
    pub fn checked(self) -> Result<Self, TermsRefusal> {
        let amount = |minor: i64| (0..=LARGEST_MINOR).contains(&minor);
        let may_be = |minor: Option<i64>| minor.is_none_or(amount);
        let tariff = &self.tariff;
        let fee_fits = (0..=1_000_000).contains(&tariff.rate_ppm)
            && amount(tariff.fixed_minor)
            && may_be(tariff.min_minor)
            && may_be(tariff.max_minor)
            && tariff
                .min_minor
                .zip(tariff.max_minor)
                .is_none_or(|(min, max)| min <= max);
        let (earliest, latest) = self.arrival_days;
        let wrong = if !fee_fits {
            Some((
                "fee",
                "The rate is 0 to 1, amounts are not below zero, and the least fee is not above the highest.",
                "费率须为 0 至 1，金额不能为负，最低手续费不能高于封顶。",
            ))
        } else if self.min_minor < 1 || !amount(self.max_minor) || self.max_minor < self.min_minor {
            Some((
                "amount",
                "The least amount is above zero and not above the highest.",
                "单笔最低金额须大于零且不高于单笔上限。",
            ))
        } else if !may_be(self.daily_max_minor) {
            Some((
                "daily",
                "The limit of a day is not below zero.",
                "单日上限不能为负。",
            ))
        } else if !(0..=DAY_MINUTES).contains(&self.cutoff_minute) {
            Some((
                "cutoff",
                "The cut-off is a time of day from 00:00 to 24:00.",
                "截止时间须为 00:00 至 24:00。",
            ))
        } else if earliest < 0 || latest < earliest || latest > MOST_DAYS {
            Some((
                "arrivalDays",
                "A payout takes 0 to 30 working days, at the latest not before the earliest.",
                "到账工作日须为 0 至 30，且最晚不早于最早。",
            ))
        } else {
            None
        };
        match wrong {
            None => Ok(self),
            Some((field, en, zh)) => Err(TermsRefusal {
                field,
                problem: Problem::new(en, zh),
            }),
        }
    }

    /// The fee of an amount: `clamp(half_up(amount × rate + fixed), min, max)`, never above the amount.
    #[must_use]
    pub fn fee(&self, amount_minor: i64) -> i64 {
        self.tariff.fee(amount_minor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms() -> Terms {
        Terms::of_settings(&Payouts::default())
    }

    #[test]
    fn the_defaults_can_hold() {
        assert!(terms().checked().is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let tariff = |rate_ppm, min, max| Tariff {
            rate_ppm,
            fixed_minor: 0,
            min_minor: min,
            max_minor: max,
        };
        let base = terms();
        for (field, wrong) in [
            (
                "fee",
                Terms {
                    tariff: tariff(1_000_001, None, None),
                    ..base
                },
            ),
            (
                "fee",
                Terms {
                    tariff: tariff(0, Some(2), Some(1)),
                    ..base
                },
            ),
            (
                "amount",
                Terms {
                    min_minor: 0,
                    ..base
                },
            ),
            (
                "amount",
                Terms {
                    min_minor: 2,
                    max_minor: 1,
                    ..base
                },
            ),
            (
                "daily",
                Terms {
                    daily_max_minor: Some(-1),
                    ..base
                },
            ),
            (
                "cutoff",
                Terms {
                    cutoff_minute: 1_441,
                    ..base
                },
            ),
            (
                "arrivalDays",
                Terms {
                    arrival_days: (2, 1),
                    ..base
                },
            ),
            (
                "arrivalDays",
                Terms {
                    arrival_days: (0, 31),
                    ..base
                },
            ),
        ] {
            assert_eq!(wrong.checked().unwrap_err().field, field, "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn net_and_fee_are_the_amount_and_none_is_below_nothing(
            rate_ppm in 0_i64..=1_000_000,
            fixed_minor in 0_i64..1_000,
            min in prop::option::of(0_i64..500),
            more in 0_i64..5_000,
            amount in 1_i64..100_000_000,
        ) {
            let tariff = Tariff {
                rate_ppm,
                fixed_minor,
                min_minor: min,
                max_minor: min.map(|min| min + more),
            };
            let fee = Terms { tariff, ..terms() }.fee(amount);
            prop_assert!((0..=amount).contains(&fee));
        }
    }
}
