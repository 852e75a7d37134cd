//! The thresholds by which channels are judged.

use super::rate::Sureness;

/// The thresholds by which channels are judged. Shares are in millionths; spans in milliseconds or minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A channel becomes DEGRADED where the share of technical errors is surely not less.
    pub degraded_ppm: i64,
    /// It stays so until the share is not more.
    pub degraded_until_ppm: i64,
    /// A channel becomes DOWN where the share of technical errors is surely not less.
    pub down_ppm: i64,
    /// It stays so until the share is not more.
    pub down_until_ppm: i64,
    /// How sure one has to be that a channel is worse: looked at every two seconds, what is usual must hardly
    /// ever look like it.
    pub degraded_sureness: Sureness,
    /// How sure one has to be that hardly anything goes through.
    pub down_sureness: Sureness,
    /// Errors below which a channel is not DEGRADED. Twice as many where probes are answered.
    pub degraded_errors: i64,
    /// Errors below which a channel is not DOWN. Twice as many where probes are answered.
    pub down_errors: i64,
    /// Attempts that say that a channel is better.
    pub better_attempts: i64,

    /// How many minutes payers may take: the newest codes are not looked at where the share of payments is.
    pub lag_minutes: usize,
    /// Answers below which the share of payments says nothing.
    pub success_answers: i64,
    /// A channel is DEGRADED where the share of payments is surely below this part of the usual.
    pub success_degraded_ppm: i64,
    /// A channel is DOWN where the share of payments is surely below this part of the usual.
    pub success_down_ppm: i64,
    /// It stays so until the share is this part of the usual again.
    pub success_until_ppm: i64,
    /// Usual payments, in thousandths, below which their absence says nothing.
    pub usual_paid_milli: i64,
    /// The part of them above which the share says nothing: one who asks for many codes and pays none is no alarm.
    pub few_paid_ppm: i64,

    /// Probes that fail in a row until a channel is DOWN, where no traffic says otherwise.
    pub probe_failures: i32,
    /// How long a probe says anything.
    pub probe_valid_ms: i64,

    /// How long a channel has to look better before it is.
    pub dwell_ms: i64,
    /// Changes for the worse, each within [`Rules::flap_span_ms`] of the one before, from which on the dwell is
    /// four times as long each time.
    pub flaps: i16,
    /// Within how long they count together.
    pub flap_span_ms: i64,
    /// How often it is made four times as long at the most.
    pub longer: i16,

    /// How many minutes without an attempt are silence.
    pub silent_minutes: usize,
    /// How long after that nothing is known.
    pub silent_dwell_ms: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            degraded_ppm: 100_000,
            degraded_until_ppm: 50_000,
            down_ppm: 500_000,
            down_until_ppm: 250_000,
            degraded_sureness: Sureness(3_000),
            down_sureness: Sureness(1_960),
            degraded_errors: 4,
            down_errors: 5,
            better_attempts: 5,
            lag_minutes: 2,
            success_answers: 30,
            success_degraded_ppm: 500_000,
            success_down_ppm: 100_000,
            success_until_ppm: 750_000,
            usual_paid_milli: 5_000,
            few_paid_ppm: 400_000,
            probe_failures: 2,
            probe_valid_ms: 600_000,
            dwell_ms: 60_000,
            flaps: 3,
            flap_span_ms: 1_800_000,
            longer: 2,
            silent_minutes: 15,
            silent_dwell_ms: 900_000,
        }
    }
}

impl Rules {
    /// The rules where platforms are probed so often: what a probe said holds for three turns at least.
    #[must_use]
    pub fn probed_every(interval_ms: u64) -> Self {
        let interval_ms = i64::try_from(interval_ms).unwrap_or(i64::MAX);
        let rules = Self::default();
        Self {
            probe_valid_ms: rules.probe_valid_ms.max(interval_ms.saturating_mul(3)),
            ..rules
        }
    }

    /// How long a channel that has flapped so often has to look better before it is.
    #[must_use]
    pub fn dwell(&self, flaps: i16) -> i64 {
        let longer = flaps.saturating_sub(self.flaps - 1);
        self.dwell_ms << (2 * longer.clamp(0, self.longer))
    }
}
