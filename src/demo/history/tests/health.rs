//! What a history says of its channels: what went through, by hour, and incidents that fit it.

use entity::channel_health::HealthState;
use entity::channel_traffic;

use super::*;

#[test]
fn what_went_through_channels_is_what_the_orders_of_the_last_weeks_say() {
    let mut history = year(&HUIXIAN, 20_000, 1).watched("stf_owner".to_owned());
    let since = until().timestamp_millis() - 60 * DAY_MS;
    let plans: Vec<Plan> = history.by_ref().collect();
    let recent = plans
        .iter()
        .filter(|plan| plan.order.id.made_at_ms() >= since);
    let (mut made, mut paid, mut paid_minor) = (0, 0, 0);
    for plan in recent {
        made += 1;
        paid += i64::from(plan.order.paid_at.is_some());
        paid_minor += plan.order.paid_minor;
    }
    let ending = history.end();
    let sum = |of: fn(&channel_traffic::Model) -> i64| ending.hours.iter().map(of).sum::<i64>();
    let failed = sum(|hour| hour.unavailable);
    assert!(failed > 0, "some failed while their channel did");
    assert_eq!(sum(|hour| hour.attempts), made + failed);
    assert_eq!(sum(|hour| hour.paid), paid);
    assert_eq!(sum(|hour| hour.paid_minor), paid_minor);
    // Hours of Shanghai's clock are whole hours.
    assert!(
        ending
            .hours
            .iter()
            .all(|hour| hour.starts_ms % HOUR_MS == 0)
    );
    assert!(!ending.times.is_empty());
    let watched = &ending.watched;
    let of_incidents: i64 = watched.incidents.iter().map(|one| one.failed).sum();
    assert_eq!(of_incidents, failed, "incidents say what failed in them");
}

#[test]
fn each_incident_of_the_past_is_a_channels_that_was_not_healthy_meanwhile() {
    let mut history = year(&HUIXIAN, 2_000, 1).watched("stf_owner".to_owned());
    history.by_ref().for_each(drop);
    let watched = history.end().watched;
    assert!(watched.incidents.len() >= 5);
    for incident in &watched.incidents {
        let changes = watched.changes.iter();
        let of_channel = changes.filter(|change| change.channel_id == incident.channel_id);
        let begun = of_channel
            .clone()
            .find(|change| change.changed_at == incident.opened_at);
        assert_ne!(begun.unwrap().to_state, HealthState::Healthy);
        let over = of_channel
            .clone()
            .find(|change| Some(change.changed_at) == incident.resolved_at);
        assert_eq!(over.unwrap().to_state, HealthState::Healthy);
    }
    // A channel's changes follow each other.
    for row in &watched.health {
        let mut changes: Vec<_> = watched
            .changes
            .iter()
            .filter(|change| change.channel_id == row.channel_id)
            .collect();
        changes.sort_by_key(|change| change.id);
        for pair in changes.windows(2) {
            assert_eq!(pair[0].to_state, pair[1].from_state);
            assert!(pair[0].changed_at.0 < pair[1].changed_at.0);
        }
        let last = changes.last().unwrap();
        assert_eq!((last.to_state, last.changed_at), (row.state, row.since));
    }
}
