//! What a shop asks for when it makes an order, and what is made of it.

use entity::channel::{self, PaymentMethod};
use entity::merchant::{self, MerchantStatus};
use entity::{ChannelId, OrderId};
use serde::{Deserialize, Serialize};

use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::money::{Currency, share_out};

/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;
/// The longest shop's own number; 易支付 and WeChat Pay take no more.
const LONGEST_ORDER_NO: usize = 64;
/// The most lines of one order.
const MOST_LINES: usize = 200;
/// The largest amount, in minor units: far above any payment, far below overflow.
const LARGEST_MINOR: i64 = 1_000_000_000_000;

/// What a shop asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderDraft {
    /// The shop's own number.
    pub merchant_order_no: String,
    /// What was bought, in a line; made from the lines where it is missing.
    pub title: Option<String>,
    /// What was bought.
    pub lines: Vec<DraftLine>,
    /// What is taken off, in minor units.
    pub discount_minor: i64,
    /// The channel to pay through.
    pub channel_id: ChannelIdText,
    /// The buyer's country.
    pub country: Option<String>,
    /// Who buys.
    pub buyer: Option<Buyer>,
    /// Whether something has to be delivered.
    pub fulfillment_required: bool,
    /// How long the payer has; the setting where it is missing.
    pub expires_in_s: Option<i64>,
}

/// A channel's id, hashed as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelIdText(pub ChannelId);

impl Serialize for ChannelIdText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One line of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftLine {
    /// The product's or service's title.
    pub title: String,
    /// Its category; empty where the shop gives none.
    pub category: String,
    /// How many.
    pub quantity: i32,
    /// The price of one, in minor units.
    pub unit_price_minor: i64,
}

/// Who buys; personal data, kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// The name, as given to the shop.
    pub name: Option<String>,
    /// The telephone number, as given to the shop.
    pub phone: Option<String>,
}

/// A draft that keeps every rule, with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// What was bought, in a line.
    pub title: String,
    /// The sum of the lines, in minor units.
    pub amount_minor: i64,
    /// What is taken off, in minor units.
    pub discount_minor: i64,
    /// Each line's share of the discount.
    pub line_discounts: Vec<i64>,
    /// How it is paid.
    pub method: PaymentMethod,
}

/// Why an order was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// The merchant may not take orders at the moment.
    MerchantSuspended,
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Another order has the shop's number.
    DuplicateOrderNo,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
    /// There is no such channel.
    ChannelNotFound,
    /// The channel is closed to new orders.
    ChannelDisabled,
    /// The channel does not take this amount.
    AmountOutOfRange {
        /// The least, in minor units.
        min_minor: Option<i64>,
        /// The largest, in minor units.
        max_minor: Option<i64>,
        /// Their currency.
        currency: Currency,
    },
    /// The order was made, but its payment platform did not answer.
    ProviderUnavailable,
    /// The order was made, but its payment platform refused it.
    ProviderRefused {
        /// The platform's own words.
        message: String,
    },
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => Problem::new(
                "The merchant is suspended and takes no new orders.",
                "商户已停用，不能创建新订单。",
            ),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::DuplicateOrderNo => Problem::new(
                "Another order has this merchantOrderNo.",
                "该商户订单号已存在。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
            Self::ChannelNotFound => Problem::new("There is no such channel.", "支付渠道不存在。"),
            Self::ChannelDisabled => {
                Problem::new("The channel is closed to new orders.", "支付渠道已关闭。")
            }
            Self::AmountOutOfRange {
                min_minor,
                max_minor,
                currency,
            } => out_of_range(*min_minor, *max_minor, *currency),
            Self::ProviderUnavailable => Problem::new(
                "The order was made, but the payment platform did not answer. Send the same request \
                 with the same idempotency key again.",
                "订单已创建，但支付平台未响应，请使用相同的幂等键重试。",
            ),
            Self::ProviderRefused { message } => Problem::new(
                format!("The order was made, but the payment platform refused it: {message}"),
                format!("订单已创建，但支付平台拒绝：{message}"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid { field, .. } => field,
            Self::DuplicateOrderNo => "merchantOrderNo",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::ChannelNotFound | Self::ChannelDisabled => "channelId",
            Self::AmountOutOfRange { .. } => "lines",
            _ => return None,
        };
        Some(field.to_owned())
    }
}

fn out_of_range(min: Option<i64>, max: Option<i64>, currency: Currency) -> Problem {
    let show = |minor| crate::money::Money::of_minor(minor, currency).to_decimal();
    match (min, max) {
        (Some(min), Some(max)) => Problem::new(
            format!("The channel takes from {} to {}.", show(min), show(max)),
            format!("该渠道单笔金额为 {} 至 {}。", show(min), show(max)),
        ),
        (Some(min), None) => Problem::new(
            format!("The channel takes {} or more.", show(min)),
            format!("该渠道单笔金额至少为 {}。", show(min)),
        ),
        (_, max) => Problem::new(
            format!(
                "The channel takes at most {}.",
                show(max.unwrap_or_default())
            ),
            format!("该渠道单笔金额最多为 {}。", show(max.unwrap_or_default())),
        ),
    }
}

impl OrderDraft {
    /// Checks the draft against the merchant and the channel, and sums it up.
    pub fn decide(
        &self,
        merchant: &merchant::Model,
        channel: &channel::Model,
        currency: Currency,
    ) -> Result<NewOrder, CreateRefusal> {
        if merchant.status != MerchantStatus::Active {
            return Err(CreateRefusal::MerchantSuspended);
        }
        self.check_texts()?;
        let (amount_minor, line_totals) = self.sum()?;
        if !(0..amount_minor).contains(&self.discount_minor) {
            return Err(invalid(
                "discount",
                "must be at least 0 and less than the sum of the lines.",
                "必须不小于 0 且小于明细合计。",
            ));
        }
        if !channel.enabled {
            return Err(CreateRefusal::ChannelDisabled);
        }
        let payable = amount_minor - self.discount_minor;
        let (min_minor, max_minor) = (channel.min_minor, channel.max_minor);
        if min_minor.is_some_and(|min| payable < min) || max_minor.is_some_and(|max| payable > max)
        {
            return Err(CreateRefusal::AmountOutOfRange {
                min_minor,
                max_minor,
                currency,
            });
        }
        Ok(NewOrder {
            title: self.title.clone().unwrap_or_else(|| self.made_title()),
            amount_minor,
            discount_minor: self.discount_minor,
            line_discounts: share_out(self.discount_minor, &line_totals),
            method: channel.method,
        })
    }

    fn check_texts(&self) -> Result<(), CreateRefusal> {
        let no = &self.merchant_order_no;
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"._|-".contains(&letter);
        if no.is_empty() || no.len() > LONGEST_ORDER_NO || !no.bytes().all(allowed) {
            return Err(invalid(
                "merchantOrderNo",
                "must be 1 to 64 letters, digits, dots, underscores, bars or hyphens.",
                "须为 1 至 64 位字母、数字或 . _ | -。",
            ));
        }
        check_text("title", self.title.as_deref(), LONGEST_TITLE)?;
        for (place, line) in self.lines.iter().enumerate() {
            check_text(
                &format!("lines.{place}.title"),
                Some(&line.title),
                LONGEST_TITLE,
            )?;
            if !line.category.is_empty() {
                check_text(&format!("lines.{place}.category"), Some(&line.category), 60)?;
            }
        }
        if let Some(buyer) = &self.buyer {
            check_text("buyer.name", buyer.name.as_deref(), 100)?;
            check_text("buyer.phone", buyer.phone.as_deref(), 32)?;
        }
        if self
            .expires_in_s
            .is_some_and(|seconds| !(60..=7 * 86_400).contains(&seconds))
        {
            return Err(invalid(
                "expiresInSeconds",
                "must be from 60 seconds to 7 days.",
                "须在 60 秒至 7 天之间。",
            ));
        }
        Ok(())
    }

    /// The sum of the lines, and each line's.
    fn sum(&self) -> Result<(i64, Vec<i64>), CreateRefusal> {
        if self.lines.is_empty() || self.lines.len() > MOST_LINES {
            return Err(invalid(
                "lines",
                "must be 1 to 200 lines.",
                "须为 1 至 200 行。",
            ));
        }
        let mut totals = Vec::with_capacity(self.lines.len());
        for (place, line) in self.lines.iter().enumerate() {
            if !(1..=1_000_000).contains(&line.quantity) {
                return Err(invalid(
                    &format!("lines.{place}.quantity"),
                    "must be from 1 to 1,000,000.",
                    "须在 1 至 1,000,000 之间。",
                ));
            }
            if !(0..=LARGEST_MINOR).contains(&line.unit_price_minor) {
                return Err(invalid(
                    &format!("lines.{place}.unitPrice"),
                    "must not be negative, nor beyond any payment.",
                    "不能为负数，也不能超出限额。",
                ));
            }
            totals.push(
                line.unit_price_minor
                    .saturating_mul(i64::from(line.quantity)),
            );
        }
        let sum = totals
            .iter()
            .fold(0_i64, |sum, total| sum.saturating_add(*total));
        if !(1..=LARGEST_MINOR).contains(&sum) {
            return Err(invalid(
                "lines",
                "must sum to more than 0, and not beyond any payment.",
                "合计必须大于 0 且不超出限额。",
            ));
        }
        Ok((sum, totals))
    }

    /// `宫保鸡丁 等3件`.
    fn made_title(&self) -> String {
        let first = self.lines.first().map_or("", |line| line.title.as_str());
        let pieces: i64 = self.lines.iter().map(|line| i64::from(line.quantity)).sum();
        if self.lines.len() == 1 && pieces == 1 {
            first.to_owned()
        } else {
            format!("{first} 等{pieces}件")
        }
    }
}

fn invalid(field: &str, en: &str, zh: &str) -> CreateRefusal {
    CreateRefusal::Invalid {
        field: field.to_owned(),
        problem: Problem::new(format!("`{field}` {en}"), format!("`{field}` {zh}")),
    }
}

fn check_text(field: &str, text: Option<&str>, longest: usize) -> Result<(), CreateRefusal> {
    let Some(text) = text else { return Ok(()) };
    let length = text.chars().count();
    let blank = text.trim().is_empty();
    if blank || length > longest || text.chars().any(char::is_control) {
        return Err(invalid(
            field,
            &format!("must be 1 to {longest} characters of text."),
            &format!("须为 1 至 {longest} 个字符。"),
        ));
    }
    Ok(())
}

/// Our order number 平台订单号: the id's decimal digits, and what providers know as `out_trade_no`.
#[must_use]
pub fn order_no(id: OrderId) -> String {
    id.0.to_string()
}

/// The order that a number names; none where it is no number of ours.
#[must_use]
pub fn read_order_no(text: &str) -> Option<OrderId> {
    let canonical = !text.starts_with('0') && text.bytes().all(|digit| digit.is_ascii_digit());
    canonical.then(|| text.parse().ok().map(OrderId)).flatten()
}
