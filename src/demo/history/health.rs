//! How a store's channels were in the last weeks: mostly well, with a handful of incidents.

use entity::channel_health::{self, HealthCause, HealthState};
use entity::incident::{self, IncidentState, Severity};
use entity::{ChannelId, HealthChangeId, IncidentId, MerchantId, channel_health_change, order};

use super::{DAY_MS, HOUR_MS, instant};
use crate::demo::store::Store;
use crate::health::model::impact::{Passed, measure};

/// Since when channels were watched, before the end of a history.
const WATCHED_FOR_MS: i64 = 60 * DAY_MS;
/// What was paid as a rule, in millionths.
const USUAL_PPM: i32 = 780_000;
/// What the other channel was paid, in millionths.
const FALLBACK_PPM: i32 = 812_000;

/// Trouble of the past: how many days ago, at which minute of the day, for how many minutes, how bad, and
/// through which of the store's channels.
type Trouble = (i64, i64, i64, Severity, usize);

const TROUBLES: [Trouble; 6] = [
    (2, 19 * 60 + 12, 14, Severity::Down, 0),
    (5, 12 * 60 + 31, 7, Severity::Degraded, 1),
    (11, 20 * 60 + 5, 23, Severity::Down, 0),
    (17, 18 * 60 + 40, 9, Severity::Degraded, 0),
    (24, 12 * 60 + 10, 31, Severity::Down, 1),
    (39, 18 * 60 + 55, 46, Severity::Down, 0),
];

/// One trouble, and what it cost.
#[derive(Clone, Copy, Debug)]
struct Past {
    channel: ChannelId,
    other: Option<ChannelId>,
    from_ms: i64,
    to_ms: i64,
    severity: Severity,
    passed: Passed,
}

/// What happened to a store's channels.
#[derive(Debug)]
pub(super) struct Health {
    merchant_id: MerchantId,
    channels: Vec<ChannelId>,
    acknowledged_by: String,
    since_ms: i64,
    until_ms: i64,
    past: Vec<Past>,
}

/// The rows of what happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// How channels are.
    pub health: Vec<channel_health::Model>,
    /// How that changed.
    pub changes: Vec<channel_health_change::Model>,
    /// What was wrong.
    pub incidents: Vec<incident::Model>,
}

impl Health {
    /// The troubles of a store whose wall is so far ahead of UTC at the end; somebody knew of each.
    pub(super) fn open(
        store: &Store,
        acknowledged_by: String,
        until_ms: i64,
        offset_ms: i64,
    ) -> Self {
        let open = store.channels.iter().filter(|channel| channel.enabled);
        let channels: Vec<ChannelId> = open.map(|channel| channel.id).collect();
        let opened_ms = store.merchant.created_at.0.timestamp_millis();
        let since_ms = opened_ms.max(until_ms - WATCHED_FOR_MS);
        let midnight = until_ms - (until_ms + offset_ms).rem_euclid(DAY_MS);
        let past = TROUBLES
            .iter()
            .rev()
            .filter_map(|(days, minute, minutes, severity, place)| {
                let from_ms = midnight - days * DAY_MS + minute * 60_000;
                let to_ms = from_ms + minutes * 60_000;
                let channel = *channels.get(*place)?;
                (from_ms > since_ms + HOUR_MS).then(|| Past {
                    channel,
                    other: channels.get(1 - *place).copied(),
                    from_ms,
                    to_ms,
                    severity: *severity,
                    passed: Passed::default(),
                })
            });
        Self {
            merchant_id: store.merchant.id,
            acknowledged_by,
            since_ms,
            until_ms,
            past: past.collect(),
            channels,
        }
    }

    /// Whether an order was made while its channel did not work; it counts as one that first failed.
    pub(super) fn note(&mut self, order: &order::Model) -> bool {
        let made_ms = order.id.made_at_ms();
        let amount = order.amount_minor - order.discount_minor;
        for past in &mut self.past {
            if past.channel == order.channel_id && (past.from_ms..past.to_ms).contains(&made_ms) {
                past.passed.attempts += 1;
                past.passed.attempted_minor += amount;
                past.passed.failed += 1;
                return true;
            }
        }
        false
    }

    pub(super) fn close(self) -> Watched {
        let mut watched = Watched::default();
        let mut serial = 0;
        for channel in &self.channels {
            self.change(
                &mut watched,
                &mut serial,
                *channel,
                (HealthState::Unknown, HealthState::Healthy, None),
                self.since_ms,
            );
        }
        for past in &self.past {
            let (bad, cause) = match past.severity {
                Severity::Down => (HealthState::Down, HealthCause::TechnicalErrors),
                Severity::Degraded => (HealthState::Degraded, HealthCause::TechnicalErrors),
            };
            let turn = (HealthState::Healthy, bad, Some(cause));
            self.change(&mut watched, &mut serial, past.channel, turn, past.from_ms);
            let over = Some(HealthCause::Recovered);
            let turn = (bad, HealthState::Healthy, over);
            self.change(&mut watched, &mut serial, past.channel, turn, past.to_ms);
            watched.incidents.push(self.incident(past, cause));
        }
        for channel in &self.channels {
            let last = watched.changes.iter().rev();
            let last = last
                .filter(|change| change.channel_id == *channel)
                .max_by_key(|change| change.changed_at.0);
            let since = last.map_or(instant(self.since_ms), |change| change.changed_at);
            watched.health.push(self.healthy(*channel, since));
        }
        watched
    }

    fn change(
        &self,
        watched: &mut Watched,
        serial: &mut i64,
        channel_id: ChannelId,
        (from_state, to_state, cause): (HealthState, HealthState, Option<HealthCause>),
        at_ms: i64,
    ) {
        *serial += 1;
        watched.changes.push(channel_health_change::Model {
            merchant_id: self.merchant_id,
            id: HealthChangeId(HealthChangeId::first_at(at_ms).0 + *serial),
            channel_id,
            from_state,
            to_state,
            cause,
            changed_by: "system".to_owned(),
            changed_at: instant(at_ms),
        });
    }

    fn incident(&self, past: &Past, cause: HealthCause) -> incident::Model {
        let impact = measure(past.passed, Some(USUAL_PPM));
        let known_ms = past.from_ms + 90_000;
        incident::Model {
            merchant_id: self.merchant_id,
            id: IncidentId(IncidentId::first_at(past.from_ms).0 + 1),
            channel_id: past.channel,
            state: IncidentState::Resolved,
            severity: past.severity,
            cause,
            opened_at: instant(past.from_ms),
            worsened_at: None,
            acknowledged_at: Some(instant(known_ms)),
            acknowledged_by: Some(self.acknowledged_by.clone()),
            note: Some("已联系支付平台，前台已公告".to_owned()),
            resolved_at: Some(instant(past.to_ms)),
            attempts: impact.attempts,
            failed: impact.failed,
            expected_paid: impact.expected_paid,
            paid: impact.paid,
            at_risk_minor: impact.at_risk_minor,
            fallback_channel_id: past.other,
            fallback_success_ppm: past.other.map(|_| FALLBACK_PPM),
        }
    }

    fn healthy(&self, channel_id: ChannelId, since: entity::Instant) -> channel_health::Model {
        channel_health::Model {
            merchant_id: self.merchant_id,
            channel_id,
            state: HealthState::Healthy,
            cause: None,
            since,
            judged_at: instant(self.until_ms),
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
}
