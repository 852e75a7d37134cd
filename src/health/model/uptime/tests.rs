//! Days of a channel, told from what is known of it.

use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};

use super::*;

const HOUR: i64 = 3_600_000;
const SHANGHAI: Tz = Tz::Asia__Shanghai;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn changes(all: &[(i64, HealthState, HealthState)]) -> Record {
    let changes = all.iter().map(|(at_ms, from, to)| Change {
        at_ms: *at_ms,
        from: *from,
        to: *to,
    });
    Record {
        changes: changes.collect(),
        ..Record::default()
    }
}

#[test]
fn days_are_the_merchants_and_today_is_as_long_as_it_has_come() {
    // Noon in Shanghai.
    let told = days(at("2026-11-23T04:00:00Z"), SHANGHAI, 2);
    let dates: Vec<String> = told.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2026-11-22", "2026-11-23"]);
    let lengths: Vec<i64> = told.iter().map(|day| day.to_ms - day.from_ms).collect();
    assert_eq!(lengths, [24 * HOUR, 12 * HOUR]);
    assert_eq!(told[0].to_ms, told[1].from_ms);
}

#[test]
fn a_day_on_which_clocks_change_is_shorter_or_longer() {
    for (now, hours) in [
        // Berlin: forward on 2026-03-29, back on 2026-10-25.
        ("2026-03-30T12:00:00Z", 23),
        ("2026-10-26T12:00:00Z", 25),
        ("2026-06-02T12:00:00Z", 24),
    ] {
        let told = days(at(now), Tz::Europe__Berlin, 2);
        assert_eq!(told[0].to_ms - told[0].from_ms, hours * HOUR, "{now}");
        // Down from the change of clocks' day's first hour on: all of the rest counts.
        let record = changes(&[(told[0].from_ms + HOUR, Healthy, Down)]);
        let day = record.tell(&told)[0];
        assert_eq!(day.down_ms, (hours - 1) * HOUR, "{now}");
        assert_eq!(day.availability_ppm, Some(1_000_000 / hours), "{now}");
    }
}

#[test]
fn a_day_tells_how_long_the_channel_was_what() {
    let today = days(at("2026-11-23T16:00:00Z"), SHANGHAI, 3);
    let (first, day, last) = (today[0].from_ms, today[1].from_ms, today[2].from_ms);
    for (case, record, availability, down, degraded, worst) in [
        ("nothing is known", changes(&[]), None, 0, 0, Unknown),
        (
            "a state that began long before",
            changes(&[(first - 90 * 24 * HOUR, Unknown, Healthy)]),
            Some(1_000_000),
            0,
            0,
            Healthy,
        ),
        (
            "the first change tells how it was before",
            changes(&[(last + HOUR, Down, Healthy)]),
            Some(0),
            24,
            0,
            Down,
        ),
        (
            "down for six hours",
            changes(&[(day + HOUR, Healthy, Down), (day + 7 * HOUR, Down, Healthy)]),
            Some(750_000),
            6,
            0,
            Down,
        ),
        (
            "degraded is available",
            changes(&[(day, Healthy, Degraded), (day + HOUR, Degraded, Healthy)]),
            Some(1_000_000),
            0,
            1,
            Degraded,
        ),
        (
            "what is unknown and what is being worked on does not count",
            changes(&[
                (day + 6 * HOUR, Unknown, Maintenance),
                (day + 12 * HOUR, Maintenance, Down),
                (day + 15 * HOUR, Down, Healthy),
            ]),
            Some(750_000),
            3,
            0,
            Down,
        ),
        (
            "over midnight, each day has its own",
            changes(&[(day - HOUR, Healthy, Down), (day + HOUR, Down, Healthy)]),
            Some(958_333),
            1,
            0,
            Down,
        ),
    ] {
        let told = record.tell(&today)[1];
        assert_eq!(told.availability_ppm, availability, "{case}");
        let hours = (told.down_ms / HOUR, told.degraded_ms / HOUR);
        assert_eq!(hours, (down, degraded), "{case}");
        assert_eq!(told.worst, worst, "{case}");
    }
}

#[test]
fn a_day_of_nothing_but_maintenance_has_no_availability() {
    let today = days(at("2026-11-23T16:00:00Z"), SHANGHAI, 3);
    let record = changes(&[(today[0].from_ms, Healthy, Maintenance)]);
    let told = record.tell(&today)[1];
    assert_eq!(told.availability_ppm, None);
    assert_eq!(told.worst, Maintenance);
}

#[test]
fn a_day_tells_what_went_through_the_channel_and_how_long_it_took() {
    let two = days(at("2026-11-24T16:00:00Z"), SHANGHAI, 2);
    let day = two[0].from_ms;
    let through = |day, attempts, paid| Through {
        day,
        attempts,
        paid,
    };
    let took = |day, measure, bucket, count| Took {
        day,
        measure,
        bucket,
        count,
    };
    let record = Record {
        through: vec![through(0, 40, 30), through(1, 7, 7), through(2, 1, 1)],
        took: vec![
            took(1, Measure::Create, 40, 9),
            took(0, Measure::Create, 10, 90),
            took(0, Measure::Create, 20, 10),
            took(0, Measure::Callback, 30, 4),
            took(2, Measure::Create, 40, 9),
        ],
        incidents_ms: vec![day - 1, day, day + 23 * HOUR],
        changes: Vec::new(),
    };
    let told = record.tell(&two)[0];
    assert_eq!((told.attempts, told.paid), (40, 30));
    assert_eq!(told.success_ppm, Some(750_000));
    assert_eq!(told.incidents, 2);
    let create = [(10, 90), (20, 10)];
    assert_eq!(told.create_p50_ms, percentile(&create, 50));
    assert_eq!(told.create_p95_ms, percentile(&create, 95));
    assert!(told.create_p50_ms < told.create_p95_ms);
    assert_eq!(told.callback_p50_ms, percentile(&[(30, 4)], 50));
    let empty = Record::default().tell(&two)[0];
    assert_eq!((empty.success_ppm, empty.create_p50_ms), (None, None));
}
