//! Whether money may be given back, and how much: what is left of the order, and the channel's rules.

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant::{self, MerchantStatus};
use entity::order::{self, PaymentState};
use entity::refund::{self, RefundReason, RefundStatus};
use entity::{RefundId, channel, order_line, refund_line};
use serde::Serialize;

use super::{Position, is_in_flight};
use crate::auth::model::{Actor, Who};
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::ledger::model::Insufficient;
use crate::money::{Currency, Money};

/// The longest reason in words, in characters.
const LONGEST_REASON: usize = 200;

/// The refund number, as payment platforms know it: the decimal digits of the id.
#[must_use]
pub fn refund_no(id: RefundId) -> String {
    id.0.to_string()
}

/// What is to be given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Part {
    /// Everything that is left.
    Everything,
    /// An amount, in minor units.
    Amount(i64),
    /// Lines: their numbers, and how many of each.
    Lines(Vec<(i16, i32)>),
}

/// A refund that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundDraft {
    /// The order.
    pub order_id: i64,
    /// How much.
    pub part: Part,
    /// Why.
    #[serde(serialize_with = "reason_name")]
    pub reason: RefundReason,
    /// Why, in words.
    pub reason_text: Option<String>,
}

fn reason_name<S: serde::Serializer>(reason: &RefundReason, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{reason:?}"))
}

/// What is known of an order whose money is to be given back.
#[derive(Clone, Copy, Debug)]
pub struct Refundable<'a> {
    /// The merchant.
    pub merchant: &'a merchant::Model,
    /// The order.
    pub order: &'a order::Model,
    /// Its lines.
    pub lines: &'a [order_line::Model],
    /// Its channel.
    pub channel: &'a channel::Model,
    /// Its refunds so far.
    pub refunds: &'a [refund::Model],
    /// Their lines.
    pub refund_lines: &'a [refund_line::Model],
    /// The currency.
    pub currency: Currency,
}

/// A refund, decided upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefund {
    /// What the payer gets, in minor units.
    pub amount_minor: i64,
    /// Its lines: number, how many, and their share, in minor units.
    pub lines: Vec<(i16, i32, i64)>,
}

/// Why a refund was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// The merchant may not act at the moment.
    MerchantSuspended,
    /// There is no such order.
    OrderNotFound,
    /// It is not paid.
    NotPaid,
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// More than is left.
    AmountTooLarge {
        /// What is left.
        refundable: Money,
        /// How much of what was paid is in refunds that are still in flight.
        in_flight: Money,
    },
    /// The channel gives back all or nothing.
    PartialNotAllowed,
    /// The payment is older than the channel gives money back for.
    WindowOver {
        /// How many days it does.
        days: i32,
        /// Until when that was.
        ended_at: DateTime<Utc>,
    },
    /// The order has as many refunds as the channel takes.
    TooMany {
        /// How many it takes.
        most: i32,
    },
    /// The last refund of the order was just now.
    TooSoon {
        /// How many seconds must lie between two.
        spacing_s: i32,
        /// How many seconds are to be waited.
        wait_s: i64,
    },
    /// The order has no such line.
    LineNotFound {
        /// Which.
        line_no: i16,
    },
    /// More of a line than is left.
    LineQuantityTooLarge {
        /// Which.
        line_no: i16,
        /// How many are left.
        left: i32,
    },
    /// There is not enough money to give back.
    InsufficientBalance(Insufficient),
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

impl CreateRefusal {
    fn field_name(&self) -> &str {
        match self {
            Self::Invalid { field, .. } => field,
            Self::LineNotFound { .. } | Self::LineQuantityTooLarge { .. } => "lines",
            Self::AmountTooLarge { .. } | Self::PartialNotAllowed => "amount",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            _ => "orderId",
        }
    }
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => Problem::new(
                "The merchant is suspended and gives no money back.",
                "商户已停用，不能退款。",
            ),
            Self::OrderNotFound => Problem::new("There is no such order.", "订单不存在。"),
            Self::NotPaid => Problem::new(
                "The order is not paid; there is nothing to give back.",
                "订单未支付，无可退金额。",
            ),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::AmountTooLarge {
                refundable,
                in_flight,
            } => too_large(*refundable, *in_flight),
            Self::PartialNotAllowed => Problem::new(
                "This channel gives back the whole payment or nothing; leave `amount` and `lines` out.",
                "该渠道不支持部分退款，请不填金额与明细以全额退款。",
            ),
            Self::WindowOver { days, ended_at } => Problem::new(
                format!(
                    "This channel refunds within {days} days of the payment: until {ended_at:?}."
                ),
                format!("该渠道仅支持支付后 {days} 天内退款，已于 {ended_at:?} 截止。"),
            ),
            Self::TooMany { most } => Problem::new(
                format!("This channel takes at most {most} refunds of one order."),
                format!("该渠道每笔订单最多退款 {most} 次。"),
            ),
            Self::TooSoon { spacing_s, wait_s } => Problem::new(
                format!(
                    "This channel wants {spacing_s} seconds between two refunds of one order; try again \
                     in {wait_s} seconds."
                ),
                format!("该渠道同一订单两次退款须间隔 {spacing_s} 秒，请 {wait_s} 秒后重试。"),
            ),
            Self::LineNotFound { line_no } => Problem::new(
                format!("The order has no line {line_no}, or it is named twice."),
                format!("订单没有第 {line_no} 行明细，或重复填写。"),
            ),
            Self::LineQuantityTooLarge { line_no, left } => Problem::new(
                format!("Of line {line_no} at most {left} can be given back, and at least 1."),
                format!("第 {line_no} 行明细最多可退 {left} 件，至少 1 件。"),
            ),
            Self::InsufficientBalance(insufficient) => insufficient.message(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        Some(self.field_name().to_owned())
    }
}

fn too_large(refundable: Money, in_flight: Money) -> Problem {
    let code = refundable.currency.code();
    let (left, open) = (refundable.to_decimal(), in_flight.to_decimal());
    Problem::new(
        format!("At most {left} {code} can be given back; refunds of {open} {code} are in flight."),
        format!("最多可退 {left} {code}（处理中的退款 {open} {code}）。"),
    )
}

/// Decides whether a part of an order may be given back now, and how much that is.
pub fn decide(
    known: &Refundable<'_>,
    draft: &RefundDraft,
    now: DateTime<Utc>,
) -> Result<NewRefund, CreateRefusal> {
    if known.merchant.status != MerchantStatus::Active {
        return Err(CreateRefusal::MerchantSuspended);
    }
    let order = known.order;
    let Some(paid_at) = order
        .paid_at
        .filter(|_| order.payment_state == PaymentState::Paid)
    else {
        return Err(CreateRefusal::NotPaid);
    };
    check_reason(draft)?;
    let money = |minor| Money::of_minor(minor, known.currency);
    let left = order.paid_minor - order.refunded_minor - order.refunding_minor;
    let decided = match &draft.part {
        Part::Everything => NewRefund {
            amount_minor: left,
            lines: Vec::new(),
        },
        Part::Amount(minor) => NewRefund {
            amount_minor: *minor,
            lines: Vec::new(),
        },
        Part::Lines(lines) => of_lines(known, lines)?,
    };
    if !(1..=left).contains(&decided.amount_minor) {
        return Err(CreateRefusal::AmountTooLarge {
            refundable: money(left),
            in_flight: money(order.refunding_minor),
        });
    }
    if !known.channel.refund_partial && decided.amount_minor != order.paid_minor {
        return Err(CreateRefusal::PartialNotAllowed);
    }
    check_channel(known, paid_at.0, now)?;
    Ok(decided)
}

fn check_reason(draft: &RefundDraft) -> Result<(), CreateRefusal> {
    let Some(text) = &draft.reason_text else {
        return Ok(());
    };
    if text.chars().count() <= LONGEST_REASON && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(CreateRefusal::Invalid {
        field: "reasonText".to_owned(),
        problem: Problem::new(
            format!("`reasonText` is at most {LONGEST_REASON} characters in one line."),
            format!("`reasonText` 最多 {LONGEST_REASON} 个字符，不含换行。"),
        ),
    })
}

/// The channel's rules: window, count, spacing.
fn check_channel(
    known: &Refundable<'_>,
    paid_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), CreateRefusal> {
    let channel = known.channel;
    let ended_at = window_end(channel, paid_at);
    if now >= ended_at {
        return Err(CreateRefusal::WindowOver {
            days: channel.refund_window_days,
            ended_at,
        });
    }
    let sent = known
        .refunds
        .iter()
        .filter(|refund| !matches!(refund.state, RefundStatus::Rejected | RefundStatus::Failed));
    if sent.clone().count() >= usize::try_from(channel.refund_max_count).unwrap_or(0) {
        return Err(CreateRefusal::TooMany {
            most: channel.refund_max_count,
        });
    }
    let spacing = TimeDelta::seconds(i64::from(channel.refund_spacing_s));
    let free_at = sent.filter_map(|refund| made_at(refund.id)).max();
    if let Some(wait) = free_at.map(|last| last + spacing - now)
        && wait > TimeDelta::zero()
    {
        return Err(CreateRefusal::TooSoon {
            spacing_s: channel.refund_spacing_s,
            wait_s: (wait + TimeDelta::milliseconds(999)).num_seconds(),
        });
    }
    Ok(())
}

/// Until when a payment can be given back.
#[must_use]
pub fn window_end(channel: &channel::Model, paid_at: DateTime<Utc>) -> DateTime<Utc> {
    paid_at + TimeDelta::days(i64::from(channel.refund_window_days))
}

fn made_at(id: RefundId) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(id.made_at_ms())
}

/// What lines come to: each its share of what was paid for it, cumulative, so that the parts of a line sum
/// to the whole.
fn of_lines(known: &Refundable<'_>, wanted: &[(i16, i32)]) -> Result<NewRefund, CreateRefusal> {
    let mut lines: Vec<(i16, i32, i64)> = Vec::with_capacity(wanted.len());
    for (line_no, quantity) in wanted.iter().copied() {
        let missing = CreateRefusal::LineNotFound { line_no };
        if lines.iter().any(|(known, ..)| *known == line_no) {
            return Err(missing);
        }
        let line = known.lines.iter().find(|line| line.line_no == line_no);
        let line = line.ok_or(missing)?;
        let gone = given_back(known, line_no);
        let left = line.quantity - gone;
        if !(1..=left).contains(&quantity) {
            return Err(CreateRefusal::LineQuantityTooLarge { line_no, left });
        }
        let share = line_share(line, gone + quantity) - line_share(line, gone);
        lines.push((line_no, quantity, share));
    }
    if lines.is_empty() {
        return Err(CreateRefusal::Invalid {
            field: "lines".to_owned(),
            problem: Problem::new(
                "`lines` is empty: leave it out to give everything back.",
                "`lines` 为空；全额退款请不填该字段。",
            ),
        });
    }
    Ok(NewRefund {
        amount_minor: lines.iter().map(|(_, _, share)| share).sum(),
        lines,
    })
}

/// How many of a line are in refunds that succeeded or may.
fn given_back(known: &Refundable<'_>, line_no: i16) -> i32 {
    let counts = |id: RefundId| {
        known.refunds.iter().any(|refund| {
            let status = refund.state;
            refund.id == id && (is_in_flight(status) || status == RefundStatus::Succeeded)
        })
    };
    known
        .refund_lines
        .iter()
        .filter(|line| line.line_no == line_no && counts(line.refund_id))
        .map(|line| line.quantity)
        .sum()
}

/// What so many of a line cost, after its discount; half a unit counts up.
fn line_share(line: &order_line::Model, quantity: i32) -> i64 {
    let (all, some) = (i128::from(line.quantity), i128::from(quantity));
    let net = i128::from(line.unit_price_minor) * all - i128::from(line.discount_minor);
    let share = (2 * net * some + all).div_euclid(2 * all);
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// Whether a second person has to agree: the amount is above the merchant's threshold, or the asker's role
/// never decides alone.
#[must_use]
pub fn needs_approval(merchant: &merchant::Model, actor: &Actor, amount_minor: i64) -> bool {
    let above = merchant
        .refund_approval_above_minor
        .is_some_and(|threshold| amount_minor > threshold);
    match actor.who {
        Who::System => false,
        Who::ApiKey(_) => above,
        Who::Staff { role, .. } => {
            let name = format!("{role:?}").to_uppercase();
            above
                || merchant
                    .refund_approval_roles
                    .split(' ')
                    .any(|listed| listed == name)
        }
    }
}

impl Refundable<'_> {
    /// Where the order's refunds stand.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            succeeded_minor: self.order.refunded_minor,
            in_flight_minor: self.order.refunding_minor,
        }
    }
}
