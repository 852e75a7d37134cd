//! What a shop asks for when it makes an order, and what is made of it.

use entity::channel::PaymentMethod;
use entity::merchant::{self, MerchantStatus};
use entity::{ChannelId, OrderId};
use serde::{Deserialize, Serialize, Serializer};

use super::refusal::CreateRefusal;
use crate::checkout::model::{CartLine, CheckoutWish};
use crate::error::Problem;
use crate::members::model::check_new_member_no;
use crate::money::share_out;

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
    /// The channel to pay through, or the method.
    #[serde(flatten)]
    pub way: Way,
    /// The buyer's country.
    pub country: Option<String>,
    /// Who buys.
    pub buyer: Option<Buyer>,
    /// Whether something has to be delivered.
    pub fulfillment_required: bool,
    /// How long the payer has; the setting where it is missing.
    pub expires_in_s: Option<i64>,
    /// Where its shop is called in 易支付's style once it is paid. Left out of what is hashed where there is
    /// none: keys of before stay what they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// The shop's own number of the member who buys; left out of what is hashed where there is none, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_no: Option<String>,
    /// Campaigns and coupons, and what the buyer was told; left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout: Option<CheckoutWish>,
}

/// How the payer pays; hashed as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Through this channel.
    #[serde(serialize_with = "as_text")]
    ChannelId(ChannelId),
    /// By this method: routing finds the channel.
    #[serde(serialize_with = "as_name")]
    Method(PaymentMethod),
}

fn as_text<S: Serializer>(id: &ChannelId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn as_name<S: Serializer>(method: &PaymentMethod, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{method:?}"))
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

impl DraftLine {
    /// What all of it costs, in minor units.
    #[must_use]
    pub fn total_minor(&self) -> i64 {
        let quantity = i64::from(self.quantity);
        self.unit_price_minor.saturating_mul(quantity)
    }
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
}

impl NewOrder {
    /// What is to be paid, in minor units.
    #[must_use]
    pub const fn payable_minor(&self) -> i64 {
        self.amount_minor - self.discount_minor
    }
}

impl OrderDraft {
    /// Checks the draft, whatever channel it takes, and sums it up.
    pub fn decide(&self, merchant: &merchant::Model) -> Result<NewOrder, CreateRefusal> {
        if merchant.status != MerchantStatus::Active {
            return Err(CreateRefusal::MerchantSuspended);
        }
        self.check_texts()?;
        let (amount_minor, line_totals) = check_lines(&self.lines)?;
        if !(0..amount_minor).contains(&self.discount_minor) {
            return Err(invalid(
                "discount",
                "must be at least 0 and less than the sum of the lines.",
                "必须不小于 0 且小于明细合计。",
            ));
        }
        Ok(NewOrder {
            title: self.title.clone().unwrap_or_else(|| self.made_title()),
            amount_minor,
            discount_minor: self.discount_minor,
            line_discounts: share_out(self.discount_minor, &line_totals),
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
        if let Some(no) = &self.member_no {
            check_new_member_no(no).map_err(|problem| CreateRefusal::Invalid {
                field: "memberNo".to_owned(),
                problem: Problem::new(
                    format!("`memberNo` {}", problem.en),
                    format!("`memberNo` {}", problem.zh),
                ),
            })?;
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

/// The lines, as the checkout prices them.
#[must_use]
pub fn cart_lines(lines: &[DraftLine]) -> Vec<CartLine> {
    let lines = lines.iter().map(|line| CartLine {
        title: line.title.clone(),
        category: line.category.clone(),
        amount_minor: line.total_minor(),
    });
    lines.collect()
}

/// Checks lines, whatever order they are of; returns their sum, and each line's.
pub fn check_lines(lines: &[DraftLine]) -> Result<(i64, Vec<i64>), CreateRefusal> {
    for (place, line) in lines.iter().enumerate() {
        let title = format!("lines.{place}.title");
        check_text(&title, Some(&line.title), LONGEST_TITLE)?;
        if !line.category.is_empty() {
            check_text(&format!("lines.{place}.category"), Some(&line.category), 60)?;
        }
    }
    if lines.is_empty() || lines.len() > MOST_LINES {
        return Err(invalid(
            "lines",
            "must be 1 to 200 lines.",
            "须为 1 至 200 行。",
        ));
    }
    for (place, line) in lines.iter().enumerate() {
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
    }
    let totals: Vec<i64> = lines.iter().map(DraftLine::total_minor).collect();
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
