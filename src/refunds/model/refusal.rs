//! Why a refund is not made: each reason with the rule's figure.

use chrono::{DateTime, Utc};

use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::ledger::model::Insufficient;
use crate::money::Money;

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
    if in_flight.minor == 0 {
        return Problem::new(
            format!("At most {left} {code} can be given back."),
            format!("最多可退 {left} {code}。"),
        );
    }
    Problem::new(
        format!("At most {left} {code} can be given back; refunds of {open} {code} are in flight."),
        format!("最多可退 {left} {code}（处理中的退款 {open} {code}）。"),
    )
}
