//! The mutations of orders.

use async_graphql::{Context, Object};
use entity::OrderId;

use super::inputs::{
    OrderCloseInput, OrderCreateInput, OrderFulfillInput, OrderLineInput, read_ip, read_money,
};
use super::object::Order;
use super::query::reading;
use crate::auth::model::Scope;
use crate::channels::providers::Providers;
use crate::checkout::schema::read_checkout;
use crate::error::{Error, Failure, Problem};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::money::Currency;
use crate::orders::model::{
    Buyer, CloseRefusal, CreateRefusal, DraftLine, FulfillRefusal, FulfillmentRequest, OrderDraft,
    Way,
};
use crate::orders::service::{self, Created, Delivery, OrderRow, PaymentWish};
use crate::webhooks;
use crate::webhooks::courier::Courier;
use crate::webhooks::model::check_url;

payload! {
    /// What `orderCreate` did.
    OrderCreatePayload {
        /// The order; also there where it was made but has no payment code yet.
        order: Lean<Order>,
    }
    /// Why an order was not made, or has no payment code.
    OrderCreateError / OrderCreateErrorCode from CreateRefusal {
        /// The merchant is suspended.
        MerchantSuspended,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Another order has this merchantOrderNo.
        DuplicateOrderNo,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
        /// There is no such channel.
        ChannelNotFound,
        /// The channel is closed to new orders.
        ChannelDisabled,
        /// The channel does not take this amount.
        AmountOutOfRange,
        /// The channel has taken as much as it may today.
        DailyLimitReached,
        /// The payer's device cannot use the channel.
        DeviceNotSupported,
        /// No channel of the method takes the order; the message says why not the one that lies nearest.
        NoChannel,
        /// The order was made, but the payment platform did not answer: send the same again.
        ProviderUnavailable,
        /// The order was made, but the payment platform refused it.
        ProviderRefused,
    }
    with Checkout: crate::checkout::model::CheckoutRefusal {
        /// It does not cost `checkout.expectedPayable` any more; the message says what it costs. Quote again.
        PriceChanged,
        /// A coupon of `checkout.couponCodes` takes nothing off; the message says why.
        CouponNotUsable,
        /// `checkout.points` are given, and no member is named.
        PointsNeedMember,
        /// The merchant takes no points as payment.
        PointsNotAccepted,
        /// The member has fewer points than `checkout.points`; the message says how many.
        NotEnoughPoints,
        /// The order takes fewer points than `checkout.points`; the message says how many at the most.
        TooManyPoints,
        /// Somebody was faster: an offer has just been used up. Quote again.
        OfferUsedUp,
        /// An offer is being changed at this moment. Quote again.
        OfferChanged,
    }
}

payload! {
    /// What `orderClose` did.
    OrderClosePayload {
        /// The order, closed.
        order: Lean<Order>,
    }
    /// Why an order was not closed.
    OrderCloseError / OrderCloseErrorCode from CloseRefusal {
        /// There is no such order.
        NotFound,
        /// It is paid: refund it instead.
        AlreadyPaid,
    }
}

payload! {
    /// What `orderFulfill` did.
    OrderFulfillPayload {
        /// The order after the delivery.
        order: Lean<Order>,
    }
    /// Why a delivery was not recorded.
    OrderFulfillError / OrderFulfillErrorCode from FulfillRefusal {
        /// There is no such order.
        NotFound,
        /// It is not paid.
        NotPaid,
        /// There is nothing to deliver.
        NotRequired,
        /// Everything has been delivered.
        AlreadyFulfilled,
        /// `lines` is empty: leave it out to deliver everything that is open.
        NoLines,
        /// The order has no such line.
        LineNotFound,
        /// More than is open, or less than one.
        QuantityOutOfRange,
        /// `carrier` or `trackingNo` is too long.
        NoteTooLong,
    }
}

/// The mutations of orders.
#[derive(Debug, Default)]
pub struct OrderMutation;

#[Object]
impl OrderMutation {
    /// Makes an order 下单 and asks its payment platform for what the payer is shown. The same request
    /// with the same key returns the same order. Needs `orders:create`.
    #[graphql(guard = "Needs(Scope::OrdersCreate)")]
    async fn order_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: OrderCreateInput,
    ) -> Result<OrderCreatePayload, Error> {
        let refused = |refusal| OrderCreatePayload::refused(&refusal, ctx.locale());
        let told = |Created { order, refusal }| {
            let user_errors = refusal.map_or_else(Vec::new, |refusal| refused(refusal).user_errors);
            OrderCreatePayload {
                order: Some(Lean(order.into())),
                user_errors,
            }
        };
        answer(create(ctx, input).await, told, refused)
    }

    /// Closes an unpaid order 关闭订单; closing a closed one changes nothing. A payment that comes after
    /// all is dealt with by the merchant's policy. Needs `orders:write`.
    #[graphql(guard = "Needs(Scope::OrdersWrite)")]
    async fn order_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: OrderCloseInput,
    ) -> Result<OrderClosePayload, Error> {
        let refused = |refusal| OrderClosePayload::refused(&refusal, ctx.locale());
        let Ok(order_id) = read_id::<OrderId>("orderId", &input.order_id) else {
            return Ok(refused(CloseRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::close(&app, &actor, order_id).await });
        let done = done.await?;
        let told = |order: OrderRow| OrderClosePayload {
            order: Some(Lean(order.into())),
            user_errors: Vec::new(),
        };
        answer(done, told, refused)
    }

    /// Records that some or all of a paid order was delivered 发货. Needs `orders:write`.
    #[graphql(guard = "Needs(Scope::OrdersWrite)")]
    async fn order_fulfill(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: OrderFulfillInput,
    ) -> Result<OrderFulfillPayload, Error> {
        let refused = |refusal| OrderFulfillPayload::refused(&refusal, ctx.locale());
        let delivery = match read_delivery(input) {
            Ok(delivery) => delivery,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::fulfill(&app, &actor, delivery).await });
        let done = done.await?;
        let told = |order: OrderRow| OrderFulfillPayload {
            order: Some(Lean(order.into())),
            user_errors: Vec::new(),
        };
        answer(done, told, refused)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: OrderCreateInput,
) -> Result<Created, Failure<CreateRefusal>> {
    let currency = reading(ctx).await?.currency;
    let key = input.idempotency_key.clone();
    idempotency::check(&key).map_err(invalid)?;
    let wish = PaymentWish {
        device: input.device.into(),
        client_ip: read_ip(input.client_ip.as_deref(), ctx.ip()).map_err(invalid)?,
        return_url: read_return_url(input.return_url.clone()).map_err(invalid)?,
    };
    check_notify_url(ctx, input.notify_url.as_deref())
        .await
        .map_err(invalid)?;
    let draft = read_draft(input, currency).map_err(invalid)?;
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let providers = ctx.data_unchecked::<Providers>().clone();
    ctx.app()
        .finish(async move { service::create(&app, &providers, &actor, &key, draft, wish).await })
        .await?
}

/// What cannot be meant is the shop's to mend: it stands in `userErrors`, too.
fn invalid(error: Error) -> Failure<CreateRefusal> {
    match error {
        Error::BadInput { field, problem } => Failure::Refused(CreateRefusal::Invalid {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        }),
        other => Failure::Failed(other),
    }
}

fn read_return_url(given: Option<String>) -> Result<Option<String>, Error> {
    let Some(text) = given else { return Ok(None) };
    let fits = text.len() <= 255
        && url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if fits {
        return Ok(Some(text));
    }
    Err(Error::bad_input(
        "returnUrl",
        "is an address that begins with http:// or https://, at most 255 characters.",
        "须为 http:// 或 https:// 开头的地址，最长 255 个字符。",
    ))
}

/// An address that may be called, and a key to sign with.
async fn check_notify_url(ctx: &Context<'_>, given: Option<&str>) -> Result<(), Error> {
    let Some(text) = given else { return Ok(()) };
    let reach = ctx.data_unchecked::<Courier>().reach();
    let wrong = |problem| Error::BadInput {
        field: "notifyUrl".to_owned(),
        problem,
    };
    check_url(text, reach).map_err(wrong)?;
    if webhooks::service::has_key(ctx.app(), ctx.actor()?.merchant_id).await? {
        return Ok(());
    }
    Err(wrong(Problem::new(
        "needs a notify key to sign with: set one with `notifyKeySet`.",
        "需要回调密钥才能签名，请先用 `notifyKeySet` 设置。",
    )))
}

/// Exactly one of both.
fn read_way(input: &OrderCreateInput) -> Result<Way, Error> {
    match (&input.channel_id, input.method) {
        (Some(id), None) => Ok(Way::ChannelId(read_id("channelId", id)?)),
        (None, Some(method)) => Ok(Way::Method(method.into())),
        _ => Err(Error::bad_input(
            "method",
            "or `channelId` must be given: exactly one of them.",
            "与 `channelId` 须且只能给出其一。",
        )),
    }
}

fn read_draft(input: OrderCreateInput, currency: Currency) -> Result<OrderDraft, Error> {
    let way = read_way(&input)?;
    let checkout = read_checkout(&input, currency)?;
    Ok(OrderDraft {
        merchant_order_no: input.merchant_order_no,
        title: input.title,
        lines: read_lines(input.lines, currency)?,
        discount_minor: match input.discount {
            None => 0,
            Some(discount) => read_money(discount, "discount", currency)?,
        },
        way,
        country: input.country.map(|country| country.0),
        buyer: input.buyer.map(|buyer| Buyer {
            name: buyer.name,
            phone: buyer.phone,
        }),
        fulfillment_required: input.fulfillment_required,
        expires_in_s: input.expires_in_seconds.map(i64::from),
        notify_url: input.notify_url,
        member_no: input.member_no,
        checkout,
    })
}

/// Reads lines, in the merchant's currency.
pub fn read_lines(lines: Vec<OrderLineInput>, currency: Currency) -> Result<Vec<DraftLine>, Error> {
    let lines = lines.into_iter().enumerate().map(|(place, line)| {
        let field = format!("lines.{place}.unitPrice");
        Ok(DraftLine {
            title: line.title,
            category: line.category.unwrap_or_default(),
            quantity: line.quantity,
            unit_price_minor: read_money(line.unit_price, &field, currency)?,
        })
    });
    lines.collect()
}

fn read_delivery(input: OrderFulfillInput) -> Result<Delivery, FulfillRefusal> {
    let order_id = read_id("orderId", &input.order_id).map_err(|_| FulfillRefusal::NotFound)?;
    let request = match input.lines {
        None => FulfillmentRequest::Everything,
        Some(lines) => FulfillmentRequest::Lines(
            lines
                .into_iter()
                .map(|line| {
                    let missing = FulfillRefusal::LineNotFound { line_no: 0 };
                    let line_no = i16::try_from(line.line_no).map_err(|_| missing)?;
                    Ok((line_no, line.quantity))
                })
                .collect::<Result<_, FulfillRefusal>>()?,
        ),
    };
    Ok(Delivery {
        order_id,
        request,
        carrier: input.carrier,
        tracking_no: input.tracking_no,
    })
}
