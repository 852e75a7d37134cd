//! What figures and probes say of a channel, each by itself.

use entity::channel_health::{HealthCause, HealthState};

use super::baseline::Baseline;
use super::rate::{self, ONE};
use super::rules::Rules;
use super::window::{Counts, MINUTES, Window, minute_of};

/// What the last probe said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How often in a row the platform did not answer.
    pub failures: i32,
    /// Since when it does not; none where it does.
    pub failing_ms: Option<i64>,
    /// Whether it ever answered. Some platforms cannot be asked, and work all the same.
    pub answered_once: bool,
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

    /// What payments say that do not come in. Both have to be far below the usual: their share of the answers that
    /// payers have had time to act on, and their number, so that one who asks for many codes and pays none, or is
    /// refused many times, is no alarm. A platform that refuses everybody is as good as none.
    fn payments(&self, rules: &Rules, since_ms: i64) -> Option<Sign> {
        let baseline = self.baseline?;
        let mut found = None;
        for minutes in PAID_SPANS {
            let usual = baseline.paid_in_milli(minutes);
            if usual < rules.usual_paid_milli {
                continue;
            }
            let until = rules.lag_minutes + minutes;
            let answers = self
                .window
                .sum(rules.lag_minutes..until, since_ms)
                .answers();
            let paid = self.window.sum(0..until, since_ms).paid;
            if answers < rules.success_answers || paid * 1_000 > part(usual, rules.few_paid_ppm) {
                continue;
            }
            let upper = rate::wilson(paid, answers, rules.degraded_sureness).upper;
            if upper < part(baseline.lower_ppm, rules.success_down_ppm) {
                return Some((HealthState::Down, HealthCause::SuccessRate));
            }
            if upper < part(baseline.lower_ppm, rules.success_degraded_ppm) {
                found = Some((HealthState::Degraded, HealthCause::SuccessRate));
            }
        }
        found
    }

    /// What failing probes say where no traffic says otherwise. A platform that never answered one cannot be asked.
    fn probes(&self, rules: &Rules, since_ms: i64, now_ms: i64) -> Option<Sign> {
        let probe = self.probe(rules, now_ms)?;
        let failing_ms = probe.failing_ms.unwrap_or(probe.probed_ms);
        // What began to fail before has to go on for a while.
        let from_ms = if failing_ms >= since_ms {
            since_ms
        } else {
            since_ms.saturating_add(rules.dwell_ms)
        };
        let fails = probe.answered_once
            && probe.failures >= rules.probe_failures
            && probe.probed_ms >= from_ms;
        (fails && !self.goes_on(rules, failing_ms))
            .then_some((HealthState::Down, HealthCause::Probes))
    }

    /// Whether payers get codes although probes fail: in a minute that began after the first that failed; or many
    /// about that time, and nobody was left without one.
    fn goes_on(&self, rules: &Rules, failing_ms: i64) -> bool {
        let around = self.window.sum(0..2, minute_of(failing_ms));
        let after = self.window.sum(0..2, failing_ms);
        after.codes() > 0 || (around.errors == 0 && around.codes() >= rules.better_attempts * 2)
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

    /// Whether payments come in again. The outer none where attempts and the probe say it: where nobody is answered
    /// any more, and where too few are to be sure, of whom as many pay as usual.
    fn paid_again(&self, rules: &Rules) -> Option<Option<HealthState>> {
        let wanted = part(self.baseline?.lower_ppm, rules.success_until_ppm);
        let pays = |minutes: usize| {
            let tried = rules.lag_minutes..rules.lag_minutes + minutes;
            let tried = self.window.sum(tried, 0).answers();
            // Whole minutes: the current one would look like fewer each time that it begins.
            let share = rate::share(self.window.sum(1..minutes + 1, 0).paid, tried);
            (tried, share.is_some_and(|share| share >= wanted))
        };
        let mut known = PAID_SPANS.into_iter().map(pays);
        if let Some((_, enough)) = known.find(|(tried, _)| *tried >= rules.success_answers) {
            return Some(enough.then_some(HealthState::Healthy));
        }
        if self.window.total().answers() == 0 {
            return None;
        }
        let (tried, enough) = pays(MINUTES - rules.lag_minutes);
        if !enough {
            return Some(None);
        }
        (tried >= rules.better_attempts * 2).then_some(Some(HealthState::Healthy))
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

    /// The figures of a judgement: attempts, the share of technical errors, the share of payments. What failed
    /// before `from_ms` is over, and not shown beside what holds now.
    #[must_use]
    pub fn figures(&self, rules: &Rules, from_ms: i64) -> (i64, Option<i64>, Option<i64>) {
        let fast = self.window.sum(0..2, from_ms);
        let recent = self.window.sum(0..15, from_ms);
        let slow = self.window.sum(0..15, 0);
        let seen = if fast.attempts >= rules.better_attempts {
            fast
        } else {
            recent
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
