//! What figures and probes say of a channel, each by itself.

use entity::channel_health::{HealthCause, HealthState};

use super::baseline::Baseline;
use super::rate::{self, ONE};
use super::rules::Rules;
use super::window::{Counts, MINUTES, Window};

/// What the last probe said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How often in a row the platform did not answer.
    pub failures: i32,
    /// When it was asked.
    pub probed_ms: i64,
}

/// What a channel is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Its last minutes.
    pub window: &'a Window,
    /// What is usual; none where that is not known.
    pub baseline: Option<Baseline>,
    /// What the last probe said; none where there was none.
    pub probe: Option<Probe>,
    /// Whether it is being worked on, as announced.
    pub maintenance: bool,
}

/// A state, and what speaks for it.
pub type Sign = (HealthState, HealthCause);

/// How bad a state is.
fn weight(state: HealthState) -> u8 {
    match state {
        HealthState::Down => 2,
        HealthState::Degraded => 1,
        HealthState::Healthy | HealthState::Maintenance | HealthState::Unknown => 0,
    }
}

/// Whether the first state is worse than the second.
#[must_use]
pub fn is_worse(state: HealthState, than: HealthState) -> bool {
    weight(state) > weight(than)
}

/// How many minutes technical errors are looked at for: the few that a busy channel needs, and the many that a
/// quiet one needs.
const SPANS: [usize; 4] = [1, 2, 5, 15];
/// How many minutes of payments are looked at.
const PAID_SPANS: [usize; 4] = [3, 5, 10, 15];

impl Evidence<'_> {
    /// The last probe, where it is not too old to say anything.
    #[must_use]
    pub fn probe(&self, rules: &Rules, now_ms: i64) -> Option<Probe> {
        self.probe
            .filter(|probe| now_ms - probe.probed_ms <= rules.probe_valid_ms)
    }

    fn is_answered(&self, rules: &Rules, now_ms: i64) -> bool {
        self.probe(rules, now_ms)
            .is_some_and(|probe| probe.failures == 0)
    }

    /// The worst that anything says, of minutes that began at `since_ms` or later.
    #[must_use]
    pub fn bad(&self, rules: &Rules, since_ms: i64, now_ms: i64) -> Option<Sign> {
        let signs = [
            self.errors(rules, since_ms, now_ms),
            self.payments(rules, since_ms),
            self.probes(rules, since_ms, now_ms),
        ];
        // Of equals the first: technical errors speak first.
        let worst = |worst: Sign, sign: Sign| {
            if is_worse(sign.0, worst.0) {
                sign
            } else {
                worst
            }
        };
        signs.into_iter().flatten().reduce(worst)
    }

    /// What technical errors say.
    fn errors(&self, rules: &Rules, since_ms: i64, now_ms: i64) -> Option<Sign> {
        if self.window.total().errors < rules.degraded_errors {
            return None;
        }
        let times = 1 + i64::from(self.is_answered(rules, now_ms));
        let mut found = None;
        for minutes in SPANS {
            let Counts {
                attempts, errors, ..
            } = self.window.sum(0..minutes, since_ms);
            let lower = |sureness| rate::wilson(errors, attempts, sureness).lower;
            if errors >= rules.down_errors * times && lower(rules.down_sureness) >= rules.down_ppm {
                return Some((HealthState::Down, HealthCause::TechnicalErrors));
            }
            if errors >= rules.degraded_errors * times
                && lower(rules.degraded_sureness) >= rules.degraded_ppm
            {
                found = Some((HealthState::Degraded, HealthCause::TechnicalErrors));
            }
        }
        found
    }

    /// What payments say that do not come in. Both have to be far below the usual: their share of the codes that
    /// payers have had time to pay, and their number, so that one who asks for many codes and pays none is no
    /// alarm.
    fn payments(&self, rules: &Rules, since_ms: i64) -> Option<Sign> {
        let baseline = self.baseline?;
        let mut found = None;
        for minutes in PAID_SPANS {
            let usual = baseline.paid_in_milli(minutes);
            if usual < rules.usual_paid_milli {
                continue;
            }
            let until = rules.lag_minutes + minutes;
            let codes = self.window.sum(rules.lag_minutes..until, since_ms).codes();
            let paid = self.window.sum(0..until, since_ms).paid;
            if codes < rules.success_codes || paid * 1_000 > part(usual, rules.few_paid_ppm) {
                continue;
            }
            let upper = rate::wilson(paid, codes, rules.degraded_sureness).upper;
            if upper < part(baseline.lower_ppm, rules.success_down_ppm) {
                return Some((HealthState::Down, HealthCause::SuccessRate));
            }
            if upper < part(baseline.lower_ppm, rules.success_degraded_ppm) {
                found = Some((HealthState::Degraded, HealthCause::SuccessRate));
            }
        }
        found
    }

    /// What failing probes say where no traffic says otherwise.
    fn probes(&self, rules: &Rules, since_ms: i64, now_ms: i64) -> Option<Sign> {
        let probe = self.probe(rules, now_ms)?;
        let goes_on = self.window.sum(0..2, 0).answers() > 0;
        let fails = probe.failures >= rules.probe_failures && probe.probed_ms >= since_ms;
        (fails && !goes_on).then_some((HealthState::Down, HealthCause::Probes))
    }

    /// How a bad channel looks by what came after it had become so: the state that it should have now; none where
    /// nothing says so. Traffic outweighs probes.
    #[must_use]
    pub fn better(
        &self,
        rules: &Rules,
        was: Sign,
        since_ms: i64,
        now_ms: i64,
    ) -> Option<HealthState> {
        if was.1 == HealthCause::SuccessRate
            && let Some(paid) = self.paid_again(rules)
        {
            return paid;
        }
        let probe = self.probe(rules, now_ms);
        let answered = probe.filter(|probe| probe.failures == 0 && probe.probed_ms > since_ms);
        let fresh = self.window.sum(0..2, since_ms);
        if fresh.attempts < rules.better_attempts {
            let failed_until = self.window.failed_until().unwrap_or(0);
            if answered.is_some_and(|probe| probe.probed_ms >= failed_until) {
                return Some(HealthState::Healthy);
            }
        }
        let counts = SPANS[1..]
            .iter()
            .map(|minutes| self.window.sum(0..*minutes, since_ms))
            .find(|counts| counts.attempts >= rules.better_attempts)?;
        let share = rate::share(counts.errors, counts.attempts)?;
        if share <= rules.degraded_until_ppm {
            Some(HealthState::Healthy)
        } else if share <= rules.down_until_ppm {
            Some(HealthState::Degraded)
        } else {
            None
        }
    }

    /// Whether payments come in again; the outer none where nobody is shown a code any more.
    fn paid_again(&self, rules: &Rules) -> Option<Option<HealthState>> {
        let baseline = self.baseline?;
        let wanted = part(baseline.lower_ppm, rules.success_until_ppm);
        PAID_SPANS
            .iter()
            .map(|minutes| {
                let codes = self
                    .window
                    .sum(rules.lag_minutes..rules.lag_minutes + minutes, 0);
                (codes.codes(), self.window.sum(0..*minutes, 0).paid)
            })
            .find(|(codes, _)| *codes >= rules.success_codes)
            .or_else(|| {
                let codes = self.window.sum(0..MINUTES, 0).codes();
                (codes > 0).then_some((codes, self.window.sum(0..MINUTES, 0).paid))
            })
            .map(|(codes, paid)| {
                let enough = codes >= rules.better_attempts * 2;
                let share = rate::share(paid, codes).filter(|_| enough)?;
                (share >= wanted).then_some(HealthState::Healthy)
            })
    }

    /// Whether anything says that the channel works.
    #[must_use]
    pub fn works(&self, rules: &Rules, since_ms: i64, now_ms: i64) -> bool {
        let counts = self.window.sum(0..rules.silent_minutes, since_ms);
        let share = rate::share(counts.errors, counts.attempts);
        let goes_through = share.is_some_and(|share| share <= rules.down_until_ppm);
        let probe = self.probe(rules, now_ms);
        let answered =
            probe.is_some_and(|probe| probe.failures == 0 && probe.probed_ms >= since_ms);
        goes_through || (counts.attempts == 0 && answered)
    }

    /// Whether nothing has been heard of the channel for long.
    #[must_use]
    pub fn is_silent(&self, rules: &Rules, now_ms: i64) -> bool {
        let counts = self.window.sum(0..rules.silent_minutes, 0);
        counts.attempts + counts.refused + counts.paid == 0 && self.probe(rules, now_ms).is_none()
    }

    /// The figures of a judgement: attempts, the share of technical errors, the share of payments.
    #[must_use]
    pub fn figures(&self, rules: &Rules) -> (i64, Option<i64>, Option<i64>) {
        let fast = self.window.sum(0..2, 0);
        let slow = self.window.sum(0..15, 0);
        let seen = if fast.attempts >= rules.better_attempts {
            fast
        } else {
            slow
        };
        let tried = self
            .window
            .sum(rules.lag_minutes..rules.lag_minutes + 15, 0);
        (
            seen.attempts,
            rate::share(seen.errors, seen.attempts),
            rate::share(slow.paid, tried.attempts),
        )
    }
}

fn part(of: i64, ppm: i64) -> i64 {
    of * ppm / ONE
}
