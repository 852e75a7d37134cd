//! Whether money may be given back, and how much: what is left of the order, and the channel's rules.

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant::{self, MerchantStatus};
use entity::order::{self, PaymentState};
use entity::refund::{self, RefundReason, RefundStatus};
use entity::{RefundId, channel, order_line, refund_line};
use serde::Serialize;

use super::refusal::CreateRefusal;
use super::{Position, is_in_flight};
use crate::auth::model::{Actor, Who};
use crate::error::Problem;
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
    check_draft(draft)?;
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

/// What no order could give back, and what no platform could be told.
fn check_draft(draft: &RefundDraft) -> Result<(), CreateRefusal> {
    if matches!(draft.part, Part::Amount(minor) if minor < 1) {
        return Err(CreateRefusal::Invalid {
            field: "amount".to_owned(),
            problem: Problem::new("`amount` must be more than zero.", "`amount` 须大于零。"),
        });
    }
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
        let (gone, gone_minor) = given_back(known, line_no);
        let left = line.quantity - gone;
        if !(1..=left).contains(&quantity) {
            return Err(CreateRefusal::LineQuantityTooLarge { line_no, left });
        }
        let share = (line_share(line, gone + quantity) - gone_minor).max(0);
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

/// Whether the lines of a failed refund are still there to be given back: others may have taken their place.
pub fn check_lines(known: &Refundable<'_>, failed: RefundId) -> Result<(), CreateRefusal> {
    for wanted in known.refund_lines {
        let line = known
            .lines
            .iter()
            .find(|line| line.line_no == wanted.line_no && wanted.refund_id == failed);
        let Some(line) = line else { continue };
        let left = line.quantity - given_back(known, line.line_no).0;
        if wanted.quantity > left {
            let line_no = line.line_no;
            return Err(CreateRefusal::LineQuantityTooLarge { line_no, left });
        }
    }
    Ok(())
}

/// How many of a line are in refunds that succeeded or may, and what they came to.
fn given_back(known: &Refundable<'_>, line_no: i16) -> (i32, i64) {
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
        .fold((0, 0), |(quantity, minor), line| {
            (quantity + line.quantity, minor + line.amount_minor)
        })
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
        Who::ApiKey(_) | Who::PublishableKey(_) | Who::Link => above,
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
