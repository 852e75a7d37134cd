//! Finds the channel that an order takes.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::channel_health::{self, HealthState};
use entity::{ChannelId, MerchantId, channel};

use super::policies::{list_shown, of_method};
use super::used::used_today;
use crate::app::App;
use crate::channels::provider::Device;
use crate::error::Failure;
use crate::routing::model::{Candidate, Moment, Unfit, Wish, choose, fits};

/// Who asks for a route, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Whose channels.
    pub merchant_id: MerchantId,
    /// The merchant's time zone.
    pub zone: Tz,
    /// What is to be paid, in minor units.
    pub amount_minor: i64,
    /// The payer's device.
    pub device: Device,
}

impl Asked {
    pub(super) fn wish(&self, now: DateTime<Utc>) -> Wish {
        Wish {
            amount_minor: self.amount_minor,
            device: Some(self.device),
            at: moment(now, self.zone),
        }
    }

    const fn whose(&self) -> (MerchantId, Tz) {
        (self.merchant_id, self.zone)
    }
}

/// A moment of the merchant's week.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> Moment {
    let local = at.with_timezone(&zone);
    let weekday = local.weekday().num_days_from_monday();
    let minute = local.hour() * 60 + local.minute();
    Moment {
        weekday: u8::try_from(weekday).unwrap_or_default(),
        minute: i16::try_from(minute).unwrap_or_default(),
    }
}

/// How a channel is; one that nobody has judged is UNKNOWN.
pub fn state_of(health: &[channel_health::Model], id: ChannelId) -> HealthState {
    let row = health.iter().find(|row| row.channel_id == id);
    row.map_or(HealthState::Unknown, |row| row.state)
}

/// The channel of a method that an order takes. Channels are read anew; policies and states may be a second
/// old.
pub async fn route(
    app: &App,
    asked: Asked,
    method: PaymentMethod,
) -> Result<channel::Model, Failure<Unfit>> {
    let merchant_id = asked.merchant_id;
    let channels = crate::channels::service::list(app, merchant_id).await?;
    let used = used_today(app, asked.whose(), channels.iter()).await?;
    let health = crate::health::service::list_shown(app, merchant_id).await?;
    let stored = list_shown(app, merchant_id).await?;
    let policy = of_method(&stored, method);
    let candidates: Vec<_> = channels
        .iter()
        .map(|channel| Candidate {
            channel,
            state: state_of(&health, channel.id),
            used_minor: used.get(&channel.id).copied().unwrap_or_default(),
            taken_at: app.turns.get(&channel.id).unwrap_or_default(),
        })
        .collect();
    let wish = asked.wish(app.clock.now());
    let chance = rand::random();
    let taken = choose(method, policy.as_ref(), &candidates, &wish, chance);
    taken.cloned().map_err(Failure::Refused)
}

/// Whether a channel that the shop named takes an order; its state does not matter.
pub async fn check(
    app: &App,
    asked: Asked,
    channel: &channel::Model,
) -> Result<(), Failure<Unfit>> {
    let used = used_today(app, asked.whose(), std::iter::once(channel)).await?;
    let candidate = Candidate {
        channel,
        state: HealthState::Unknown,
        used_minor: used.get(&channel.id).copied().unwrap_or_default(),
        taken_at: 0,
    };
    fits(&candidate, &asked.wish(app.clock.now())).map_err(Failure::Refused)
}

/// Remembers that an order was made through a channel that routing found: others are next in the round. An
/// order that is asked for again is not made again, and takes no turn.
pub fn took_turn(app: &App, channel: &channel::Model) {
    let turn = app.turn.fetch_add(1, Ordering::Relaxed) + 1;
    app.turns.insert(channel.id, turn);
}
