//! What a change of a channel's state means for its incident, and who may acknowledge one.

use entity::channel_health::HealthState;
use entity::incident::{IncidentState, Severity};

use crate::error::{Problem, Refusal};

/// How long a note is at the most.
pub const LONGEST_NOTE: usize = 500;

/// What becomes of a channel's incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing.
    Nothing,
    /// One is opened, this bad.
    Opens(Severity),
    /// The open one becomes worse: the channel is down now.
    Worsens,
    /// The open one is over.
    Resolves,
}

/// What a change to a state means where the channel's open incident is this bad, or there is none. An
/// incident keeps its worst severity. One is over when the channel works again, when nothing is known of it
/// any more, and when it is being worked on.
#[must_use]
pub const fn consequence(to: HealthState, open: Option<Severity>) -> Consequence {
    match (to, open) {
        (HealthState::Degraded, None) => Consequence::Opens(Severity::Degraded),
        (HealthState::Down, None) => Consequence::Opens(Severity::Down),
        (HealthState::Down, Some(Severity::Degraded)) => Consequence::Worsens,
        (HealthState::Degraded | HealthState::Down, Some(_)) => Consequence::Nothing,
        (HealthState::Healthy | HealthState::Maintenance | HealthState::Unknown, Some(_)) => {
            Consequence::Resolves
        }
        (HealthState::Healthy | HealthState::Maintenance | HealthState::Unknown, None) => {
            Consequence::Nothing
        }
    }
}

/// Why an incident was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcknowledgeRefusal {
    /// There is no such incident.
    NotFound,
    /// It is over.
    AlreadyResolved,
    /// The note is too long.
    InvalidNote,
}

impl Refusal for AcknowledgeRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such incident.", "未找到该故障。"),
            Self::AlreadyResolved => Problem::new(
                "The incident is over: there is nothing to acknowledge.",
                "故障已恢复，无需确认。",
            ),
            Self::InvalidNote => long_note(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound | Self::AlreadyResolved => "incidentId",
            Self::InvalidNote => "note",
        };
        Some(field.to_owned())
    }
}

/// Says that a note is too long.
pub(super) fn long_note() -> Problem {
    Problem::new(
        format!("`note` has at most {LONGEST_NOTE} characters."),
        format!("`note` 最多 {LONGEST_NOTE} 个字符。"),
    )
}

/// A note that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongNote;

/// A note as it is kept: trimmed, none where it is blank.
pub fn read_note(note: Option<&str>) -> Result<Option<String>, LongNote> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    match note {
        Some(note) if note.chars().count() > LONGEST_NOTE => Err(LongNote),
        note => Ok(note.map(str::to_owned)),
    }
}

/// Whether somebody's acknowledgement counts: the first one stays, and what is over needs none.
pub const fn acknowledges(state: IncidentState) -> Result<bool, AcknowledgeRefusal> {
    match state {
        IncidentState::Open => Ok(true),
        IncidentState::Acknowledged => Ok(false),
        IncidentState::Resolved => Err(AcknowledgeRefusal::AlreadyResolved),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_follows_its_channels_state() {
        use Consequence::{Nothing, Opens, Resolves, Worsens};
        use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};
        let degraded = Some(Severity::Degraded);
        let down = Some(Severity::Down);
        for (to, open, then) in [
            (Degraded, None, Opens(Severity::Degraded)),
            (Down, None, Opens(Severity::Down)),
            (Down, degraded, Worsens),
            (Degraded, down, Nothing),
            (Degraded, degraded, Nothing),
            (Down, down, Nothing),
            (Healthy, degraded, Resolves),
            (Unknown, down, Resolves),
            (Maintenance, down, Resolves),
            (Healthy, None, Nothing),
            (Unknown, None, Nothing),
            (Maintenance, None, Nothing),
        ] {
            assert_eq!(consequence(to, open), then, "{to:?} with {open:?}");
        }
    }

    #[test]
    fn a_blank_note_is_none_and_a_long_one_is_refused() {
        assert_eq!(read_note(None), Ok(None));
        assert_eq!(read_note(Some(" \n")), Ok(None));
        assert_eq!(read_note(Some(" 已联系 ")), Ok(Some("已联系".to_owned())));
        let longest = "长".repeat(LONGEST_NOTE);
        assert_eq!(read_note(Some(&longest)), Ok(Some(longest.clone())));
        assert_eq!(read_note(Some(&(longest + "长"))), Err(LongNote));
    }
}
