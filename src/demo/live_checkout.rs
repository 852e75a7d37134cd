//! What a live cart costs with campaigns and coupons: asked for as a shop asks before it makes the order.

use entity::{ChannelId, MerchantId};

use crate::app::App;
use crate::checkout::model::CheckoutWish;
use crate::checkout::service::{Basket, Who, quote};
use crate::error::Error;
use crate::orders::model::{OrderDraft, cart_lines};

/// Lets campaigns, and the best of the buyer's coupons, take off what the shop would have.
pub(super) async fn priced(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    mut draft: OrderDraft,
) -> Result<OrderDraft, Error> {
    let who = Who::find(app, merchant_id, draft.member_no.as_deref()).await?;
    let channels = crate::channels::service::list(app, merchant_id).await?;
    let channel = channels.iter().find(|channel| channel.id == channel_id);
    let basket = |codes: Vec<String>| Basket {
        lines: cart_lines(&draft.lines),
        channel: Some(channel_id),
        method: channel.map(|channel| channel.method),
        who: who.clone(),
        codes,
        points: None,
    };
    let best = quote(app, merchant_id, basket(Vec::new()), true)
        .await?
        .best;
    let told = quote(app, merchant_id, basket(best.clone()), false).await?;
    if told.price.off_minor == 0 {
        return Ok(draft);
    }
    draft.discount_minor = 0;
    draft.checkout = Some(CheckoutWish {
        coupon_codes: best,
        points: None,
        expected_payable_minor: told.price.payable_minor(),
    });
    Ok(draft)
}
