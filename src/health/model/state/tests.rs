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

    /// In that minute so many were refused, and so many payments came in.
    fn also_had(mut self, minutes_ago: i64, refused: i64, paid: i64) -> Self {
        let counts = Counts {
            refused,
            paid,
            ..Counts::default()
        };
        let at = self.now.timestamp_millis() - minutes_ago * MINUTE_MS;
        self.window.add(at, counts);
        self
    }

    /// Seven in ten pay, and 210 an hour.
    fn usually_paid(mut self) -> Self {
        self.baseline = Some(Baseline {
            share_ppm: 700_000,
            lower_ppm: 680_000,
            paid_per_hour_milli: 210_000,
        });
        self
    }

    fn probed(mut self, failures: i32) -> Self {
        let probed_ms = self.now.timestamp_millis();
        let before = self.probe.filter(|probe| probe.failures > 0);
        let failing_ms = before.map_or(Some(probed_ms), |probe| probe.failing_ms);
        self.probe = Some(Probe {
            failures,
            failing_ms: failing_ms.filter(|_| failures > 0),
            answered_once: true,
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
    assert_eq!(healthy().had(3, 1, 0).probed(9).judged(), down);
    // A code of before they failed says nothing.
    let failing = || healthy().later(30).had(0, 1, 0).probed(1);
    assert_eq!(failing().later(20).probed(2).judged(), down);
    // Some that came in the minute after do.
    let mut after = failing().later(40).had(0, 1, 0).probed(2);
    assert_eq!(after.judged(), None);
    assert_eq!({ after.later(120).probed(4) }.judged(), down, "no longer");
    // So do many, and nobody who was left without one.
    let busy = || healthy().later(30).had(0, 10, 0).probed(1).later(20);
    assert_eq!(busy().probed(2).judged(), None);
    assert_eq!(busy().had(0, 0, 1).probed(2).judged(), down);
    // Being refused is no code.
    let refused = failing().later(40).also_had(0, 30, 0);
    assert_eq!({ refused.probed(2) }.judged(), down);
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
fn a_platform_that_never_answered_a_probe_cannot_be_asked() {
    let mut channel = healthy().probed(9);
    channel.probe = channel.probe.map(|probe| Probe {
        answered_once: false,
        ..probe
    });
    assert_eq!(channel.judged(), None);
    channel = channel.had(0, 0, 5);
    assert_eq!(channel.judged(), Some((State::Down, ERRORS)));
}

#[test]
fn what_failed_before_the_end_of_maintenance_has_to_go_on_for_a_while() {
    let over = Channel::in_state(State::Unknown, Some(Cause::Recovered));
    let since = over.now.timestamp_millis();
    let mut channel = over.later(20).probed(3);
    channel.probe = channel.probe.map(|probe| Probe {
        failing_ms: Some(since - 60_000),
        ..probe
    });
    assert_eq!(channel.judged(), None);
    channel = channel.later(40).probed(4);
    let down = Some((State::Down, Some(Cause::Probes)));
    assert_eq!(channel.judged(), down);
    // What began to fail since then counts as ever.
    let over = Channel::in_state(State::Unknown, Some(Cause::Recovered));
    assert_eq!(
        { over.later(10).probed(1).later(10).probed(2) }.judged(),
        down
    );
}

#[test]
fn what_is_over_is_not_held_against_a_channel_that_limps() {
    let mut channel = (1..15).fold(down().later(900), |channel, minute| {
        channel.had(minute, 0, 20)
    });
    let mut turns = Vec::new();
    // Two in ten still fail.
    for second in 0..1_200 {
        if second % 6 == 0 {
            let fails = i64::from(second % 30 == 18);
            channel = channel.had(0, 1 - fails, fails);
        }
        channel = channel.later(1);
        turns.extend(channel.judged());
    }
    assert_eq!(turns, [(State::Degraded, Some(Cause::Recovered))]);
    // What comes afterwards is.
    channel = channel.had(0, 0, 60);
    assert_eq!(channel.judged(), Some((State::Down, ERRORS)));
}

#[test]
fn a_channel_that_was_closed_or_silent_begins_anew() {
    let silent = || Channel::in_state(State::Unknown, Some(Cause::NoTraffic));
    let mut channel = silent().had(1, 0, 20).later(180);
    assert_eq!(channel.judged(), None);
    channel = channel.had(0, 1, 0);
    assert_eq!(channel.judged(), Some((State::Healthy, None)));
    let mut failing = silent().later(180).had(0, 0, 5);
    assert_eq!(failing.judged(), Some((State::Down, ERRORS)));
}

#[test]
fn payments_that_do_not_come_in_are_told_from_payers_who_go_away() {
    let degraded = Some((State::Degraded, Some(Cause::SuccessRate)));
    let down = Some((State::Down, Some(Cause::SuccessRate)));
    // In each of twenty minutes: codes, refused, paid.
    for (codes, refused, paid, expected) in [
        (10, 0, 7, None),
        (10, 0, 2, None),
        (10, 0, 1, degraded),
        (10, 0, 0, down),
        // Everybody is refused; one customer is, beside the usual; hardly anybody asks.
        (0, 10, 0, down),
        (5, 100, 4, None),
        (1, 0, 0, None),
    ] {
        let minutes = |channel: Channel, minute| {
            channel
                .had(minute, codes, 0)
                .also_had(minute, refused, paid)
        };
        let mut channel = (0..20).fold(healthy().usually_paid().later(1_200), minutes);
        let told = channel.judged();
        assert_eq!(
            told, expected,
            "{codes} codes, {refused} refused, {paid} paid"
        );
    }
}

#[test]
fn a_channel_whose_payments_were_missed_is_believed_by_those_that_come_in() {
    let missed = || {
        Channel::in_state(State::Down, Some(Cause::SuccessRate))
            .usually_paid()
            .later(3_600)
    };
    let every = |step: usize, codes, paid| {
        let minutes = (0..20).step_by(step);
        minutes.fold(missed(), move |channel, minute| {
            channel.had(minute, codes, 0).also_had(minute, 0, paid)
        })
    };
    for (channel, expected, what) in [
        (every(1, 10, 7), Some(State::Healthy), "as usual"),
        (every(1, 10, 3), None, "fewer than usual"),
        (
            every(3, 1, 1),
            Some(State::Healthy),
            "a trickle, all of it paid",
        ),
        (every(3, 1, 0), None, "a trickle, none of it paid"),
        (every(9, 1, 1), None, "too little to know"),
        (
            every(9, 1, 1).probed(0),
            Some(State::Healthy),
            "and a probe",
        ),
        (every(9, 1, 0).probed(0), None, "a probe, but nobody pays"),
        (
            missed().probed(0),
            Some(State::Healthy),
            "nobody, and a probe",
        ),
        (
            missed().also_had(4, 20, 0).probed(0),
            None,
            "all are refused",
        ),
    ] {
        let mut channel = channel;
        assert_eq!(channel.judged(), None, "{what}");
        assert_eq!(channel.row.candidate, expected, "{what}");
    }
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
