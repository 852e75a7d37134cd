//! When the orders of a history are made: drawn from how busy a shop is hour by hour.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use rand::{Rng, RngExt};

use crate::demo::shop::Shop;
use crate::demo::store::Store;

/// An hour, or what of it lies inside the range.
struct Slot {
    start_ms: i64,
    /// How many orders a millisecond, against other slots.
    rate: u64,
    /// The sum of `rate × milliseconds` up to its end.
    end: u64,
}

/// Draws `count` instants between `from` and `until`, in order, in milliseconds since 1970.
pub fn draw(
    rng: &mut impl Rng,
    store: &Store,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    count: u64,
) -> Vec<i64> {
    let slots = slots(rng, store, from, until);
    let total = slots.last().map_or(0, |slot| slot.end);
    if total == 0 {
        return Vec::new();
    }
    let mut places: Vec<u64> = (0..count).map(|_| rng.random_range(0..total)).collect();
    places.sort_unstable();
    let mut slots = slots.iter().peekable();
    let mut begin = 0;
    let mut moments = Vec::with_capacity(places.len());
    for place in places {
        while let Some(passed) = slots.next_if(|slot| slot.end <= place) {
            begin = passed.end;
        }
        if let Some(slot) = slots.peek() {
            let ms = (place - begin) / slot.rate;
            moments.push(slot.start_ms + i64::try_from(ms).unwrap_or(0));
        }
    }
    moments
}

/// The hours of the range in the shop's time zone, with weather that makes a day better or worse, and campaigns
/// that make an hour better.
fn slots(
    rng: &mut impl Rng,
    store: &Store,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<Slot> {
    let shop = store.shop;
    let mut slots = Vec::new();
    let mut end = 0_u64;
    let mut start = from;
    let mut today = None;
    let mut weather = 1_000;
    while start < until {
        let local = start.with_timezone(&shop.time_zone);
        let date = local.date_naive();
        if today != Some(date) {
            today = Some(date);
            weather = day_factor(rng, shop, (start - from).num_days());
        }
        let into_hour = i64::from(local.minute() * 60 + local.second()) * 1_000
            + i64::from(local.timestamp_subsec_millis());
        let next = (start + TimeDelta::milliseconds(3_600_000 - into_hour)).min(until);
        let rate = shop.busy(date, local.hour()) * weather / 1_000;
        let rate = rate * store.promotions.lift(local) / 1_000;
        let length = u64::try_from((next - start).num_milliseconds()).unwrap_or(0);
        end += rate * length;
        if rate > 0 {
            slots.push(Slot {
                start_ms: start.timestamp_millis(),
                rate,
                end,
            });
        }
        start = next;
    }
    slots
}

/// What makes one day unlike another, in thousandths: chance, heavy rain, and slow growth.
fn day_factor(rng: &mut impl Rng, shop: &Shop, day: i64) -> u64 {
    let chance = rng.random_range(880..1_120_u64);
    let rainy = rng.random_range(0..100_u32) < 9;
    let weather = match (rainy, shop.ships) {
        (false, _) => 1_000,
        // Nobody goes out; everybody shops at home.
        (true, false) => 780,
        (true, true) => 1_080,
    };
    let growth = 1_000 + u64::try_from(day).unwrap_or(0).min(365) * 150 / 365;
    chance * weather / 1_000 * growth / 1_000
}
