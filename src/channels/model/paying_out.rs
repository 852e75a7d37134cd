//! Decides whether money may leave through a channel yet.

use chrono::{DateTime, Utc};
use entity::Instant;
use entity::channel::{self, ChannelKind};

use crate::error::Problem;

/// Whether money leaves by the credentials of channels of a kind: then it matters whose account they are of.
#[must_use]
pub const fn pays_out(kind: ChannelKind) -> bool {
    match kind {
        ChannelKind::EpayV2 => true,
        // V1 sends no payouts, and the sandbox has no credentials.
        ChannelKind::EpayV1 | ChannelKind::Sandbox => false,
    }
}

/// Why no money leaves through a channel yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotYet {
    /// No second factor has agreed to its credentials.
    Unsigned,
    /// Its credentials are new.
    CoolingOff {
        /// From when on money leaves by them.
        until: DateTime<Utc>,
    },
}

impl NotYet {
    /// What the merchant reads.
    #[must_use]
    pub fn message(&self) -> Problem {
        match self {
            Self::Unsigned => Problem::new(
                "No money leaves through this channel before a second factor has agreed to its credentials: set them with `channelCredentialsSet` and a `code`.",
                "该渠道的凭据尚未经二次验证确认，暂不能出款：请通过 `channelCredentialsSet` 并附 `code` 重新设置凭据。",
            ),
            Self::CoolingOff { until } => Problem::new(
                format!(
                    "The channel's credentials are new; money leaves through it from {until:?} on."
                ),
                format!("渠道凭据刚刚更换，处于冷静期，{until:?} 起方可出款。"),
            ),
        }
    }
}

/// From when on money leaves through a channel; none where it does not. The sandbox, which moves none, waits for
/// nothing.
#[must_use]
pub fn pays_out_from(row: &channel::Model) -> Option<Instant> {
    match row.kind {
        ChannelKind::Sandbox => Some(row.created_at),
        kind if pays_out(kind) => row.pays_out_from,
        _ => None,
    }
}

/// Whether money may leave through a channel now.
pub fn check_pays_out(row: &channel::Model, now: DateTime<Utc>) -> Result<(), NotYet> {
    if row.kind == ChannelKind::Sandbox {
        return Ok(());
    }
    match pays_out_from(row) {
        None => Err(NotYet::Unsigned),
        Some(from) if now < from.0 => Err(NotYet::CoolingOff { until: from.0 }),
        Some(_) => Ok(()),
    }
}
