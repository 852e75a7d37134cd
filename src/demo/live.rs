//! Live orders: every few seconds somebody buys, through the front door, and mostly pays; now and then
//! somebody gets money back.

use std::net::IpAddr;
use std::time::Duration;

use entity::channel::PaymentMethod;
use entity::{ChannelId, MerchantId};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Demo;
use super::history::{OrderDraft as Plan, live_order};
use super::shop::{HUIXIAN, MUMIAN, Shop, YUNSHANG};
use super::{live_checkout, live_refunds};
use crate::auth::model::Actor;
use crate::channels::provider::Device;
use crate::channels::providers::sandbox::Paying;
use crate::error::{Error, Failure};
use crate::graphql::gateway::Gateway;
use crate::orders::model::{Buyer, CreateRefusal, DraftLine, OrderDraft, Way, order_no};
use crate::orders::service::{self, PaymentWish};

/// The longest that a payer takes here; in life it may be minutes.
const SLOWEST_PAYER_S: u32 = 12;
/// How many orders there are to a refund: more refunds than in life, so that one is seen soon.
const ORDERS_A_REFUND: u32 = 8;

/// Makes orders until the shutdown begins.
pub async fn run(gateway: Gateway, demo: Demo, seed: u64) {
    let app = gateway.app.clone();
    let mut rng =
        ChaCha8Rng::seed_from_u64(seed ^ app.clock.now().timestamp_millis().cast_unsigned());
    let shops: [(MerchantId, &'static Shop); 3] = [
        (demo.restaurant, &HUIXIAN),
        (demo.fashion, &YUNSHANG),
        (demo.coffee, &MUMIAN),
    ];
    loop {
        let pause = Duration::from_millis(rng.random_range(1_000..3_400));
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let (merchant_id, shop) = shops[rng.random_range(0..shops.len())];
        let plan = live_order(&mut rng, shop, app.clock.now());
        let key = format!("demo-{:032x}", rng.random::<u128>());
        if let Err(error) = buy(&gateway, merchant_id, plan, &key).await {
            tracing::warn!(%merchant_id, ?error, "a live order was not made");
        }
        if rng.random_range(0..ORDERS_A_REFUND) == 0 {
            let made = live_refunds::give_back(&app, merchant_id, shop, &mut rng).await;
            if let Err(error) = made {
                tracing::warn!(%merchant_id, ?error, "a live refund was not made");
            }
        }
    }
}

/// Somebody buys, and pays after a while where they want to.
pub(super) async fn buy(
    gateway: &Gateway,
    merchant_id: MerchantId,
    plan: Plan,
    key: &str,
) -> Result<(), Failure<CreateRefusal>> {
    let app = &gateway.app;
    let Some(channel_id) = channel(gateway, merchant_id, plan.method).await? else {
        return Ok(());
    };
    let pays_after_s = plan.pays_after_s;
    let draft = draft(plan, channel_id);
    let draft = live_checkout::priced(app, merchant_id, channel_id, draft).await?;
    let wish = PaymentWish {
        device: Device::Mobile,
        client_ip: IpAddr::from([127, 0, 0, 1]),
        return_url: None,
    };
    let actor = Actor::system(merchant_id);
    let made = service::create(app, &gateway.providers, &actor, key, draft, wish).await?;
    let Some(seconds) = pays_after_s else {
        return Ok(());
    };
    let (gateway, order_id) = (gateway.clone(), made.order.summary.id);
    let shutdown = app.shutdown.clone();
    app.tasks.spawn(async move {
        let delay = Duration::from_secs(u64::from(seconds.min(SLOWEST_PAYER_S)));
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(delay) => {}
        }
        let app = &gateway.app;
        let sandbox = gateway.providers.sandbox(app, merchant_id, channel_id);
        let number = order_no(order_id);
        let paying = sandbox.try_pay(&number, app.clock.now()).await;
        let Paying::Notified(callback) = paying else {
            return;
        };
        let told =
            service::notify(app, &gateway.providers, merchant_id, channel_id, &callback).await;
        if let Err(error) = told {
            tracing::warn!(%order_id, ?error, "a live payment was not credited");
        }
    });
    Ok(())
}

async fn channel(
    gateway: &Gateway,
    merchant_id: MerchantId,
    method: PaymentMethod,
) -> Result<Option<ChannelId>, Error> {
    let channels = crate::channels::service::list(&gateway.app, merchant_id).await?;
    let enabled = || channels.iter().filter(|channel| channel.enabled);
    let wanted = enabled().find(|channel| channel.method == method);
    Ok(wanted
        .or_else(|| enabled().next())
        .map(|channel| channel.id))
}

fn draft(plan: Plan, channel_id: ChannelId) -> OrderDraft {
    OrderDraft {
        merchant_order_no: plan.merchant_order_no,
        title: Some(plan.title),
        lines: plan
            .lines
            .into_iter()
            .map(|line| DraftLine {
                title: line.title.to_owned(),
                category: line.category.to_owned(),
                quantity: line.quantity,
                unit_price_minor: line.unit_price_minor,
            })
            .collect(),
        discount_minor: plan.discount_minor,
        way: Way::ChannelId(channel_id),
        country: Some(plan.country.to_owned()),
        fulfillment_required: plan.buyer.is_some(),
        buyer: plan.buyer.map(|buyer| Buyer {
            name: Some(buyer.name),
            phone: Some(buyer.phone),
        }),
        expires_in_s: None,
        notify_url: None,
        member_no: plan.member_no,
        checkout: None,
    }
}
