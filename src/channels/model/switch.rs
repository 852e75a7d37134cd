//! Decides whether a channel may be closed to new orders.

use entity::channel;

use super::{last_enabled, no_channel};
use crate::error::{Problem, Refusal};

/// Why a channel was not enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnableRefusal {
    /// There is no such channel.
    NotFound,
}

/// Why a channel was not disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisableRefusal {
    /// There is no such channel.
    NotFound,
    /// It is the last enabled one, and that was not confirmed.
    LastEnabled,
}

impl Refusal for EnableRefusal {
    fn message(&self) -> Problem {
        no_channel()
    }

    fn field(&self) -> Option<String> {
        Some("channelId".to_owned())
    }
}

impl Refusal for DisableRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::LastEnabled => last_enabled(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "channelId",
            Self::LastEnabled => "confirmLast",
        };
        Some(field.to_owned())
    }
}

/// A channel closed to new orders, one of all of its merchant's.
pub fn disable(
    row: &channel::Model,
    all: &[channel::Model],
    confirmed: bool,
) -> Result<channel::Model, DisableRefusal> {
    if row.enabled && !confirmed && is_last_enabled(row, all) {
        return Err(DisableRefusal::LastEnabled);
    }
    Ok(channel::Model {
        enabled: false,
        ..row.clone()
    })
}

/// Whether no other channel is enabled.
fn is_last_enabled(row: &channel::Model, all: &[channel::Model]) -> bool {
    !all.iter().any(|other| other.enabled && other.id != row.id)
}
