//! What a payment page shows, as clients see it.

use async_graphql::{Context, ID};
use entity::merchant::MerchantStatus;

use super::enums::CheckoutChannelState;
use crate::channels::schema::PaymentMethod;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::MoneyInput;
use crate::locale::Locale;
use crate::orders::schema::enums::PayerDevice;
use crate::orders::schema::inputs::read_money;
use crate::routing::model::method_name;
use crate::routing::service::{self, Asked, Shown};

/// A method on a payment page, in the reader's language.
#[derive(Clone, Debug)]
pub struct CheckoutChannel {
    shown: Shown,
    locale: Locale,
}

plain_object! {
    /// A way to pay 支付方式 as a payment page shows it. The page sends its order with `method`, so that
    /// routing finds the channel; `channelId` is for who wants the one that is shown.
    CheckoutChannel(self) {
        /// What the payer pays with.
        method / "method": PaymentMethod = self.shown.channel.method.into();
        /// What payers call it, in the language of `Accept-Language`.
        name / "name": String =
            method_name(self.shown.channel.method).in_language(self.locale).to_owned();
        /// The id of the channel that stands for it: the first of those that are best off.
        channel_id / "channelId": ID = ID(self.shown.channel.id.to_string());
        /// Whether it is what the page should offer first 推荐; at most one is.
        recommended / "recommended": bool = self.shown.recommended;
        /// How it is.
        state / "state": CheckoutChannelState = self.shown.state.into();
        /// What is wrong and what to take instead 提示, in the language of `Accept-Language`; null where all
        /// is well.
        notice / "notice": Option<String> =
            self.shown.notice.as_ref().map(|notice| notice.in_language(self.locale).to_owned());
    }
}

/// What the merchant's payment page shows.
pub async fn page(
    ctx: &Context<'_>,
    amount: MoneyInput,
    device: PayerDevice,
) -> Result<Vec<Lean<CheckoutChannel>>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let amount_minor = read_money(amount, "amount", merchant.currency)?;
    if amount_minor <= 0 {
        return Err(Error::bad_input(
            "amount",
            "must be more than 0.",
            "必须大于 0。",
        ));
    }
    // It would take no order.
    if merchant.row.status != MerchantStatus::Active {
        return Ok(Vec::new());
    }
    let asked = Asked {
        merchant_id,
        zone: merchant.zone,
        amount_minor,
        device: device.into(),
    };
    let locale = ctx.locale();
    let shown = service::page(app, asked).await?.into_iter();
    Ok(shown
        .map(|shown| Lean(CheckoutChannel { shown, locale }))
        .collect())
}
