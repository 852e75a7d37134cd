//! What clients send about payouts.

use async_graphql::{ID, InputObject, OneofObject};
use entity::{BankAccountId, PayoutChallengeId, PayoutId};

use super::enums::{PayoutCadence, PayoutOrigin, PayoutStatus};
use crate::error::{Error, Problem};
use crate::graphql::scalars::{MoneyInput, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::money::{AmountRange, Currency};
use crate::orders::schema::inputs::{
    AmountRangeInput, Reading, limit, many, read_money, read_search,
};
use crate::payouts::model::{CreateDraft, PayoutFilter, ScheduleDraft, ScheduleRefusal};

/// Which payouts are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PayoutFilterInput {
    /// In any of these states.
    pub state: Option<Vec<PayoutStatus>>,
    /// Of any of these origins.
    pub origin: Option<Vec<PayoutOrigin>>,
    /// To any of these bank accounts.
    pub bank_account_id: Option<Vec<ID>>,
    /// Asked for in this span.
    pub requested_at: Option<TimeRangeInput>,
    /// The bank had it in this span.
    pub paid_at: Option<TimeRangeInput>,
    /// The amount lies in this range.
    pub amount: Option<AmountRangeInput>,
    /// Asked for by this member of staff.
    pub requested_by: Option<String>,
    /// Whether a person has to look at it 待人工处理.
    pub needs_attention: Option<bool>,
    /// The beginning of our payout number or of the payment platform's.
    pub search: Option<String>,
}

impl PayoutFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(&self, reading: &Reading) -> Result<PayoutFilter, Error> {
        let path = "filter";
        let span = |field: &str, input: Option<TimeRangeInput>| {
            input
                .map(|input| input.read(&format!("{path}.{field}"), reading.now, reading.zone))
                .transpose()
        };
        let account_ids = match &self.bank_account_id {
            None => None,
            Some(ids) => {
                limit(path, "bankAccountId", ids.len())?;
                let field = format!("{path}.bankAccountId");
                let ids = ids.iter().map(|id| read_id(&field, id));
                Some(ids.collect::<Result<_, _>>()?)
            }
        };
        let amount = match self.amount {
            None => AmountRange::default(),
            Some(range) => range.read(path, reading)?,
        };
        Ok(PayoutFilter {
            states: many(path, "state", self.state.as_deref())?,
            origins: many(path, "origin", self.origin.as_deref())?,
            account_ids,
            requested: span("requestedAt", self.requested_at)?,
            paid: span("paidAt", self.paid_at)?,
            amount,
            requested_by: self.requested_by.clone(),
            needs_attention: self.needs_attention,
            search: read_search(path, self.search.as_deref())?,
        })
    }
}

/// Exactly one number of a payout.
#[derive(Clone, Debug, OneofObject)]
pub enum PayoutByInput {
    /// The global id.
    Id(ID),
    /// Our payout number 提现单号.
    PayoutNo(String),
}

impl PayoutByInput {
    /// The id that is meant.
    pub fn read(&self) -> Result<PayoutId, Error> {
        match self {
            Self::Id(id) => read_id("by.id", id),
            Self::PayoutNo(no) => no.parse().map(PayoutId).map_err(|_| Error::NotFound),
        }
    }
}

/// What would be paid out.
#[derive(Clone, Debug, InputObject)]
pub struct PayoutQuoteInput {
    /// The bank account.
    pub bank_account_id: ID,
    /// What would leave the balance: the fee is taken from it.
    pub amount: MoneyInput,
}

/// A payout that is to be signed 提现确认.
#[derive(Clone, Debug, InputObject)]
pub struct PayoutChallengeCreateInput {
    /// The bank account.
    pub bank_account_id: ID,
    /// What is to leave the balance: the fee is taken from it.
    pub amount: MoneyInput,
}

/// An account and an amount, understood.
pub type Wanted = (BankAccountId, i64);

impl PayoutQuoteInput {
    /// What is meant.
    pub fn read(&self, currency: Currency) -> Result<Wanted, Error> {
        let account = read_id("bankAccountId", &self.bank_account_id)?;
        Ok((account, read_money(self.amount, "amount", currency)?))
    }
}

impl PayoutChallengeCreateInput {
    /// What is meant.
    pub fn read(&self, currency: Currency) -> Result<Wanted, Error> {
        let quote = PayoutQuoteInput {
            bank_account_id: self.bank_account_id.clone(),
            amount: self.amount,
        };
        quote.read(currency)
    }
}

/// A payout to be made 申请提现: account, amount and fee are those of the challenge.
#[derive(Clone, InputObject)]
pub struct PayoutCreateInput {
    /// Any text of yours, 8 to 128 characters, new for each payout: sent again, the same request returns the same
    /// payout.
    pub idempotency_key: String,
    /// What `payoutChallengeCreate` returned.
    pub challenge_id: ID,
    /// The code that your authenticator app shows now, or a recovery code.
    pub code: String,
    /// Why, in words, at most 200 characters; the bank may show it to the payee.
    pub note: Option<String>,
}

impl PayoutCreateInput {
    /// What is signed.
    pub fn read(&self) -> Result<CreateDraft, Error> {
        let id: PayoutChallengeId = read_id("challengeId", &self.challenge_id)?;
        Ok(CreateDraft {
            challenge_id: id.0,
            note: self.note.clone(),
        })
    }
}

/// A payout to be called off 取消提现.
#[derive(Clone, Debug, InputObject)]
pub struct PayoutCancelInput {
    /// Any text of yours, 8 to 128 characters, new for each.
    pub idempotency_key: String,
    /// Which.
    pub payout_id: ID,
}

/// A payout that is agreed to 审批通过.
#[derive(Clone, InputObject)]
pub struct PayoutApproveInput {
    /// Any text of yours, 8 to 128 characters, new for each decision.
    pub idempotency_key: String,
    /// Which.
    pub payout_id: ID,
    /// The code that your own authenticator app shows now, or a recovery code.
    pub code: String,
    /// Anything worth knowing, at most 500 characters.
    pub note: Option<String>,
}

/// A payout that is not agreed to 驳回.
#[derive(Clone, Debug, InputObject)]
pub struct PayoutRejectInput {
    /// Any text of yours, 8 to 128 characters, new for each decision.
    pub idempotency_key: String,
    /// Which.
    pub payout_id: ID,
    /// Why, at most 500 characters.
    pub note: String,
}

/// Which payouts are to wait for a second person.
#[derive(Clone, InputObject)]
pub struct PayoutApprovalSetInput {
    /// Those above this amount; where it is missing, none do.
    pub above_amount: Option<MoneyInput>,
    /// The code that your authenticator app shows now, or a recovery code.
    pub code: String,
}

/// A payout schedule to be set 自动提现.
#[derive(Clone, InputObject)]
pub struct PayoutScheduleSetInput {
    /// Where the money goes: a verified account.
    pub bank_account_id: ID,
    /// How often.
    pub cadence: PayoutCadence,
    /// With WEEKLY 1 (Monday) to 7; with MONTHLY 1 to 31, the last day where a month is shorter; left out with DAILY.
    pub day: Option<i32>,
    /// The time of day in the merchant's zone: `09:30`.
    pub at: String,
    /// What stays available 留存金额.
    pub retained_amount: MoneyInput,
    /// Below it nothing leaves 最低提现金额.
    pub minimum_amount: MoneyInput,
    /// Whether it rests.
    #[graphql(default)]
    pub paused: bool,
    /// The code that your authenticator app shows now, or a recovery code.
    pub code: String,
    /// Its version as you know it; 0 where there is none yet.
    pub expected_version: i32,
}

impl PayoutScheduleSetInput {
    /// What is to be set.
    pub fn read(&self, currency: Currency) -> Result<ScheduleDraft, ScheduleRefusal> {
        let account = read_id("bankAccountId", &self.bank_account_id);
        Ok(ScheduleDraft {
            bank_account_id: account.map_err(|_| ScheduleRefusal::AccountNotFound)?,
            cadence: self.cadence.into(),
            day: self.day.map(|day| i16::try_from(day).unwrap_or(-1)),
            at_minute: read_time(&self.at).unwrap_or(-1),
            retained_minor: amount(self.retained_amount, "retainedAmount", currency)?,
            min_minor: amount(self.minimum_amount, "minimumAmount", currency)?,
            paused: self.paused,
        })
    }
}

fn amount(input: MoneyInput, field: &str, currency: Currency) -> Result<i64, ScheduleRefusal> {
    read_money(input, field, currency).map_err(|error| match error {
        Error::BadInput { field, problem } => ScheduleRefusal::Invalid { field, problem },
        _ => ScheduleRefusal::Invalid {
            field: field.to_owned(),
            problem: Problem::new("The amount cannot be read.", "金额无法识别。"),
        },
    })
}

/// The minute of a time of day such as `09:30`.
fn read_time(text: &str) -> Option<i16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: i16| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse::<i16>().ok()).flatten()?;
        (number < below).then_some(number)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_digits_and_two_digits() {
        assert_eq!(read_time("00:00"), Some(0));
        assert_eq!(read_time("09:30"), Some(570));
        assert_eq!(read_time("23:59"), Some(1_439));
        for text in ["", "9:30", "24:00", "09:60", "0930", "-1:00", "09:30:00"] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }
}
