//! Which outages of the sandbox may be asked for.

use entity::channel::ChannelKind;
use entity::sandbox_outage::OutageKind;

use crate::error::{Problem, Refusal};

/// How long an outage lasts at the most: a day.
const LONGEST_MINUTES: i32 = 1_440;
/// All of it, in millionths.
const WHOLE: i32 = 1_000_000;

/// An outage that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageDraft {
    /// What goes wrong.
    pub kind: OutageKind,
    /// How often, in millionths.
    pub share_ppm: i32,
    /// For how many minutes.
    pub minutes: i32,
}

/// Why an outage did not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutageRefusal {
    /// There is no such channel.
    NotFound,
    /// The channel is none of the sandbox.
    NotSandbox,
    /// The share is no share.
    ShareOutOfRange,
    /// Less than a minute, or more than a day.
    MinutesOutOfRange,
}

impl Refusal for OutageRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such channel.", "未找到该渠道。"),
            Self::NotSandbox => Problem::new(
                "Only channels of kind SANDBOX can be made to fail.",
                "只有沙箱渠道可以模拟故障。",
            ),
            Self::ShareOutOfRange => Problem::new(
                "`share` is more than 0 and at most 1, with at most 6 decimals.",
                "`share` 须大于 0 且不超过 1，最多 6 位小数。",
            ),
            Self::MinutesOutOfRange => Problem::new(
                format!("`minutes` is from 1 to {LONGEST_MINUTES}."),
                format!("`minutes` 须为 1 至 {LONGEST_MINUTES}。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound | Self::NotSandbox => "channelId",
            Self::ShareOutOfRange => "share",
            Self::MinutesOutOfRange => "minutes",
        };
        Some(field.to_owned())
    }
}

impl OutageDraft {
    /// Whether a channel of this kind may fail so.
    pub fn check(&self, kind: ChannelKind) -> Result<(), OutageRefusal> {
        if kind != ChannelKind::Sandbox {
            return Err(OutageRefusal::NotSandbox);
        }
        if !(1..=WHOLE).contains(&self.share_ppm) {
            return Err(OutageRefusal::ShareOutOfRange);
        }
        if !(1..=LONGEST_MINUTES).contains(&self.minutes) {
            return Err(OutageRefusal::MinutesOutOfRange);
        }
        Ok(())
    }
}

/// Why an outage did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutageEndRefusal {
    /// There is no such channel.
    NotFound,
    /// The channel is none of the sandbox.
    NotSandbox,
}

impl Refusal for OutageEndRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => OutageRefusal::NotFound.message(),
            Self::NotSandbox => OutageRefusal::NotSandbox.message(),
        }
    }

    fn field(&self) -> Option<String> {
        OutageRefusal::NotFound.field()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_of_the_sandbox_for_a_while_and_a_share() {
        use ChannelKind::{EpayV1, Sandbox};
        for (kind, share_ppm, minutes, field) in [
            (Sandbox, 1, 1, None),
            (Sandbox, 1_000_000, 1_440, None),
            (EpayV1, 1, 1, Some("channelId")),
            (Sandbox, 0, 1, Some("share")),
            (Sandbox, 1_000_001, 1, Some("share")),
            (Sandbox, 1, 0, Some("minutes")),
            (Sandbox, 1, 1_441, Some("minutes")),
        ] {
            let draft = OutageDraft {
                kind: OutageKind::Unavailable,
                share_ppm,
                minutes,
            };
            let refused = draft.check(kind).err().and_then(|refusal| refusal.field());
            assert_eq!(refused.as_deref(), field, "{kind:?} {share_ppm} {minutes}");
        }
    }
}
