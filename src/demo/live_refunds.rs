//! Live refunds: now and then a shop gives money back, through the front door.

use chrono::TimeDelta;
use entity::{Instant, MerchantId, order};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::history::reason;
use super::shop::Shop;
use crate::app::App;
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::refunds::model::{CreateRefusal, Part, RefundDraft};
use crate::refunds::service;

/// How old a payment is at the most that is given back.
const LATELY: TimeDelta = TimeDelta::days(1);
/// Among how many of the last payments one is drawn.
const AMONG: u64 = 20;

/// Gives back a part or all of a payment that came in lately; nothing where none did.
pub async fn give_back(
    app: &App,
    merchant_id: MerchantId,
    shop: &Shop,
    rng: &mut ChaCha8Rng,
) -> Result<(), Failure<CreateRefusal>> {
    let orders = paid_lately(app, merchant_id).await?;
    if orders.is_empty() {
        return Ok(());
    }
    let order = &orders[rng.random_range(0..orders.len())];
    let part = match rng.random_range(0..100) {
        ..40 if order.paid_minor > 300 => Part::Amount(order.paid_minor / 300 * 100),
        _ => Part::Everything,
    };
    let (reason, words) = reason(rng, shop);
    let draft = RefundDraft {
        order_id: order.id.0,
        part,
        reason,
        reason_text: words.map(str::to_owned),
    };
    let key = format!("demo-refund-{:032x}", rng.random::<u128>());
    let actor = Actor::system(merchant_id);
    service::create(app, &actor, &key, &draft).await?;
    Ok(())
}

/// The last payments of which nothing was given back.
async fn paid_lately(app: &App, merchant_id: MerchantId) -> Result<Vec<order::Model>, Error> {
    let since = Instant(app.clock.now() - LATELY);
    Ok(order::Entity::of(merchant_id)
        .filter(order::Column::PaidAt.gte(since))
        .filter(order::Column::RefundedMinor.eq(0))
        .filter(order::Column::RefundingMinor.eq(0))
        .order_by_desc(order::Column::PaidAt)
        .limit(AMONG)
        .all(&app.db.reads(merchant_id))
        .await?)
}
