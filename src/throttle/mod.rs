//! What people may spend: buckets of cost that fill up with time, and turns among a merchant's requests.
//!
//! # The rules
//!
//! - A request costs something, known before it is executed. Who signed in pays from two buckets, their own
//!   (a user's or an API key's) and their merchant's; who did not, from that of their address; who came with a
//!   publishable key, from another one of their address, for payment pages alone. An address is an IPv4 address,
//!   or a network of 64 bits of IPv6, which one customer of a provider has to themselves.
//! - A bucket holds a burst and fills up by so much a second. A request takes from all its buckets or from
//!   none. One that costs more than a bucket can hold takes it whole: it is rare, not impossible.
//! - A refusal says when to ask again, and costs nothing.
//! - Looking at a request at all costs something, too, and is paid before: from this instance's buckets, so that
//!   a flood of what cannot be meant is noticed without a way to Redis, which hears of it with the rest.
//! - Buckets stand in Redis, the same for all instances, and go by Redis' clock: instances whose clocks differ
//!   would fill them twice, or starve each other. Without Redis, or while it is slow or away, each instance
//!   keeps buckets of its own: nobody is refused for it, and nobody is without a limit.
//! - So many requests of one merchant are executed at a time on an instance; others wait for their turn, not
//!   for long. So no merchant takes the whole machine. Whoever comes with a publishable key waits in a line of
//!   its own, with half as many turns: who reads the key in a page must not take the shop's.

pub mod buckets;
pub mod model;
mod redis;
pub mod turns;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use entity::MerchantId;

use self::buckets::Buckets;
use self::model::{Bill, Limit, Payer};
use self::redis::Redis;
use self::turns::{Line, Turn, Turns};
use crate::app::App;
use crate::auth::model::{Actor, Who};
use crate::clock::Clock;
use crate::config;
use crate::error::Error;

/// Who may spend how much. A clone counts the same.
#[derive(Clone, Debug)]
pub struct Throttle(Option<Arc<Parts>>);

#[derive(Debug)]
struct Parts {
    clock: Clock,
    user: Limit,
    merchant: Limit,
    address: Limit,
    page: Limit,
    redis: Option<Redis>,
    here: Buckets,
    turns: Turns,
}

impl Throttle {
    /// As the settings say; all buckets are full. Needs a runtime where there is a Redis.
    #[must_use]
    pub fn new(app: &App) -> Self {
        let settings = &app.settings.throttle;
        if !settings.enabled {
            return Self(None);
        }
        Self(Some(Arc::new(Parts {
            clock: app.clock.clone(),
            user: Limit::new(settings.user_burst, settings.user_per_s),
            merchant: Limit::new(settings.merchant_burst, settings.merchant_per_s),
            address: Limit::new(settings.address_burst, settings.address_per_s),
            page: Limit::new(settings.page_burst, settings.page_per_s),
            redis: maybe_redis(&app.settings.redis, settings),
            here: Buckets::default(),
            turns: Turns::new(
                app.settings.merchant_concurrency(),
                Duration::from_millis(settings.queue_timeout_ms),
            ),
        })))
    }

    /// Takes a price from this instance's own buckets, without asking Redis, or says when to ask again.
    pub fn knock(
        &self,
        actor: Option<&Actor>,
        ip: Option<IpAddr>,
        price: u64,
    ) -> Result<(), Error> {
        let Some(parts) = &self.0 else { return Ok(()) };
        parts.take_here(&parts.bill(actor, ip, price))
    }

    /// Takes what something costs from whoever asks for it, or says when to ask again. What they knocked with
    /// comes along where Redis is asked, which has not heard of it; here it is paid already.
    pub async fn settle(
        &self,
        actor: Option<&Actor>,
        ip: Option<IpAddr>,
        knocked: u64,
        price: u64,
    ) -> Result<(), Error> {
        let Some(parts) = &self.0 else { return Ok(()) };
        let bill = parts.bill(actor, ip, knocked.saturating_add(price));
        if bill.buckets.is_empty() {
            return Ok(());
        }
        parts.take(bill, price).await
    }

    /// Takes from a merchant alone what is done for many of its people at once.
    pub async fn charge_merchant(&self, merchant_id: MerchantId, price: u64) -> Result<(), Error> {
        let Some(parts) = &self.0 else { return Ok(()) };
        let buckets = vec![(Payer::Merchant(merchant_id), parts.merchant)];
        parts.take(Bill { price, buckets }, price).await
    }

    /// A turn among the requests of whoever asks; it lasts until it is dropped.
    pub async fn turn(&self, actor: Option<&Actor>) -> Result<Turn, Error> {
        match (&self.0, actor) {
            (Some(parts), Some(actor)) => parts.turns.take(Line::of(actor)).await,
            _ => Ok(Turn::default()),
        }
    }
}

impl Parts {
    /// Takes a bill's price where Redis keeps the buckets, or else what is left of it to pay here.
    async fn take(&self, bill: Bill, left: u64) -> Result<(), Error> {
        let told = match &self.redis {
            Some(redis) => redis.take(&bill).await,
            None => None,
        };
        match told {
            Some(taken) => taken.map_err(too_much),
            None => self.take_here(&Bill {
                price: left,
                ..bill
            }),
        }
    }

    fn take_here(&self, bill: &Bill) -> Result<(), Error> {
        let now_ms = self.clock.now().timestamp_millis();
        self.here.take(bill, now_ms).map_err(too_much)
    }

    fn bill(&self, actor: Option<&Actor>, ip: Option<IpAddr>, price: u64) -> Bill {
        let mut buckets = Vec::with_capacity(2);
        match actor {
            None => buckets.extend(ip.map(|ip| (Payer::of_address(ip), self.address))),
            Some(actor) => {
                let merchant_id = actor.merchant_id;
                match actor.who {
                    Who::Staff { staff_id, .. } => {
                        buckets.push((Payer::Staff(staff_id), self.user));
                    }
                    Who::ApiKey(id) => buckets.push((Payer::ApiKey(merchant_id, id), self.user)),
                    // It is anybody: who reads the key in a page, or has a link, must not empty the shop's buckets.
                    // One address can be very many payers, whom those who sign in from it must not keep out.
                    Who::PublishableKey(_) | Who::Link => {
                        buckets.extend(ip.map(|ip| (Payer::of_page(ip), self.page)));
                        return Bill { price, buckets };
                    }
                    // The gateway itself is nobody's customer.
                    Who::System => return Bill::default(),
                }
                buckets.push((Payer::Merchant(merchant_id), self.merchant));
            }
        }
        Bill { price, buckets }
    }
}

const fn too_much(retry_after_ms: u64) -> Error {
    Error::RateLimited { retry_after_ms }
}

fn maybe_redis(settings: &config::Redis, throttle: &config::Throttle) -> Option<Redis> {
    let url = settings.url.as_deref()?;
    let patience = Duration::from_millis(throttle.redis_timeout_ms);
    match Redis::new(url, patience) {
        Ok(redis) => Some(redis),
        Err(error) => {
            tracing::warn!(%error, "Redis cannot be used; each instance limits by itself");
            None
        }
    }
}
