//! Settings of payouts.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Settings};

/// Payouts: how they are worked on, and their terms where a merchant has none of its own. Amounts are in minor units.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payouts {
    /// How often the worker looks for payouts to send and to ask about, and for schedules to run.
    pub worker_interval_ms: u64,
    /// How long a worker has for one payout before another may take it; longer than `orders.provider_timeout_ms`.
    pub lease_ms: u64,
    /// How long an 易支付 platform may be at work on a payout before it knows its number. One whose answer was lost
    /// is not sent again sooner, since the platform might pay twice.
    pub resend_after_ms: u64,
    /// How long after it got new credentials no money leaves through a channel, so that whoever has stolen a session
    /// and a code sends none to another platform before the owner notices; 0 is not at all.
    pub channel_cooling_off_s: i64,
    /// How long what held before still holds where the limit of approvals is raised or taken away; 0 is not at all.
    pub approval_rest_s: i64,
    /// The fee's share of the amount, in millionths.
    pub fee_rate_ppm: i64,
    /// The fee's fixed part.
    pub fee_fixed_minor: i64,
    /// The least fee.
    pub fee_min_minor: Option<i64>,
    /// The highest fee.
    pub fee_max_minor: Option<i64>,
    /// The least amount of a payout.
    pub min_minor: i64,
    /// The highest amount of a payout.
    pub max_minor: i64,
    /// The highest sum of a day in the merchant's zone.
    pub daily_max_minor: Option<i64>,
    /// The minute of the day from which on a payout counts as asked for on the next working day: 1020 is 17:00.
    pub cutoff_minute: i16,
    /// Working days until it arrives, at the earliest.
    pub arrival_days_min: i16,
    /// Working days until it arrives, at the latest.
    pub arrival_days_max: i16,
    /// Whether the fee comes back with a payout that the bank returned.
    pub fee_returned: bool,
}

impl Default for Payouts {
    fn default() -> Self {
        Self {
            worker_interval_ms: 500,
            lease_ms: 30_000,
            resend_after_ms: 600_000,
            channel_cooling_off_s: 86_400,
            approval_rest_s: 86_400,
            fee_rate_ppm: 0,
            fee_fixed_minor: 0,
            fee_min_minor: None,
            fee_max_minor: None,
            min_minor: 100,
            max_minor: 5_000_000,
            daily_max_minor: None,
            cutoff_minute: 1_020,
            arrival_days_min: 1,
            arrival_days_max: 2,
            fee_returned: true,
        }
    }
}

impl Settings {
    /// Terms that no payout could have, and waits of payouts and bank accounts that are nothing or for ever.
    pub(super) fn check_payouts(&self) -> Result<(), ConfigError> {
        self.check_rests()?;
        let (it, accounts) = (&self.payouts, &self.bank_accounts);
        let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let may_be = |minor: Option<i64>| minor.unwrap_or(0);
        let wrong = [
            (
                "payouts.worker_interval_ms",
                ms(it.worker_interval_ms),
                1,
                60_000,
            ),
            ("payouts.lease_ms", ms(it.lease_ms), 1, 3_600_000),
            (
                "bank_accounts.worker_interval_ms",
                ms(accounts.worker_interval_ms),
                1,
                60_000,
            ),
            ("bank_accounts.lease_ms", ms(accounts.lease_ms), 1, 600_000),
            ("payouts.fee_rate_ppm", it.fee_rate_ppm, 0, 1_000_000),
            ("payouts.fee_fixed_minor", it.fee_fixed_minor, 0, i64::MAX),
            (
                "payouts.fee_min_minor",
                may_be(it.fee_min_minor),
                0,
                i64::MAX,
            ),
            (
                "payouts.fee_max_minor",
                it.fee_max_minor.unwrap_or(i64::MAX),
                may_be(it.fee_min_minor),
                i64::MAX,
            ),
            ("payouts.min_minor", it.min_minor, 1, i64::MAX),
            ("payouts.max_minor", it.max_minor, it.min_minor, i64::MAX),
            (
                "payouts.daily_max_minor",
                may_be(it.daily_max_minor),
                0,
                i64::MAX,
            ),
            ("payouts.cutoff_minute", it.cutoff_minute.into(), 0, 1_440),
            (
                "payouts.arrival_days_min",
                it.arrival_days_min.into(),
                0,
                30,
            ),
            (
                "payouts.arrival_days_max",
                it.arrival_days_max.into(),
                it.arrival_days_min.into(),
                30,
            ),
        ]
        .into_iter()
        .find(|(_, value, least, most)| !(least..=most).contains(&value));
        match wrong {
            None => Ok(()),
            Some((name, _, least, i64::MAX)) => Err(ConfigError::Invalid {
                name,
                problem: format!("must be {least} or more"),
            }),
            Some((name, _, least, most)) => Err(ConfigError::Invalid {
                name,
                problem: format!("must be from {least} to {most}"),
            }),
        }
    }

    /// Waits that hold money back, and would hold it for ever.
    fn check_rests(&self) -> Result<(), ConfigError> {
        let it = &self.payouts;
        let rests = [
            ("payouts.channel_cooling_off_s", it.channel_cooling_off_s),
            ("payouts.approval_rest_s", it.approval_rest_s),
        ];
        match rests
            .into_iter()
            .find(|(_, rest)| !(0..=2_592_000).contains(rest))
        {
            None => Ok(()),
            Some((name, _)) => Err(ConfigError::Invalid {
                name,
                problem: "must be from 0 to 2592000".to_owned(),
            }),
        }
    }
}
