//! Decides how a channel may be configured.

mod configuration;
mod credentials;
mod devices;
mod making;
mod offer;
mod order;
mod paying_out;
mod revert;
mod switch;
mod terms;

pub use configuration::{Configuration, Difference};
pub use credentials::{BadCredentials, CredentialsSetRefusal, DEFAULT_OVERLAP_HOURS, overlap};
pub use devices::{read_devices, write_devices};
pub use making::{CreateRefusal, MOST_CHANNELS};
pub use offer::{BadOffer, Offer, OfferChange, UpdateRefusal};
pub use order::{ReorderRefusal, reorder};
pub use paying_out::{NotYet, check_pays_out, pays_out, pays_out_from};
pub use revert::{RevertRefusal, revert};
pub use switch::{DisableRefusal, EnableRefusal, disable};
pub use terms::{RefundTermsChange, TermsChange, TermsRefusal};

use entity::channel::{self, ChannelKind};

use crate::error::Problem;

/// Whether a merchant only plays: it has channels of the sandbox alone.
#[must_use]
pub fn plays(channels: &[channel::Model]) -> bool {
    let mut all = channels.iter();
    all.all(|channel| channel.kind == ChannelKind::Sandbox)
}

/// Whether a channel has the version that somebody knows; otherwise the version that it has.
pub fn expect_version(row: &channel::Model, expected: Option<i32>) -> Result<(), i32> {
    match expected {
        Some(expected) if expected != row.version => Err(row.version),
        _ => Ok(()),
    }
}

/// There is no such channel.
fn no_channel() -> Problem {
    Problem::new("There is no such channel.", "未找到该渠道。")
}

/// Somebody else was faster.
fn version_conflict(current: i32) -> Problem {
    Problem::new(
        format!("Somebody else has changed the channel: its version is {current}. Read it again."),
        format!("渠道已被他人修改，当前为第 {current} 版，请重新读取。"),
    )
}

/// The last channel that new orders can use would be closed to them.
fn last_enabled() -> Problem {
    Problem::new(
        "This is the last enabled channel: without it no order can be paid. Confirm with `confirmLast: true`.",
        "这是最后一个启用的渠道，停用后将无法收款。如确需停用，请设置 `confirmLast: true`。",
    )
}
