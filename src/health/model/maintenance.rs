//! Which maintenance windows may be planned, and which may be called off.

use chrono::{DateTime, TimeDelta, Utc};
use entity::MaintenanceWindowId;
use entity::maintenance_window::{MaintenanceSource, Model};

use super::incident::{long_note, read_note};
use crate::error::{Problem, Refusal};

/// How long a window is at the most.
const LONGEST: TimeDelta = TimeDelta::days(7);
/// How far ahead it begins at the most.
const FARTHEST: TimeDelta = TimeDelta::days(365);
/// How late a window may be entered that begins at once: clocks differ, and people type.
const GRACE: TimeDelta = TimeDelta::minutes(1);
/// How many windows of a channel lie ahead at the most.
pub const MOST_AHEAD: usize = 100;

/// A window that is to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowDraft {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Who plans it.
    pub source: MaintenanceSource,
    /// What is done, in words.
    pub note: Option<String>,
}

/// Why a window was not entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleRefusal {
    /// There is no such channel.
    ChannelNotFound,
    /// It begins in the past.
    InPast,
    /// It does not end after it begins.
    EndsBeforeStart,
    /// It is longer than a week.
    TooLong,
    /// It begins in more than a year.
    TooFarAhead,
    /// Another window of the channel holds meanwhile.
    Overlaps {
        /// When that one begins.
        starts_at: DateTime<Utc>,
        /// When it ends.
        ends_at: DateTime<Utc>,
    },
    /// As many windows lie ahead as are kept.
    TooMany,
    /// The note is too long.
    InvalidNote,
}

impl Refusal for ScheduleRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::ChannelNotFound => Problem::new("There is no such channel.", "未找到该渠道。"),
            Self::InPast => Problem::new(
                "A maintenance window begins now or later.",
                "维护窗口不能从过去开始。",
            ),
            Self::EndsBeforeStart => Problem::new(
                "`endsAt` must lie after `startsAt`.",
                "`endsAt` 必须晚于 `startsAt`。",
            ),
            Self::TooLong => Problem::new(
                "A maintenance window is at most 7 days long.",
                "维护窗口最长 7 天。",
            ),
            Self::TooFarAhead => Problem::new(
                "A maintenance window begins within a year.",
                "维护窗口最早提前一年计划。",
            ),
            Self::Overlaps { starts_at, ends_at } => {
                let (from, to) = (starts_at.to_rfc3339(), ends_at.to_rfc3339());
                Problem::new(
                    format!("Another window of the channel holds from {from} to {to}."),
                    format!("该渠道在 {from} 至 {to} 已有维护窗口。"),
                )
            }
            Self::TooMany => Problem::new(
                format!("At most {MOST_AHEAD} windows of a channel lie ahead."),
                format!("每个渠道最多计划 {MOST_AHEAD} 个维护窗口。"),
            ),
            Self::InvalidNote => long_note(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::ChannelNotFound | Self::TooMany => "channelId",
            Self::InPast | Self::TooFarAhead | Self::Overlaps { .. } => "startsAt",
            Self::EndsBeforeStart | Self::TooLong => "endsAt",
            Self::InvalidNote => "note",
        };
        Some(field.to_owned())
    }
}

/// What is to be done about a window that a payment platform announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Nothing: it is known, or was called off.
    Known,
    /// It is entered.
    New(WindowDraft),
    /// A window that is known ends then.
    Moved(MaintenanceWindowId, DateTime<Utc>),
}

impl WindowDraft {
    /// What is to be done about a window that a payment platform announces, by the windows of the channel that
    /// are not over and by those that it has announced for the same time.
    pub fn announced(
        &self,
        known: &[Model],
        now: DateTime<Utc>,
    ) -> Result<Announced, ScheduleRefusal> {
        let same = |one: &&Model| (one.source, one.starts_at.0) == (self.source, self.starts_at);
        let Some(window) = known.iter().find(same) else {
            return self.check(known, now).map(Announced::New);
        };
        // One that ends sooner than it was to end is over now.
        let ends_at = self.ends_at.max(now.min(window.ends_at.0));
        let over = self.ends_at <= now && window.ends_at.0 <= now;
        if window.canceled_at.is_some() || over || ends_at == window.ends_at.0 {
            return Ok(Announced::Known);
        }
        if ends_at > window.ends_at.0 {
            let others = known.iter().filter(|one| one.id != window.id);
            let others: Vec<Model> = others.cloned().collect();
            self.check(&others, now)?;
        } else if ends_at <= window.starts_at.0 {
            return Err(ScheduleRefusal::EndsBeforeStart);
        }
        Ok(Announced::Moved(window.id, ends_at))
    }

    /// Whether it can be entered beside the windows of the channel that are not over; its note as it is kept.
    pub fn check(&self, ahead: &[Model], now: DateTime<Utc>) -> Result<Self, ScheduleRefusal> {
        // A platform may say so when it has begun; by its beginning, the window is known again.
        if self.source == MaintenanceSource::Merchant && self.starts_at < now - GRACE {
            return Err(ScheduleRefusal::InPast);
        }
        if self.ends_at <= self.starts_at || self.ends_at <= now {
            return Err(ScheduleRefusal::EndsBeforeStart);
        }
        if self.ends_at - self.starts_at > LONGEST {
            return Err(ScheduleRefusal::TooLong);
        }
        if self.starts_at - now > FARTHEST {
            return Err(ScheduleRefusal::TooFarAhead);
        }
        let note = read_note(self.note.as_deref()).map_err(|_| ScheduleRefusal::InvalidNote)?;
        let meets = |one: &&Model| one.starts_at.0 < self.ends_at && self.starts_at < one.ends_at.0;
        let stands = || ahead.iter().filter(|one| one.canceled_at.is_none());
        if let Some(other) = stands().find(meets) {
            return Err(ScheduleRefusal::Overlaps {
                starts_at: other.starts_at.0,
                ends_at: other.ends_at.0,
            });
        }
        if stands().count() >= MOST_AHEAD {
            return Err(ScheduleRefusal::TooMany);
        }
        Ok(Self {
            note,
            ..self.clone()
        })
    }
}

/// Why a window was not called off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// There is no such window.
    NotFound,
    /// It is over.
    AlreadyOver,
}

impl Refusal for CancelRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such window.", "未找到该维护窗口。"),
            Self::AlreadyOver => Problem::new(
                "The window is over: there is nothing to call off.",
                "维护窗口已结束，无法取消。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("windowId".to_owned())
    }
}

/// When a window ends that is called off now: one under way at once, one ahead as planned. None where it was
/// called off before.
pub fn called_off(
    window: &Model,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, CancelRefusal> {
    if window.canceled_at.is_some() {
        return Ok(None);
    }
    if window.ends_at.0 <= now {
        return Err(CancelRefusal::AlreadyOver);
    }
    if window.starts_at.0 < now {
        return Ok(Some(now));
    }
    Ok(Some(window.ends_at.0))
}

#[cfg(test)]
mod tests {
    use entity::{ChannelId, Instant, MaintenanceWindowId, MerchantId};

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-23T04:00:00Z".parse().unwrap()
    }

    fn draft(from_minutes: i64, to_minutes: i64) -> WindowDraft {
        WindowDraft {
            starts_at: now() + TimeDelta::minutes(from_minutes),
            ends_at: now() + TimeDelta::minutes(to_minutes),
            source: MaintenanceSource::Merchant,
            note: Some(" 升级 ".to_owned()),
        }
    }

    fn window(from_minutes: i64, to_minutes: i64) -> Model {
        let draft = draft(from_minutes, to_minutes);
        Model {
            merchant_id: MerchantId(1),
            id: MaintenanceWindowId(1),
            channel_id: ChannelId(1),
            starts_at: Instant(draft.starts_at),
            ends_at: Instant(draft.ends_at),
            source: draft.source,
            note: None,
            created_by: "system".to_owned(),
            created_at: Instant(now()),
            canceled_at: None,
            canceled_by: None,
        }
    }

    #[test]
    fn a_window_lies_ahead_is_short_and_meets_no_other() {
        const DAY: i64 = 1_440;
        let ahead = [window(60, 120)];
        let overlaps = Some("startsAt");
        for (case, from, to, field) in [
            ("now", 0, 30, None),
            ("a moment ago", -1, 30, None),
            ("in the past", -2, 30, Some("startsAt")),
            ("nothing", 30, 30, Some("endsAt")),
            ("a week", 200, 200 + 7 * DAY, None),
            ("more than a week", 200, 201 + 7 * DAY, Some("endsAt")),
            ("in a year", 365 * DAY, 365 * DAY + 1, None),
            ("later", 365 * DAY + 1, 365 * DAY + 2, Some("startsAt")),
            ("up to the other", 30, 60, None),
            ("from the other's end on", 120, 130, None),
            ("into the other", 30, 61, overlaps),
            ("within the other", 70, 80, overlaps),
            ("around the other", 30, 130, overlaps),
        ] {
            let refused = draft(from, to).check(&ahead, now()).err();
            let refused = refused.and_then(|refusal| refusal.field());
            assert_eq!(refused.as_deref(), field, "{case}");
        }
        let kept = draft(0, 30).check(&[], now()).unwrap();
        assert_eq!(kept.note.as_deref(), Some("升级"));
    }

    #[test]
    fn what_was_called_off_is_in_nobodys_way() {
        let off = Model {
            canceled_at: Some(Instant(now())),
            ..window(60, 120)
        };
        assert!(draft(60, 120).check(&[off], now()).is_ok());
    }

    #[test]
    fn so_many_windows_lie_ahead_and_no_more() {
        let ahead = |count| -> Vec<Model> {
            let places = 0..i64::try_from(count).unwrap();
            places.map(|n| window(100 + 2 * n, 101 + 2 * n)).collect()
        };
        assert!(draft(0, 1).check(&ahead(MOST_AHEAD - 1), now()).is_ok());
        let refused = draft(0, 1).check(&ahead(MOST_AHEAD), now());
        assert_eq!(refused, Err(ScheduleRefusal::TooMany));
    }

    #[test]
    fn what_a_platform_announces_is_entered_moved_or_known() {
        let announced = |from, to| WindowDraft {
            source: MaintenanceSource::Provider,
            ..draft(from, to)
        };
        let of_provider = |from, to| Model {
            source: MaintenanceSource::Provider,
            ..window(from, to)
        };
        let off = Model {
            canceled_at: Some(Instant(now())),
            ..of_provider(-30, 60)
        };
        let other = Model {
            id: MaintenanceWindowId(2),
            ..window(120, 180)
        };
        let moved = |minutes| {
            let ends_at = now() + TimeDelta::minutes(minutes);
            Ok(Announced::Moved(MaintenanceWindowId(1), ends_at))
        };
        for (case, from, to, known, expected) in [
            ("known", -30, 60, of_provider(-30, 60), Ok(Announced::Known)),
            ("extended", -30, 90, of_provider(-30, 60), moved(90)),
            ("extended ahead", 30, 90, of_provider(30, 60), moved(90)),
            (
                "extended when it was over",
                -30,
                90,
                of_provider(-30, -1),
                moved(90),
            ),
            ("shorter", -30, 10, of_provider(-30, 60), moved(10)),
            ("over already", -30, -10, of_provider(-30, 60), moved(0)),
            (
                "over",
                -30,
                -10,
                of_provider(-30, -20),
                Ok(Announced::Known),
            ),
            ("called off", -30, 90, off, Ok(Announced::Known)),
            (
                "too long",
                -30,
                8 * 1_440,
                of_provider(-30, 60),
                Err(ScheduleRefusal::TooLong),
            ),
            (
                "the merchant's own at that time",
                -30,
                90,
                window(-30, 60),
                Err(ScheduleRefusal::Overlaps {
                    starts_at: now() - TimeDelta::minutes(30),
                    ends_at: now() + TimeDelta::minutes(60),
                }),
            ),
        ] {
            let told = announced(from, to).announced(&[known, other.clone()], now());
            assert_eq!(told, expected, "{case}");
        }
        let into = announced(-30, 121).announced(&[of_provider(-30, 60), other], now());
        assert!(matches!(into, Err(ScheduleRefusal::Overlaps { .. })));
        let late = announced(-30, 60).announced(&[], now());
        assert!(
            matches!(late, Ok(Announced::New(_))),
            "it is under way: {late:?}"
        );
    }

    #[test]
    fn a_window_under_way_ends_at_once() {
        for (from, to, ends) in [
            (60, 120, Ok(Some(120))),
            (0, 120, Ok(Some(120))),
            (-1, 120, Ok(Some(0))),
            (-10, 0, Err(CancelRefusal::AlreadyOver)),
        ] {
            let ends = ends.map(|at| at.map(|minutes| now() + TimeDelta::minutes(minutes)));
            assert_eq!(called_off(&window(from, to), now()), ends, "{from} to {to}");
        }
        let off = Model {
            canceled_at: Some(Instant(now())),
            ..window(-10, 0)
        };
        assert_eq!(called_off(&off, now()), Ok(None));
    }
}
