//! What went through a store's channels in the last weeks, by hour, as it would have been counted.

use std::collections::BTreeMap;

use entity::channel_latency::{self, Measure};
use entity::channel_traffic::{self, Grain};
use entity::{ChannelId, MerchantId, order};

use super::{DAY_MS, HOUR_MS};
use crate::health::model::latency::bucket;

/// How far back hours are kept: baselines look at eight weeks.
const HOURS_FOR_MS: i64 = 60 * DAY_MS;
/// How far back times are kept: as many days as are shown where nobody asks for more.
const TIMES_FOR_MS: i64 = 31 * DAY_MS;

/// Counts of the last weeks.
#[derive(Debug)]
pub(super) struct Traffic {
    merchant_id: MerchantId,
    until_ms: i64,
    hours: BTreeMap<(ChannelId, i64), Hour>,
    times: BTreeMap<(ChannelId, i64, bool, i16), i64>,
}

/// What went through a channel in an hour.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    attempts: i64,
    attempted_minor: i64,
    paid: i64,
    paid_minor: i64,
    unavailable: i64,
}

impl Traffic {
    pub(super) fn open(merchant_id: MerchantId, until_ms: i64) -> Self {
        Self {
            merchant_id,
            until_ms,
            hours: BTreeMap::new(),
            times: BTreeMap::new(),
        }
    }

    /// Notes an order; `offset_ms` is how far the shop is ahead of UTC. Where its platform was `broken`, the
    /// first try had no answer.
    pub(super) fn note(&mut self, order: &order::Model, offset_ms: i64, broken: bool) {
        let made_ms = order.id.made_at_ms();
        if made_ms < self.until_ms - HOURS_FOR_MS {
            return;
        }
        let channel = order.channel_id;
        let hour_of = |ms: i64| ms - (ms + offset_ms).rem_euclid(HOUR_MS);
        let amount = order.amount_minor - order.discount_minor;
        let tries = 1 + i64::from(broken);
        let hour = self.hours.entry((channel, hour_of(made_ms))).or_default();
        hour.attempts += tries;
        hour.attempted_minor += tries * amount;
        hour.unavailable += i64::from(broken);
        let recent = made_ms >= self.until_ms - TIMES_FOR_MS;
        if recent {
            let took = if broken { 4_000 } else { code_took_ms(order) };
            let key = (channel, hour_of(made_ms), false, bucket(took));
            *self.times.entry(key).or_default() += 1;
        }
        let Some(paid_at) = order.paid_at else {
            return;
        };
        let paid_ms = paid_at.0.timestamp_millis();
        let hour = self.hours.entry((channel, hour_of(paid_ms))).or_default();
        hour.paid += 1;
        hour.paid_minor += order.paid_minor;
        if recent {
            let key = (channel, hour_of(paid_ms), true, bucket(paid_ms - made_ms));
            *self.times.entry(key).or_default() += 1;
        }
    }

    pub(super) fn close(self) -> (Vec<channel_traffic::Model>, Vec<channel_latency::Model>) {
        let merchant_id = self.merchant_id;
        let hours = self.hours.into_iter();
        let hours = hours.map(|((channel_id, starts_ms), hour)| channel_traffic::Model {
            merchant_id,
            channel_id,
            grain: Grain::Hour,
            starts_ms,
            attempts: hour.attempts,
            attempted_minor: hour.attempted_minor,
            paid: hour.paid,
            paid_minor: hour.paid_minor,
            refused: 0,
            unavailable: hour.unavailable,
            unreadable: 0,
            misconfigured: 0,
        });
        let measure = |callback| {
            if callback {
                Measure::Callback
            } else {
                Measure::Create
            }
        };
        let times = self.times.into_iter();
        let times = times.map(|((channel_id, starts_ms, callback, bucket), count)| {
            channel_latency::Model {
                merchant_id,
                channel_id,
                starts_ms,
                measure: measure(callback),
                bucket,
                count,
            }
        });
        (hours.collect(), times.collect())
    }
}

/// How long a payment code took: mostly a fifth of a second, now and then a second; the order's number draws.
fn code_took_ms(order: &order::Model) -> i64 {
    let drawn = order.id.0.rem_euclid(1_009);
    match drawn {
        ..900 => 90 + drawn / 4,
        900..980 => 300 + drawn % 300,
        _ => 800 + drawn % 700,
    }
}
