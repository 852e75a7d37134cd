//! Decides what an earlier configuration brings back.

use entity::channel;

use super::switch::is_last_enabled;
use super::{Configuration, last_enabled, no_channel, version_conflict};
use crate::error::{Problem, Refusal};

/// Why an earlier configuration does not hold again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevertRefusal {
    /// There is no such channel.
    NotFound,
    /// Somebody else was faster.
    VersionConflict {
        /// The version that it has.
        current: i32,
    },
    /// The channel has no such version.
    VersionNotFound,
    /// It would disable the last enabled channel, and that was not confirmed.
    LastEnabled,
}

impl Refusal for RevertRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::VersionNotFound => {
                Problem::new("The channel has no such version.", "该渠道没有这个版本。")
            }
            Self::LastEnabled => last_enabled(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "channelId",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::VersionNotFound => "version",
            Self::LastEnabled => "confirmLast",
        };
        Some(field.to_owned())
    }
}

/// A channel as it was configured before; its place on the payment page and its credentials stay.
pub fn revert(
    row: &channel::Model,
    all: &[channel::Model],
    earlier: &Configuration,
    confirmed: bool,
) -> Result<channel::Model, RevertRefusal> {
    let mut reverted = row.clone();
    earlier.restore(&mut reverted);
    let closes = row.enabled && !reverted.enabled;
    if closes && !confirmed && is_last_enabled(row, all) {
        return Err(RevertRefusal::LastEnabled);
    }
    Ok(reverted)
}
