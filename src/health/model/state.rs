//! How a channel is, and when that changes.
//!
//! For the worse at once, by what is surely so; for the better when it has looked better for a while, which is
//! longer where it goes back and forth. What a person has set holds until its time is over, then a maintenance
//! window, then what figures and probes say.

use chrono::TimeDelta;
use entity::Instant;
use entity::channel_health::{self, HealthCause, HealthState};
use entity::{ChannelId, MerchantId};

use super::rules::Rules;
use super::signs::{Evidence, is_worse};

/// A state that a channel takes, and why.
pub type Next = (HealthState, Option<HealthCause>);

/// What came of a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The row with its figures, and with the state that it had.
    pub row: channel_health::Model,
    /// The state that it takes now; none where it stays as it is.
    pub next: Option<Next>,
}

/// The row of a channel of which nothing is known yet.
#[must_use]
pub fn unknown(
    merchant_id: MerchantId,
    channel_id: ChannelId,
    at: Instant,
) -> channel_health::Model {
    channel_health::Model {
        merchant_id,
        channel_id,
        state: HealthState::Unknown,
        cause: None,
        since: at,
        judged_at: at,
        attempts: 0,
        error_ppm: None,
        success_ppm: None,
        baseline_ppm: None,
        candidate: None,
        candidate_since: None,
        flaps: 0,
        flapped_at: None,
        override_state: None,
        override_until: None,
        override_by: None,
        override_note: None,
    }
}

/// Whether somebody has said how the channel is, and that still holds.
#[must_use]
pub fn overridden(row: &channel_health::Model, at: Instant) -> Option<HealthState> {
    let holds = row.override_until.is_none_or(|until| until.0 > at.0);
    row.override_state.filter(|_| holds)
}

/// Whether it has gone back and forth so often lately that it is believed later.
#[must_use]
pub fn is_flapping(row: &channel_health::Model, rules: &Rules, at: Instant) -> bool {
    let span = TimeDelta::milliseconds(rules.flap_span_ms);
    row.flaps >= rules.flaps && row.flapped_at.is_some_and(|last| at.0 - last.0 <= span)
}

/// Judges a channel by its row as it is and what is known of it.
#[must_use]
pub fn judge(
    row: &channel_health::Model,
    evidence: &Evidence<'_>,
    rules: &Rules,
    at: Instant,
) -> Judgement {
    let mut row = row.clone();
    let (attempts, errors, success) = evidence.figures(rules, since(&row));
    let ppm = |share: i64| i32::try_from(share).unwrap_or(1_000_000);
    row.judged_at = at;
    row.attempts = attempts;
    row.error_ppm = errors.map(ppm);
    row.success_ppm = success.map(ppm);
    row.baseline_ppm = evidence.baseline.map(|usual| ppm(usual.share_ppm));
    let next = decide(&mut row, evidence, rules, at).filter(|(state, _)| *state != row.state);
    if let Some((state, _)) = next {
        (row.candidate, row.candidate_since) = (None, None);
        if is_worse(state, HealthState::Unknown) && !is_worse(row.state, HealthState::Unknown) {
            let span = TimeDelta::milliseconds(rules.flap_span_ms);
            let again = row.flapped_at.is_some_and(|last| at.0 - last.0 <= span);
            row.flaps = if again {
                row.flaps.saturating_add(1)
            } else {
                1
            };
            row.flapped_at = Some(at);
        }
    }
    Judgement { row, next }
}

/// From when on a channel is judged. What is over is not held against it a second time; nor what was before a
/// silence, or before it was closed.
fn since(row: &channel_health::Model) -> i64 {
    match row.cause {
        Some(HealthCause::Recovered | HealthCause::NoTraffic) => row.since.timestamp_millis(),
        _ => 0,
    }
}

fn decide(
    row: &mut channel_health::Model,
    evidence: &Evidence<'_>,
    rules: &Rules,
    at: Instant,
) -> Option<Next> {
    if let Some(state) = overridden(row, at) {
        return Some((state, Some(HealthCause::Manual)));
    }
    if row.override_state.is_some() {
        (row.override_state, row.override_until) = (None, None);
        (row.override_by, row.override_note) = (None, None);
    }
    if evidence.maintenance {
        return Some((HealthState::Maintenance, Some(HealthCause::Maintenance)));
    }
    if row.state == HealthState::Maintenance {
        // What failed meanwhile was announced.
        return Some((HealthState::Unknown, Some(HealthCause::Recovered)));
    }
    let now_ms = at.timestamp_millis();
    let from_ms = since(row);
    let bad = evidence.bad(rules, from_ms, now_ms);
    if row.cause == Some(HealthCause::Manual) {
        // What somebody had said is over, and says nothing any more.
        let next = match bad {
            Some((state, cause)) => (state, Some(cause)),
            None if evidence.works(rules, 0, now_ms) => (HealthState::Healthy, None),
            None => (HealthState::Unknown, None),
        };
        if next.0 == row.state {
            row.cause = next.1;
        }
        return Some(next);
    }
    if let Some((state, cause)) = bad
        && is_worse(state, row.state)
    {
        return Some((state, Some(cause)));
    }
    let quiet = evidence.is_silent(rules, now_ms);
    let (candidate, dwell) = match row.state {
        HealthState::Unknown => {
            let works = bad.is_none() && evidence.works(rules, from_ms, now_ms);
            let cause = row.cause.filter(|cause| *cause == HealthCause::Recovered);
            return works.then_some((HealthState::Healthy, cause));
        }
        _ if quiet => (Some(HealthState::Unknown), rules.silent_dwell_ms),
        HealthState::Degraded | HealthState::Down => {
            let was = (row.state, row.cause.unwrap_or(HealthCause::TechnicalErrors));
            let better = evidence.better(rules, was, row.since.timestamp_millis(), now_ms);
            let better = better.filter(|state| is_worse(row.state, *state));
            (better, rules.dwell(row.flaps))
        }
        HealthState::Healthy | HealthState::Maintenance => (None, 0),
    };
    wait(row, candidate, dwell, at)
}

/// Waits until a candidate has been one for as long as it takes.
fn wait(
    row: &mut channel_health::Model,
    candidate: Option<HealthState>,
    dwell_ms: i64,
    at: Instant,
) -> Option<Next> {
    if row.candidate != candidate {
        row.candidate = candidate;
        row.candidate_since = candidate.map(|_| at);
    }
    let (state, since) = (row.candidate?, row.candidate_since?);
    let dwell = TimeDelta::milliseconds(dwell_ms);
    if at.0 - since.0 < dwell || at.0 - row.since.0 < dwell {
        return None;
    }
    let cause = match state {
        HealthState::Unknown => HealthCause::NoTraffic,
        // A channel that is DEGRADED after it was DOWN has recovered as far.
        _ => HealthCause::Recovered,
    };
    Some((state, Some(cause)))
}

#[cfg(test)]
mod tests;
