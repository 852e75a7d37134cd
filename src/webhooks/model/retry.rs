//! Decides what an answer means, and when a delivery is tried again.

use chrono::{DateTime, TimeDelta, Utc};
use entity::webhook_attempt::WebhookFault;

/// After how many seconds an event is sent again: Standard Webhooks' schedule, a day in all.
const EVENT_WAITS_S: [i64; 7] = [5, 300, 1_800, 7_200, 18_000, 36_000, 21_600];
/// After how many seconds a shop is called again: 易支付 tries 1, 3, 19 and 55 minutes after the first time,
/// and is given one last time after 115.
const NOTIFY_WAITS_S: [i64; 5] = [60, 120, 960, 2_160, 3_600];
/// An endpoint that takes nothing for so long is disabled.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(5);

/// What a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An event, to an endpoint.
    Event,
    /// A paid order, to its shop's own address.
    NotifyUrl,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status, or why there is none.
    pub status: Result<u16, WebhookFault>,
    /// The beginning of the body.
    pub body: String,
    /// How long it took, in milliseconds.
    pub took_ms: i32,
}

/// What an answer means: taken, or what went wrong.
pub type Verdict = Result<(), WebhookFault>;

/// Judges an answer. An endpoint takes by 2xx; a shop by a body that contains `success`, as 易支付 has it,
/// whatever the status.
pub fn judge(kind: Kind, answer: &Answer) -> Verdict {
    let status = answer.status?;
    match kind {
        Kind::NotifyUrl => {
            let words = ["success", "SUCCESS", "Success"];
            if words.iter().any(|word| answer.body.contains(word)) {
                Ok(())
            } else {
                Err(WebhookFault::NoSuccess)
            }
        }
        Kind::Event => match status {
            200..=299 => Ok(()),
            300..=399 => Err(WebhookFault::Redirected),
            410 => Err(WebhookFault::Gone),
            _ => Err(WebhookFault::WrongStatus),
        },
    }
}

/// How long to wait after so many tries that failed; none where that was the last. `drawn` is any number: it
/// spreads events that failed together by a tenth to both sides.
#[must_use]
pub fn wait_after(kind: Kind, tries: i32, drawn: u64) -> Option<TimeDelta> {
    let place = usize::try_from(tries - 1).ok()?;
    match kind {
        Kind::NotifyUrl => NOTIFY_WAITS_S.get(place).copied().map(TimeDelta::seconds),
        Kind::Event => {
            let wait_ms = EVENT_WAITS_S.get(place)? * 1_000;
            let tenth = wait_ms / 10;
            let spread = i64::try_from(drawn % (2 * tenth.unsigned_abs() + 1)).unwrap_or(0);
            Some(TimeDelta::milliseconds(wait_ms - tenth + spread))
        }
    }
}

/// Whether an endpoint that has taken nothing since an instant is disabled now.
#[must_use]
pub fn is_given_up(failing_since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - failing_since >= GIVEN_UP_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: Ok(status),
            body: body.to_owned(),
            took_ms: 1,
        }
    }

    #[test]
    fn an_endpoint_takes_by_2xx_and_a_shop_by_its_word() {
        for (status, told) in [
            (200, Ok(())),
            (204, Ok(())),
            (302, Err(WebhookFault::Redirected)),
            (404, Err(WebhookFault::WrongStatus)),
            (410, Err(WebhookFault::Gone)),
            (500, Err(WebhookFault::WrongStatus)),
        ] {
            assert_eq!(
                judge(Kind::Event, &answer(status, "success")),
                told,
                "{status}"
            );
        }
        for (status, body, told) in [
            (200, "success", Ok(())),
            (500, "Success!", Ok(())),
            (200, "<b>SUCCESS</b>", Ok(())),
            (200, "sUCCESS", Err(WebhookFault::NoSuccess)),
            (200, "", Err(WebhookFault::NoSuccess)),
        ] {
            assert_eq!(
                judge(Kind::NotifyUrl, &answer(status, body)),
                told,
                "{status} {body}"
            );
        }
        let silent = Answer {
            status: Err(WebhookFault::TimedOut),
            ..answer(200, "")
        };
        assert_eq!(judge(Kind::Event, &silent), Err(WebhookFault::TimedOut));
    }

    #[test]
    fn an_event_is_tried_seven_times_more_within_a_day_never_far_from_the_schedule() {
        for drawn in [0, 1, 999_999, u64::MAX] {
            let waits: Vec<TimeDelta> = (1..)
                .map_while(|tries| wait_after(Kind::Event, tries, drawn))
                .collect();
            assert_eq!(waits.len(), 7);
            for (wait, planned) in waits.iter().zip(EVENT_WAITS_S) {
                let off = (wait.num_milliseconds() - planned * 1_000).abs();
                assert!(off <= planned * 100, "{wait} {planned}");
            }
        }
        let whole: i64 = EVENT_WAITS_S.iter().sum();
        assert!((80_000..=86_400).contains(&whole));
    }

    #[test]
    fn a_shop_is_called_at_the_minutes_of_the_protocol() {
        let mut minutes = 0;
        let mut at = Vec::new();
        for tries in 1..=5 {
            minutes += wait_after(Kind::NotifyUrl, tries, 7).unwrap().num_minutes();
            at.push(minutes);
        }
        assert_eq!(at, [1, 3, 19, 55, 115]);
        assert_eq!(wait_after(Kind::NotifyUrl, 6, 7), None);
    }

    #[test]
    fn five_days_of_nothing_are_enough() {
        let since = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert!(!is_given_up(
            since,
            since + TimeDelta::days(5) - TimeDelta::seconds(1)
        ));
        assert!(is_given_up(since, since + TimeDelta::days(5)));
    }
}
