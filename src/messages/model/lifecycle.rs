//! How a message goes from one state to the next.
//!
//! ```text
//! DRAFT → SCHEDULED → SENDING → SENT
//!     ↘       ↓         ↓
//!           CANCELED
//! ```

use chrono::{DateTime, TimeDelta, Utc};
use entity::Instant;
use entity::message::{MessageState, Model};

use super::refusal::{CancelRefusal, SendRefusal, UpdateRefusal};
use crate::invalid::Invalid;

/// How far ahead something may be scheduled.
const LONGEST_DAYS: i64 = 366;

/// Whether a message can still be changed.
pub const fn editable(row: &Model) -> Result<(), UpdateRefusal> {
    match row.state {
        MessageState::Draft | MessageState::Scheduled => Ok(()),
        MessageState::Sending | MessageState::Sent => Err(UpdateRefusal::AlreadyBegun),
        MessageState::Canceled => Err(UpdateRefusal::Canceled),
    }
}

/// A message is to be sent: at a time, or at once. One that waits already gets the new time.
pub fn scheduled(
    row: &Model,
    send_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Model, SendRefusal> {
    match row.state {
        MessageState::Draft | MessageState::Scheduled => {}
        MessageState::Sending | MessageState::Sent => return Err(SendRefusal::AlreadyBegun),
        MessageState::Canceled => return Err(SendRefusal::Canceled),
    }
    let at = send_at.unwrap_or(now);
    if at < now {
        return Err(SendRefusal::Invalid(Invalid::new(
            "sendAt",
            "lies in the past; leave it out to send at once.",
            "早于当前时间；如需立即发送请省略。",
        )));
    }
    if at > now + TimeDelta::days(LONGEST_DAYS) {
        return Err(SendRefusal::Invalid(Invalid::new(
            "sendAt",
            format!("lies at most {LONGEST_DAYS} days ahead."),
            format!("最多可定于 {LONGEST_DAYS} 天内。"),
        )));
    }
    Ok(Model {
        state: MessageState::Scheduled,
        send_at: Some(Instant(at)),
        next_at: Some(Instant(at)),
        ..row.clone()
    })
}

/// A message is not sent, or not to any more; a draft is put away. None where that is so already.
pub fn canceled(row: &Model, now: DateTime<Utc>) -> Result<Option<Model>, CancelRefusal> {
    match row.state {
        MessageState::Sent => Err(CancelRefusal::AlreadySent),
        MessageState::Canceled => Ok(None),
        MessageState::Draft | MessageState::Scheduled | MessageState::Sending => Ok(Some(Model {
            state: MessageState::Canceled,
            finished_at: row.started_at.map(|_| Instant(now)),
            next_at: None,
            ..row.clone()
        })),
    }
}

/// A message that waited begins to be sent; none where it has begun.
#[must_use]
pub fn begun(row: &Model, now: DateTime<Utc>) -> Option<Model> {
    (row.state == MessageState::Scheduled).then(|| Model {
        state: MessageState::Sending,
        started_at: Some(Instant(now)),
        ..row.clone()
    })
}

/// Nobody is left.
#[must_use]
pub fn finished(row: &Model, now: DateTime<Utc>) -> Model {
    Model {
        state: MessageState::Sent,
        finished_at: Some(Instant(now)),
        next_at: None,
        ..row.clone()
    }
}

#[cfg(test)]
mod tests {
    use entity::{MerchantId, MessageId, SegmentId};

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn draft() -> Model {
        Model {
            merchant_id: MerchantId(1),
            id: MessageId(1),
            name: "回访".to_owned(),
            segment_id: SegmentId(1),
            state: MessageState::Draft,
            version: 1,
            title: "好久不见".to_owned(),
            body: "{name}".to_owned(),
            title_en: None,
            body_en: None,
            send_at: None,
            quiet_from: None,
            quiet_to: None,
            effect_days: 7,
            created_by: "system".to_owned(),
            updated_at: Instant(at(0)),
            started_at: None,
            finished_at: None,
            next_at: None,
            after_id: 0,
            sent: 0,
            no_consent: 0,
            erased: 0,
        }
    }

    #[test]
    fn a_draft_waits_is_sent_and_cannot_be_changed_any_more() {
        let row = scheduled(&draft(), Some(at(3)), at(1)).expect("scheduled");
        assert_eq!(row.state, MessageState::Scheduled);
        assert_eq!(row.next_at, Some(Instant(at(3))));
        assert_eq!(editable(&row), Ok(()));
        let sooner = scheduled(&row, None, at(2)).expect("another time");
        assert_eq!(sooner.next_at, Some(Instant(at(2))));
        let row = begun(&row, at(3)).expect("begins");
        assert_eq!(
            (row.state, row.started_at),
            (MessageState::Sending, Some(Instant(at(3))))
        );
        assert_eq!(begun(&row, at(4)), None);
        assert_eq!(editable(&row), Err(UpdateRefusal::AlreadyBegun));
        assert_eq!(scheduled(&row, None, at(4)), Err(SendRefusal::AlreadyBegun));
        let row = finished(&row, at(5));
        assert_eq!((row.state, row.next_at), (MessageState::Sent, None));
        assert_eq!(canceled(&row, at(6)), Err(CancelRefusal::AlreadySent));
    }

    #[test]
    fn it_is_canceled_before_it_is_over_and_stays_so() {
        let sending = begun(&scheduled(&draft(), None, at(1)).expect("scheduled"), at(1));
        for row in [draft(), sending.expect("begins")] {
            let row = canceled(&row, at(2)).expect("canceled").expect("a change");
            assert_eq!((row.state, row.next_at), (MessageState::Canceled, None));
            assert_eq!(row.finished_at.is_some(), row.started_at.is_some());
            assert_eq!(canceled(&row, at(3)), Ok(None));
            assert_eq!(editable(&row), Err(UpdateRefusal::Canceled));
            assert_eq!(scheduled(&row, None, at(3)), Err(SendRefusal::Canceled));
        }
    }

    #[test]
    fn a_time_lies_ahead_and_not_too_far() {
        for hour in [0, 24 * 367 + 2] {
            let refused = scheduled(&draft(), Some(at(hour)), at(1));
            assert!(matches!(refused, Err(SendRefusal::Invalid(_))), "{hour}");
        }
        assert!(scheduled(&draft(), Some(at(1)), at(1)).is_ok());
    }
}
