//! What the tests of routes share: channels as they are told about.

mod choice;
mod page;
mod policy;
mod replay;

use entity::channel::{self, ChannelKind, FundsMode, HideWhen, PaymentMethod};
use entity::channel_health::HealthState;
use entity::{ChannelId, Instant, MerchantId};

use super::{Candidate, Moment, Wish};
use crate::channels::provider::Device;

/// A channel of WeChat Pay, open to everything, in the place of its number.
pub(super) fn channel(id: i32) -> channel::Model {
    let at = Instant(chrono::DateTime::UNIX_EPOCH);
    channel::Model {
        merchant_id: MerchantId(1),
        id: ChannelId(i64::from(id)),
        kind: ChannelKind::Sandbox,
        method: PaymentMethod::WechatPay,
        name: format!("微信{id}"),
        display_order: id,
        enabled: true,
        min_minor: None,
        max_minor: None,
        sealed_credentials: None,
        created_at: at,
        updated_at: at,
        funds_mode: FundsMode::Collect,
        settlement_cycle: None,
        settlement_days: None,
        refund_window_days: 365,
        refund_max_count: 50,
        refund_spacing_s: 0,
        refund_partial: true,
        refund_returns_fee: true,
        refund_arrival_days: 3,
        version: 1,
        daily_max_minor: None,
        devices: channel::ALL_DEVICES.to_owned(),
        hide_when: HideWhen::Never,
        credentials_hint: None,
        credentials_set_at: None,
        sealed_previous_credentials: None,
        previous_credentials_until: None,
        pays_out_from: None,
    }
}

pub(super) const fn candidate(channel: &channel::Model, state: HealthState) -> Candidate<'_> {
    Candidate {
        channel,
        state,
        used_minor: 0,
        taken_at: 0,
    }
}

/// Monday, noon, from a desktop.
pub(super) const fn wish(amount_minor: i64) -> Wish {
    Wish {
        amount_minor,
        device: Some(Device::Desktop),
        at: Moment {
            weekday: 0,
            minute: 720,
        },
    }
}
