//! Prices orders whose shop leaves that to the checkout.

use entity::{MerchantId, channel};

use crate::app::App;
use crate::checkout::model::CheckoutRefusal;
use crate::checkout::service::{Basket, Priced, Who, price_order};
use crate::error::{Error, Failure};
use crate::orders::model::{CreateRefusal, NewOrder, OrderDraft, Way, cart_lines};

/// Prices a draft, where it asks for that, and takes what comes off into the order.
pub(super) async fn price(
    app: &App,
    merchant_id: MerchantId,
    draft: &OrderDraft,
    named: Option<&channel::Model>,
    order: &mut NewOrder,
) -> Result<Result<Option<Priced>, CheckoutRefusal>, Error> {
    let Some(wish) = &draft.checkout else {
        return Ok(Ok(None));
    };
    let basket = Basket {
        lines: cart_lines(&draft.lines),
        channel: named.map(|channel| channel.id),
        method: match draft.way {
            Way::Method(method) => Some(method),
            Way::ChannelId(_) => named.map(|channel| channel.method),
        },
        who: Who::find(app, merchant_id, draft.member_no.as_deref()).await?,
        codes: wish.coupon_codes.clone(),
        points: wish.points,
    };
    let priced = match price_order(app, merchant_id, basket, wish).await? {
        Ok(priced) => priced,
        Err(refusal) => return Ok(Err(refusal)),
    };
    order.discount_minor = priced.off_minor;
    order.line_discounts.clone_from(&priced.line_offs);
    Ok(Ok(Some(priced)))
}

/// A refusal of the checkout, as one of the order.
pub(super) fn refused_at_checkout(failure: Failure<CheckoutRefusal>) -> Failure<CreateRefusal> {
    match failure {
        Failure::Refused(why) => Failure::Refused(CreateRefusal::Checkout(why)),
        Failure::Failed(error) => Failure::Failed(error),
    }
}
