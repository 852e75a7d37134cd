//! Decides what an earlier configuration brings back.

use entity::channel;

use super::{Configuration, no_channel, version_conflict};
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
}

impl Refusal for RevertRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::VersionNotFound => {
                Problem::new("The channel has no such version.", "该渠道没有这个版本。")
            }
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "channelId",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::VersionNotFound => "version",
        };
        Some(field.to_owned())
    }
}

/// A channel as it was configured before; its place on the payment page, its credentials, and whether new orders
/// may use it stay.
#[must_use]
pub fn revert(row: &channel::Model, earlier: &Configuration) -> channel::Model {
    let mut reverted = row.clone();
    earlier.restore(&mut reverted);
    reverted
}
