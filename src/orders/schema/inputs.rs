//! What clients send about orders.

use std::net::IpAddr;

use async_graphql::{ID, InputObject, OneofObject};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::ChannelId;

use super::enums::{FulfillmentState, PayerDevice, PaymentState, RefundState};
use crate::channels::schema::PaymentMethod;
use crate::checkout::schema::CheckoutInput;
use crate::error::Error;
use crate::graphql::scalars::{CountryCode, MoneyInput, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::members::schema::filter_input::read_member_no;
use crate::money::{AmountRange, Currency};
use crate::orders::model::OrderFilter;

/// How deep filters may lie inside each other.
pub const DEEPEST: u32 = 4;
/// How many values one part of a filter may name.
const MOST_VALUES: usize = 50;
/// The longest search text, in characters.
const LONGEST_SEARCH: usize = 60;

/// Which orders are wanted. Everything that is given must hold; a list holds where any of its values
/// does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OrderFilterInput {
    /// Any of these payment states.
    pub payment_state: Option<Vec<PaymentState>>,
    /// Any of these refund states.
    pub refund_state: Option<Vec<RefundState>>,
    /// Any of these fulfilment states.
    pub fulfillment_state: Option<Vec<FulfillmentState>>,
    /// Paid, and not delivered in full 已支付未发货.
    pub awaiting_shipment: Option<bool>,
    /// Paid after it had been closed.
    pub late: Option<bool>,
    /// Made in this span.
    pub created_at: Option<TimeRangeInput>,
    /// Paid in this span.
    pub paid_at: Option<TimeRangeInput>,
    /// Through any of these channels.
    pub channel_id: Option<Vec<ID>>,
    /// By any of these methods.
    pub method: Option<Vec<PaymentMethod>>,
    /// By buyers from any of these countries.
    pub country: Option<Vec<CountryCode>>,
    /// The sum of the lines lies in this range.
    pub amount: Option<AmountRangeInput>,
    /// The beginning of our number, the shop's or the provider's, or a part of a line's title; a blank text is none.
    pub search: Option<String>,
    /// Of the member of this number 会员号. Needs `members:read`.
    pub member_no: Option<String>,
    /// This campaign took something off it: what was not rolled back since. Needs `campaigns:read`.
    pub campaign_id: Option<ID>,
    /// A coupon of this template took something off it: what was not rolled back since. Needs `campaigns:read`.
    pub coupon_template_id: Option<ID>,
    /// Any of these filters holds.
    pub or: Option<Vec<OrderFilterInput>>,
    /// This filter does not hold.
    pub not: Option<Box<OrderFilterInput>>,
}

/// A range of amounts, both ends in it.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct AmountRangeInput {
    /// The least.
    pub min: Option<MoneyInput>,
    /// The largest.
    pub max: Option<MoneyInput>,
}

/// Exactly one number of an order.
#[derive(Clone, Debug, OneofObject)]
pub enum OrderByInput {
    /// The global id.
    Id(ID),
    /// Our order number 平台订单号.
    OrderNo(String),
    /// The shop's own number 商户订单号.
    MerchantOrderNo(String),
    /// The payment platform's own number 渠道流水号.
    ProviderTradeNo(String),
}

/// What a filter is read with.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The instant that "today" means.
    pub now: DateTime<Utc>,
    /// The merchant's time zone.
    pub zone: Tz,
    /// The merchant's currency.
    pub currency: Currency,
}

impl OrderFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(&self, reading: &Reading) -> Result<OrderFilter, Error> {
        self.read_at("filter", 1, reading)
    }

    fn read_at(&self, path: &str, depth: u32, reading: &Reading) -> Result<OrderFilter, Error> {
        if depth > DEEPEST {
            return Err(Error::bad_input(
                path,
                format!("filters lie at most {DEEPEST} deep."),
                format!("筛选条件最多嵌套 {DEEPEST} 层。"),
            ));
        }
        let span = |field: &str, input: Option<TimeRangeInput>| {
            input
                .map(|input| input.read(&format!("{path}.{field}"), reading.now, reading.zone))
                .transpose()
        };
        Ok(OrderFilter {
            payment_state: many(path, "paymentState", self.payment_state.as_deref())?,
            refund_state: many(path, "refundState", self.refund_state.as_deref())?,
            fulfillment_state: many(path, "fulfillmentState", self.fulfillment_state.as_deref())?,
            awaiting_shipment: self.awaiting_shipment,
            late: self.late,
            created: span("createdAt", self.created_at)?,
            paid: span("paidAt", self.paid_at)?,
            channel_ids: self.read_channels(path)?,
            methods: many(path, "method", self.method.as_deref())?,
            countries: self.read_countries(path)?,
            amount: match self.amount {
                None => AmountRange::default(),
                Some(range) => range.read(path, reading)?,
            },
            search: read_search(path, self.search.as_deref())?,
            member_no: self.read_member_no(path)?,
            member_id: None,
            campaign_id: read_maybe(path, "campaignId", self.campaign_id.as_ref())?,
            coupon_template_id: read_maybe(
                path,
                "couponTemplateId",
                self.coupon_template_id.as_ref(),
            )?,
            or: self
                .or
                .as_ref()
                .map(|choices| {
                    limit(path, "or", choices.len())?;
                    choices
                        .iter()
                        .map(|choice| choice.read_at(&format!("{path}.or"), depth + 1, reading))
                        .collect()
                })
                .transpose()?,
            not: self
                .not
                .as_ref()
                .map(|not| not.read_at(&format!("{path}.not"), depth + 1, reading))
                .transpose()?
                .map(Box::new),
        })
    }

    fn read_member_no(&self, path: &str) -> Result<Option<String>, Error> {
        if let Some(no) = &self.member_no {
            read_member_no(&format!("{path}.memberNo"), no)?;
        }
        Ok(self.member_no.clone())
    }

    fn read_countries(&self, path: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(codes) = &self.country else {
            return Ok(None);
        };
        limit(path, "country", codes.len())?;
        Ok(Some(codes.iter().map(|code| code.0.clone()).collect()))
    }

    fn read_channels(&self, path: &str) -> Result<Option<Vec<ChannelId>>, Error> {
        let Some(ids) = &self.channel_id else {
            return Ok(None);
        };
        limit(path, "channelId", ids.len())?;
        let ids = ids
            .iter()
            .map(|id| read_id(&format!("{path}.channelId"), id));
        ids.collect::<Result<_, _>>().map(Some)
    }
}

impl AmountRangeInput {
    /// Reads the range; `path` names the filter that it is in.
    pub fn read(self, path: &str, reading: &Reading) -> Result<AmountRange, Error> {
        self.read_as(&format!("{path}.amount"), reading)
    }

    /// Reads the range of this name.
    pub fn read_as(self, range: &str, reading: &Reading) -> Result<AmountRange, Error> {
        let end = |name: &str, input: Option<MoneyInput>| {
            input
                .map(|input| {
                    let field = format!("{range}.{name}");
                    match read_money(input, &field, reading.currency)? {
                        minor if minor < 0 => Err(Error::bad_input(
                            field,
                            "must not be negative.",
                            "不能为负数。",
                        )),
                        minor => Ok(minor),
                    }
                })
                .transpose()
        };
        let (min_minor, max_minor) = (end("min", self.min)?, end("max", self.max)?);
        if let (Some(min), Some(max)) = (min_minor, max_minor)
            && min > max
        {
            return Err(Error::bad_input(
                range,
                "`min` must not be more than `max`.",
                "`min` 不能大于 `max`。",
            ));
        }
        Ok(AmountRange {
            min_minor,
            max_minor,
        })
    }
}

fn read_maybe<T: std::str::FromStr>(
    path: &str,
    field: &str,
    id: Option<&ID>,
) -> Result<Option<T>, Error> {
    id.map(|id| read_id(&format!("{path}.{field}"), id))
        .transpose()
}

/// Reads a text to search for; nothing where it is blank.
pub fn read_search(path: &str, given: Option<&str>) -> Result<Option<String>, Error> {
    let Some(text) = given.map(str::trim) else {
        return Ok(None);
    };
    if text.chars().count() > LONGEST_SEARCH || text.chars().any(char::is_control) {
        return Err(Error::bad_input(
            format!("{path}.search"),
            format!("is at most {LONGEST_SEARCH} characters of text."),
            format!("最多 {LONGEST_SEARCH} 个字符。"),
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// An amount in the merchant's currency, in minor units.
pub fn read_money(input: MoneyInput, field: &str, currency: Currency) -> Result<i64, Error> {
    if input.currency.0 != currency {
        return Err(Error::bad_input(
            format!("{field}.currency"),
            format!("must be {}, the merchant's currency.", currency.code()),
            format!("须为商户币种 {}。", currency.code()),
        ));
    }
    Ok(input.read(field)?.minor)
}

/// Refuses an empty list of values, and one that is too long.
pub fn limit(path: &str, field: &str, given: usize) -> Result<(), Error> {
    if (1..=MOST_VALUES).contains(&given) {
        return Ok(());
    }
    Err(Error::bad_input(
        format!("{path}.{field}"),
        format!("takes 1 to {MOST_VALUES} values; leave it out to ask for all."),
        format!("须为 1 至 {MOST_VALUES} 个值；不筛选时请省略。"),
    ))
}

/// Reads a list of values.
pub fn many<G: Copy, V: From<G>>(
    path: &str,
    field: &str,
    values: Option<&[G]>,
) -> Result<Option<Vec<V>>, Error> {
    let Some(values) = values else {
        return Ok(None);
    };
    limit(path, field, values.len())?;
    Ok(Some(values.iter().copied().map(V::from).collect()))
}

/// An order to be made 下单.
#[derive(Clone, Debug, InputObject)]
pub struct OrderCreateInput {
    /// Any text of yours, 8 to 128 characters, new for each order: sent again, the same request
    /// returns the same order.
    pub idempotency_key: String,
    /// Your own number 商户订单号, unique among your orders: letters, digits, `.`, `_`, `|`, `-`.
    pub merchant_order_no: String,
    /// What was bought, in a line; made from the lines where it is missing.
    pub title: Option<String>,
    /// What was bought, 1 to 200 lines.
    pub lines: Vec<OrderLineInput>,
    /// What is taken off the sum of the lines; shared out over them by largest remainder.
    pub discount: Option<MoneyInput>,
    /// The channel to pay through, unless `method` is given.
    pub channel_id: Option<ID>,
    /// The method to pay by, unless `channelId` is given: routing finds a channel that fits.
    pub method: Option<PaymentMethod>,
    /// The buyer's country.
    pub country: Option<CountryCode>,
    /// Who buys; personal data, kept sealed.
    pub buyer: Option<BuyerInput>,
    /// Whether something has to be delivered.
    #[graphql(default = true)]
    pub fulfillment_required: bool,
    /// How long the payer has: 60 seconds to 7 days; half an hour where it is missing.
    pub expires_in_seconds: Option<i32>,
    /// What the payer holds in hand.
    #[graphql(default_with = "PayerDevice::Desktop")]
    pub device: PayerDevice,
    /// The payer's address; that of the request where it is missing.
    pub client_ip: Option<String>,
    /// Where the payer's browser goes afterwards. A hint to the payer, never a proof of payment.
    pub return_url: Option<String>,
    /// Where your shop is called in 易支付's style once the order is paid 异步通知: a signed GET, until the answer
    /// contains `success`. Needs a notify key (`notifyKeySet`); https, at most 1024 characters.
    pub notify_url: Option<String>,
    /// Your own, stable number of the member who buys 会员号: 1 to 64 letters, digits, `.`, `_`, `|`, `-`, `@`, `+`. The
    /// member is made where it is named for the first time.
    pub member_no: Option<String>,
    /// Has campaigns and coupons priced here instead of `discount`: see `checkoutQuote`.
    pub checkout: Option<CheckoutInput>,
}

/// A line of an order to be made.
#[derive(Clone, Debug, InputObject)]
pub struct OrderLineInput {
    /// The product's or service's title.
    pub title: String,
    /// Its category.
    pub category: Option<String>,
    /// How many.
    pub quantity: i32,
    /// The price of one.
    pub unit_price: MoneyInput,
}

/// Who buys.
#[derive(Clone, Debug, InputObject)]
pub struct BuyerInput {
    /// The name.
    pub name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
}

/// An order to be closed 关闭订单.
#[derive(Clone, Debug, InputObject)]
pub struct OrderCloseInput {
    /// Which.
    pub order_id: ID,
}

/// A delivery 发货.
#[derive(Clone, Debug, InputObject)]
pub struct OrderFulfillInput {
    /// Which order.
    pub order_id: ID,
    /// What of it; everything that is open where it is missing.
    pub lines: Option<Vec<FulfilledLineInput>>,
    /// Who carries it 承运商.
    pub carrier: Option<String>,
    /// The carrier's number 运单号.
    pub tracking_no: Option<String>,
}

/// So many of one line.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct FulfilledLineInput {
    /// The line's number in its order.
    pub line_no: i32,
    /// How many are delivered now.
    pub quantity: i32,
}

/// The payer's address, or the request's, or the machine's own.
pub fn read_ip(given: Option<&str>, asked_from: Option<IpAddr>) -> Result<IpAddr, Error> {
    match given {
        None => Ok(asked_from.unwrap_or(IpAddr::from([127, 0, 0, 1]))),
        Some(text) => text.parse().map_err(|_| {
            Error::bad_input(
                "clientIp",
                "is no IPv4 or IPv6 address.",
                "不是有效的 IP 地址。",
            )
        }),
    }
}
