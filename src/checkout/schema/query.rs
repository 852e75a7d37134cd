//! The query of the checkout.

use async_graphql::{Context, Object};
use entity::ChannelId;

use super::inputs::{CheckoutQuoteInput, check_codes, check_points};
use super::quote::CheckoutQuote;
use crate::auth::model::Scope;
use crate::channels::service::maybe_find;
use crate::checkout::service::{self, Basket, Who};
use crate::error::Error;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::members::schema::filter_input::read_member_no;
use crate::merchant;
use crate::orders::model::{CreateRefusal, cart_lines, check_lines};
use crate::orders::schema::mutation::read_lines;

/// The query of the checkout.
#[derive(Debug, Default)]
pub struct CheckoutQuery;

#[Object]
impl CheckoutQuery {
    /// What a cart costs 试算: which campaigns and coupons take how much off which line, which do not and why, and
    /// which coupons would take most off. An order is made at that price with `orderCreate` and its `checkout`.
    /// Needs `orders:create`.
    #[graphql(guard = "Needs(Scope::OrdersCreate)")]
    async fn checkout_quote(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cart.")] input: CheckoutQuoteInput,
    ) -> Nullable<CheckoutQuote> {
        Some(quote(ctx, input).await)
    }
}

async fn quote(ctx: &Context<'_>, input: CheckoutQuoteInput) -> Result<CheckoutQuote, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let currency = merchant::find(app, merchant_id).await?.currency;
    check_codes("couponCodes", &input.coupon_codes)?;
    let points = check_points("points", input.points)?;
    let lines = read_lines(input.lines, currency)?;
    check_lines(&lines).map_err(not_meant)?;
    let channel = match (&input.channel_id, input.method) {
        (Some(_), Some(_)) => {
            return Err(Error::bad_input(
                "method",
                "and `channelId` exclude each other.",
                "与 `channelId` 不能同时给出。",
            ));
        }
        (Some(id), None) => {
            let id: ChannelId = read_id("channelId", id)?;
            let found = maybe_find(app, merchant_id, id).await?;
            Some(found.ok_or(Error::NotFound)?)
        }
        (None, _) => None,
    };
    let method = channel.as_ref().map(|channel| channel.method);
    if let Some(no) = &input.member_no {
        read_member_no("memberNo", no)?;
    }
    let who = Who::find(app, merchant_id, input.member_no.as_deref()).await?;
    let basket = Basket {
        lines: cart_lines(&lines),
        channel: channel.as_ref().map(|channel| channel.id),
        method: method.or(input.method.map(Into::into)),
        who,
        codes: input.coupon_codes,
        points,
    };
    let with_best = ctx.look_ahead().field("bestCoupons").exists();
    let quote = service::quote(app, merchant_id, basket, with_best).await?;
    Ok(CheckoutQuote::told(quote, ctx.locale()))
}

/// Lines are refused as an order's are.
fn not_meant(refusal: CreateRefusal) -> Error {
    match refusal {
        CreateRefusal::Invalid { field, problem } => {
            // The field's name stands before what is said of it, here as there.
            let quoted = format!("`{field}` ");
            let bare = |text: &str| text.strip_prefix(&quoted).unwrap_or(text).to_owned();
            Error::bad_input(field.clone(), bare(&problem.en), bare(&problem.zh))
        }
        _ => Error::internal("lines were refused for another reason"),
    }
}
