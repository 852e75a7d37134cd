//! Live outages: every few minutes 微信支付 of the restaurant does not answer for a while, at a busy moment.

use std::time::Duration;

use entity::ChannelId;
use entity::channel::PaymentMethod;
use entity::sandbox_outage::OutageKind;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Demo;
use super::history::live_order;
use super::live::buy;
use super::shop::HUIXIAN;
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::graphql::gateway::Gateway;
use crate::health::model::outage::OutageDraft;
use crate::health::service::{end_outage, start_outage};

/// How long after the start the first one comes, so that it is seen soon.
const FIRST_AFTER: Duration = Duration::from_secs(60);
/// How long one lasts.
const LASTS: Duration = Duration::from_secs(70);
/// How long people are still busy afterwards, so that the recovery is noticed, too.
const BUSY_AFTER: Duration = Duration::from_secs(120);
/// How long it is quiet until the next one.
const QUIET: Duration = Duration::from_secs(110);

/// Lets the channel fail now and then until the shutdown begins.
pub async fn run(gateway: Gateway, demo: Demo, seed: u64) {
    let app = gateway.app.clone();
    let channels = crate::channels::service::list(&app, demo.restaurant).await;
    let wechat_pay = channels.ok().and_then(|channels| {
        let mut open = channels.into_iter().filter(|channel| channel.enabled);
        open.find(|channel| channel.method == PaymentMethod::WechatPay)
    });
    let Some(channel) = wechat_pay else {
        return;
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(2);
    let live = async {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            if let Err(error) = fail_for_a_while(&gateway, &demo, channel.id, &mut rng).await {
                tracing::warn!(?error, "a live outage was not made");
            }
            tokio::time::sleep(QUIET).await;
        }
    };
    tokio::select! {
        () = app.shutdown.cancelled() => {}
        () = live => {}
    }
}

async fn fail_for_a_while(
    gateway: &Gateway,
    demo: &Demo,
    channel: ChannelId,
    rng: &mut ChaCha8Rng,
) -> Result<(), Error> {
    let (app, actor) = (&gateway.app, Actor::system(demo.restaurant));
    let draft = OutageDraft {
        kind: OutageKind::Unavailable,
        share_ppm: 1_000_000,
        minutes: 2,
    };
    let unwanted = || Error::internal("the demo's channel takes no outage");
    match start_outage(app, &actor, channel, draft).await {
        Ok(_) => {}
        Err(Failure::Failed(error)) => return Err(error),
        Err(Failure::Refused(_)) => return Err(unwanted()),
    }
    crowd(gateway, demo, rng, LASTS).await;
    match end_outage(app, &actor, channel).await {
        Ok(()) => {}
        Err(Failure::Failed(error)) => return Err(error),
        Err(Failure::Refused(_)) => return Err(unwanted()),
    }
    crowd(gateway, demo, rng, BUSY_AFTER).await;
    Ok(())
}

/// People who pay by WeChat, one after the other, for so long.
async fn crowd(gateway: &Gateway, demo: &Demo, rng: &mut ChaCha8Rng, span: Duration) {
    let until = tokio::time::Instant::now() + span;
    while tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(rng.random_range(900..2_200))).await;
        let mut plan = live_order(rng, &HUIXIAN, gateway.app.clock.now());
        plan.method = PaymentMethod::WechatPay;
        let key = format!("demo-{:032x}", rng.random::<u128>());
        if let Err(error) = buy(gateway, demo.restaurant, plan, &key).await {
            tracing::debug!(?error, "a live order was not made");
        }
    }
}
