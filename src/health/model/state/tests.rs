//! The machine by table: what it takes to be bad, to be better, and who is believed first.

use super::*;
use crate::health::model::baseline::Baseline;
use crate::health::model::signs::Probe;
use crate::health::model::window::{Counts, MINUTE_MS, Window};
use HealthCause as Cause;
use HealthState as State;

/// A channel whose minutes can be told.
struct Channel {
    row: channel_health::Model,
    window: Window,
    baseline: Option<Baseline>,
    probe: Option<Probe>,
    maintenance: bool,
    now: Instant,
}

impl Channel {
    fn in_state(state: State, cause: Option<Cause>) -> Self {
        let now = Instant("2026-11-23T04:00:00Z".parse().unwrap());
        let mut row = unknown(MerchantId(1), ChannelId(1), now);
        (row.state, row.cause) = (state, cause);
        Self {
            row,
            window: Window::at(now.timestamp_millis()),
            baseline: None,
            probe: None,
            maintenance: false,
            now,
        }
    }

    /// So many seconds later.
    fn later(mut self, seconds: i64) -> Self {
        self.now = Instant(self.now.0 + TimeDelta::seconds(seconds));
        self.window.advance(self.now.timestamp_millis());
        self
    }

    /// In the minute that was so many minutes ago, so many got a code and so many did not.
    fn had(mut self, minutes_ago: i64, codes: i64, errors: i64) -> Self {
        let counts = Counts {
            attempts: codes + errors,
            errors,
            ..Counts::default()
        };
        let at = self.now.timestamp_millis() - minutes_ago * MINUTE_MS;
        self.window.add(at, counts);
        self
    }

    fn probed(mut self, failures: i32) -> Self {
        let probed_ms = self.now.timestamp_millis();
        self.probe = Some(Probe {
            failures,
            probed_ms,
        });
        self
    }

    fn judged(&mut self) -> Option<Next> {
        let evidence = Evidence {
            window: &self.window,
            baseline: self.baseline,
            probe: self.probe,
            maintenance: self.maintenance,
        };
        let judgement = judge(&self.row, &evidence, &Rules::default(), self.now);
        self.row = judgement.row;
        if let Some((state, cause)) = judgement.next {
            (self.row.state, self.row.cause, self.row.since) = (state, cause, self.now);
        }
        judgement.next
    }
}

fn healthy() -> Channel {
    Channel::in_state(State::Healthy, None)
}

fn down() -> Channel {
    Channel::in_state(State::Down, Some(Cause::TechnicalErrors))
}

const ERRORS: Option<Cause> = Some(Cause::TechnicalErrors);

#[test]
fn it_takes_errors_that_are_surely_too_many() {
    for (codes, errors, expected) in [
        (0, 3, None),
        (0, 4, Some((State::Degraded, ERRORS))),
        (0, 5, Some((State::Down, ERRORS))),
        (6, 4, Some((State::Degraded, ERRORS))),
        (7, 4, None),
        (95, 5, None),
        (900, 100, None),
        (850, 150, Some((State::Degraded, ERRORS))),
        (400, 600, Some((State::Down, ERRORS))),
        (500, 500, Some((State::Degraded, ERRORS))),
    ] {
        let told = healthy().had(0, codes, errors).judged();
        assert_eq!(told, expected, "{errors} errors beside {codes} codes");
    }
}

#[test]
fn a_quiet_channel_is_judged_by_a_quarter_of_an_hour() {
    let quiet = (0..5).fold(healthy(), |channel, minute| channel.had(minute * 3, 0, 1));
    assert_eq!({ quiet }.judged(), Some((State::Down, ERRORS)));
    // One that was busy before is not excused by that.
    let busy = healthy().had(1, 200, 0).had(0, 0, 9);
    assert_eq!({ busy }.judged(), Some((State::Down, ERRORS)));
}

#[test]
fn it_stays_bad_until_it_is_clearly_better() {
    for (codes, errors, expected) in [
        (3, 0, None),
        (5, 0, Some(State::Healthy)),
        (95, 5, Some(State::Healthy)),
        (94, 6, Some(State::Degraded)),
        (75, 25, Some(State::Degraded)),
        (70, 30, None),
    ] {
        let mut channel = down().later(120).had(0, codes, errors);
        assert_eq!(channel.judged(), None, "not at once");
        assert_eq!(
            channel.row.candidate, expected,
            "{errors} errors beside {codes} codes"
        );
    }
}

#[test]
fn better_is_believed_after_a_while_and_worse_at_once() {
    let mut channel = down().later(120).had(0, 20, 0);
    assert_eq!(channel.judged(), None);
    channel = channel.later(59);
    assert_eq!(channel.judged(), None);
    // An error in between, and it begins again.
    channel = channel.had(0, 0, 20);
    assert_eq!(channel.judged(), None);
    assert_eq!(channel.row.candidate, None);
    channel = channel.later(180).had(0, 20, 0);
    assert_eq!(channel.judged(), None);
    channel = channel.later(60);
    assert_eq!(
        channel.judged(),
        Some((State::Healthy, Some(Cause::Recovered)))
    );
    channel = channel.later(60).had(0, 0, 5);
    assert_eq!(channel.judged(), Some((State::Down, ERRORS)));
}

#[test]
fn the_wait_grows_from_the_third_alarm_on() {
    let rules = Rules::default();
    let waits = [0, 1, 2, 3, 4, 5, 6, 7, i16::MAX].map(|flaps| rules.dwell(flaps) / 1_000);
    assert_eq!(waits, [60, 60, 60, 240, 960, 960, 960, 960, 960]);
    let mut row = down().row;
    (row.flaps, row.flapped_at) = (3, Some(row.since));
    let later = |minutes| Instant(row.since.0 + TimeDelta::minutes(minutes));
    assert!(is_flapping(&row, &rules, later(30)));
    assert!(!is_flapping(&row, &rules, later(31)), "it is over");
}

#[test]
fn traffic_outweighs_probes_and_probes_silence() {
    assert_eq!(healthy().probed(1).judged(), None);
    let down = Some((State::Down, Some(Cause::Probes)));
    assert_eq!(healthy().probed(2).judged(), down);
    assert_eq!(healthy().had(1, 1, 0).probed(9).judged(), None);
    assert_eq!(healthy().had(3, 1, 0).probed(9).judged(), down);
    // Too old to say anything.
    assert_eq!(healthy().probed(2).later(601).judged(), None);
    let mut silent = healthy().probed(0).later(601);
    assert_eq!(silent.judged(), None);
    assert_eq!(
        { silent.later(900) }.judged(),
        Some((State::Unknown, Some(Cause::NoTraffic)))
    );
}

#[test]
fn a_person_comes_before_maintenance_and_maintenance_before_figures() {
    let mut channel = healthy().had(0, 0, 9);
    channel.maintenance = true;
    let until = Instant(channel.now.0 + TimeDelta::seconds(60));
    (channel.row.override_state, channel.row.override_until) = (Some(State::Healthy), Some(until));
    channel.row.cause = Some(Cause::Manual);
    assert_eq!(channel.judged(), None);
    channel = channel.later(60);
    assert_eq!(
        channel.judged(),
        Some((State::Maintenance, Some(Cause::Maintenance)))
    );
    assert_eq!(channel.row.override_state, None);
    channel.maintenance = false;
    channel = channel.later(60);
    assert_eq!(
        channel.judged(),
        Some((State::Unknown, Some(Cause::Recovered)))
    );
    assert_eq!(
        channel.judged(),
        None,
        "what failed meanwhile was announced"
    );
}
