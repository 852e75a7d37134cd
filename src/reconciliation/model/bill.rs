//! A daily bill 账单 of a payment platform, read into rows that have one form whatever the platform.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::reconciliation_run::BillFormat;

use super::refusal::ImportRefusal;
use super::{alipay, epay, wechat_pay};
use crate::error::Problem;
use crate::money::Currency;
use crate::time_range::start_of_day;

/// The platforms' days are those of Shanghai, wherever the merchant is.
pub const ZONE: Tz = chrono_tz::Asia::Shanghai;
/// How many minutes from midnight a payment may stand on the neighbouring day's bill: clocks differ, and
/// notifications take a while.
pub const NEAR_MIN: i64 = 30;
/// How many rows a bill has at the most.
pub const MOST_ROWS: usize = 100_000;

/// What a bill is read by.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The bill's day.
    pub day: BillDay,
    /// The merchant's currency.
    pub currency: Currency,
    /// What payers pay with through the channel: a list of 易支付 holds other methods, too.
    pub method: PaymentMethod,
}

/// The day of a bill, from midnight to midnight in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillDay {
    /// The day.
    pub day: NaiveDate,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

impl BillDay {
    /// The day in Shanghai; none beyond what a calendar knows.
    #[must_use]
    pub fn of(day: NaiveDate) -> Option<Self> {
        let next = day.checked_add_days(Days::new(1))?;
        Some(Self {
            day,
            from: start_of_day(day, ZONE),
            to: start_of_day(next, ZONE),
        })
    }

    /// Whether an instant is of the day.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether an instant lies so near one of the day's midnights that the neighbouring day's bill may
    /// have it.
    #[must_use]
    pub fn is_near_midnight(&self, at: DateTime<Utc>) -> bool {
        let near = |midnight: DateTime<Utc>| (at - midnight).abs() <= TimeDelta::minutes(NEAR_MIN);
        near(self.from) || near(self.to)
    }
}

/// A bill's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bill {
    /// What came in, and what of it went back.
    Trades(Vec<BillRow>),
    /// What left.
    Transfers(Vec<TransferRow>),
}

/// A row of a bill of what came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillRow {
    /// A payment 支付.
    Payment(PaymentRow),
    /// A refund 退款.
    Refund(RefundRow),
}

/// A payment, as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    /// The platform's own number.
    pub trade_no: String,
    /// The order number that the platform was given; empty where it has none.
    pub order_no: String,
    /// What was paid, in minor units.
    pub amount_minor: i64,
    /// What the platform took, in minor units; none where the bill does not say.
    pub fee_minor: Option<i64>,
    /// When it was paid; when the order was made, where it is unpaid.
    pub paid_at: DateTime<Utc>,
    /// Where it stands.
    pub state: PaidThere,
    /// What went back to the payer, as far as the payment's own row says it.
    pub refunded: RefundedThere,
}

/// Where a payment stands at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidThere {
    /// 已支付.
    Paid,
    /// 已冻结: paid, and held back.
    Frozen,
    /// 未支付: an order that a list names all the same. It is no row of the bill.
    Unpaid,
}

impl PaidThere {
    /// Its name in details.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Paid => "PAID",
            Self::Frozen => "FROZEN",
            Self::Unpaid => "UNPAID",
        }
    }
}

/// What went back to the payer, as far as a payment's own row says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundedThere {
    /// The row does not say: refunds have rows of their own.
    Unsaid,
    /// Nothing.
    Nothing,
    /// Some of it, or all.
    Something,
    /// So much, in minor units.
    Exactly(i64),
}

/// A refund, as the platform knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// The platform's own number of the payment.
    pub trade_no: String,
    /// The order number that the platform was given; empty where it has none.
    pub order_no: String,
    /// The refund number that the platform was given; empty where it has none.
    pub refund_no: String,
    /// What the payer gets, in minor units.
    pub amount_minor: i64,
    /// How much of its fee the platform gave back, in minor units; none where the bill does not say.
    pub fee_minor: Option<i64>,
    /// When the platform took it.
    pub at: DateTime<Utc>,
    /// Where it stood when the bill was written; bills are not changed afterwards.
    pub state: RefundThere,
}

/// Where a refund stands at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundThere {
    /// 退款成功.
    Succeeded,
    /// 退款处理中.
    Processing,
    /// 退款失败 or 退款异常: the payer does not have the money.
    Failed,
}

impl RefundThere {
    /// Its name in details.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Processing => "PROCESSING",
            Self::Failed => "FAILED",
        }
    }
}

/// A transfer out 代付, as the platform knows it: a payout, the small amount that checks a bank account, or what was sent
/// by hand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// The number that the platform was given for it.
    pub payout_no: String,
    /// The platform's own number.
    pub transfer_no: String,
    /// The number of the bank behind the platform; empty where it has none.
    pub bank_no: String,
    /// What arrives, in minor units.
    pub amount_minor: i64,
    /// What the platform took beside it, in minor units; none where the list does not say.
    pub fee_minor: Option<i64>,
    /// When it was submitted.
    pub at: DateTime<Utc>,
    /// Where it stood when the list was written.
    pub state: TransferThere,
}

/// Where a transfer stands at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferThere {
    /// 转账成功.
    Paid,
    /// 正在处理, or 待处理: somebody there has to agree.
    Processing,
    /// 转账失败, or the bank returned it: nothing is gone.
    Failed,
}

impl TransferThere {
    /// Its name in details.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Paid => "PAID",
            Self::Processing => "PROCESSING",
            Self::Failed => "FAILED",
        }
    }
}

/// Reads a bill. What is no bill of the format, day and currency is refused by the place where that shows.
pub fn read(format: BillFormat, text: &str, terms: &Terms) -> Result<Bill, ImportRefusal> {
    let trades = match format {
        BillFormat::WechatPay => wechat_pay::read(text, terms)?,
        BillFormat::Alipay => alipay::read(text, terms)?,
        BillFormat::Epay => epay::read(text, terms)?,
        BillFormat::EpayTransfers => {
            return Ok(Bill::Transfers(epay::read_transfers(text, terms)?));
        }
    };
    Ok(Bill::Trades(trades))
}

/// Adds a row; more than [`MOST_ROWS`] are refused.
pub(super) fn push<T>(rows: &mut Vec<T>, row: T) -> Result<(), ImportRefusal> {
    if rows.len() == MOST_ROWS {
        return Err(ImportRefusal::TooLarge(Problem::new(
            format!("A bill has at most {MOST_ROWS} rows; divide the channel's payments."),
            format!("账单最多 {MOST_ROWS} 行，请分渠道对账。"),
        )));
    }
    rows.push(row);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_shanghais_and_half_an_hour_around_midnight_is_near() {
        let day = BillDay::of(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (text, contains, near) in [
            ("2026-11-22T15:29:59Z", false, false),
            ("2026-11-22T15:30:00Z", false, true),
            ("2026-11-22T16:00:00Z", true, true),
            ("2026-11-22T16:30:00Z", true, true),
            ("2026-11-22T16:30:01Z", true, false),
            ("2026-11-23T15:29:59Z", true, false),
            ("2026-11-23T15:30:00Z", true, true),
            ("2026-11-23T16:00:00Z", false, true),
            ("2026-11-23T16:30:01Z", false, false),
        ] {
            assert_eq!(day.contains(at(text)), contains, "{text}");
            assert_eq!(day.is_near_midnight(at(text)), near, "{text}");
        }
        assert_eq!(BillDay::of(NaiveDate::MAX), None);
    }
}
