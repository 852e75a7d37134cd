//! Which states may be set by hand, and for how long.

use entity::channel_health::HealthState;

use super::incident::{long_note, read_note};
use crate::error::{Problem, Refusal};

/// How long a state set by hand holds at the most: a day.
const LONGEST_MINUTES: i32 = 1_440;

/// A state to be set by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideDraft {
    /// The state.
    pub state: HealthState,
    /// For how many minutes.
    pub minutes: i32,
    /// Why, in words.
    pub note: Option<String>,
}

/// Why a state was not set by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideRefusal {
    /// There is no such channel.
    NotFound,
    /// Maintenance is planned by windows.
    UseMaintenanceWindow,
    /// Less than a minute, or more than a day.
    MinutesOutOfRange,
    /// The note is too long.
    InvalidNote,
}

impl Refusal for OverrideRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such channel.", "未找到该渠道。"),
            Self::UseMaintenanceWindow => Problem::new(
                "MAINTENANCE is not set by hand: plan it with `maintenanceWindowSchedule`, from now on if it \
                 has begun.",
                "维护状态不能手动设定，请使用 `maintenanceWindowSchedule` 计划维护（可从现在开始）。",
            ),
            Self::MinutesOutOfRange => Problem::new(
                format!("`minutes` is from 1 to {LONGEST_MINUTES}."),
                format!("`minutes` 须为 1 至 {LONGEST_MINUTES}。"),
            ),
            Self::InvalidNote => long_note(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "channelId",
            Self::UseMaintenanceWindow => "state",
            Self::MinutesOutOfRange => "minutes",
            Self::InvalidNote => "note",
        };
        Some(field.to_owned())
    }
}

impl OverrideDraft {
    /// Whether it may be set; its note as it is kept.
    pub fn check(&self) -> Result<Self, OverrideRefusal> {
        if self.state == HealthState::Maintenance {
            return Err(OverrideRefusal::UseMaintenanceWindow);
        }
        if !(1..=LONGEST_MINUTES).contains(&self.minutes) {
            return Err(OverrideRefusal::MinutesOutOfRange);
        }
        let note = read_note(self.note.as_deref()).map_err(|_| OverrideRefusal::InvalidNote)?;
        Ok(Self {
            note,
            ..self.clone()
        })
    }
}

/// Why the figures do not rule again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverrideClearRefusal {
    /// There is no such channel.
    NotFound,
}

impl Refusal for OverrideClearRefusal {
    fn message(&self) -> Problem {
        OverrideRefusal::NotFound.message()
    }

    fn field(&self) -> Option<String> {
        OverrideRefusal::NotFound.field()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_set_for_a_minute_to_a_day() {
        for (state, minutes, refused) in [
            (HealthState::Down, 1, None),
            (HealthState::Healthy, 1_440, None),
            (HealthState::Unknown, 5, None),
            (HealthState::Down, 0, Some("minutes")),
            (HealthState::Down, 1_441, Some("minutes")),
            (HealthState::Maintenance, 5, Some("state")),
        ] {
            let draft = OverrideDraft {
                state,
                minutes,
                note: None,
            };
            let field = draft.check().err().and_then(|refusal| refusal.field());
            assert_eq!(field.as_deref(), refused, "{state:?} {minutes}");
        }
    }
}
