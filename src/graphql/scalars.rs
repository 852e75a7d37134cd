//! Scalars and small objects of the contract: instants, dates, countries, money, ids.

use std::str::FromStr;

use async_graphql::{
    ID, InputObject, InputValueError, InputValueResult, Scalar, ScalarType, Value,
};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

use crate::error::Error;
use crate::money::{AmountError, Currency, Money};

use super::plain::plain_object;

/// An instant, RFC 3339 in UTC with milliseconds: `2026-11-23T12:00:00.000Z`. Any offset is
/// understood in input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(pub DateTime<Utc>);

/// An instant, RFC 3339 in UTC with milliseconds: `2026-11-23T12:00:00.000Z`. Any offset is
/// understood in input.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for Timestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        DateTime::parse_from_rfc3339(text)
            .map(|instant| Self(instant.with_timezone(&Utc)))
            .map_err(|_| {
                InputValueError::custom(
                    "is no instant; write it as RFC 3339, such as 2026-11-23T12:00:00Z",
                )
            })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl From<entity::Instant> for Timestamp {
    fn from(instant: entity::Instant) -> Self {
        Self(instant.0)
    }
}

/// A calendar day in the merchant's time zone: `2026-11-23`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalDate(pub NaiveDate);

/// A calendar day in the merchant's time zone: `2026-11-23`.
#[Scalar(name = "LocalDate")]
impl ScalarType for LocalDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        NaiveDate::from_str(text).map(Self).map_err(|_| {
            InputValueError::custom("is no day; write it as ISO 8601, such as 2026-11-23")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A country, ISO 3166-1 alpha-2: `CN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryCode(pub String);

/// A country, ISO 3166-1 alpha-2: `CN`.
#[Scalar(
    name = "CountryCode",
    specified_by_url = "https://www.iso.org/iso-3166-country-codes.html"
)]
impl ScalarType for CountryCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text)
                if text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase()) =>
            {
                Ok(Self(text))
            }
            Value::String(_) => Err(InputValueError::custom(
                "is no country; write its two letters of ISO 3166-1, such as CN",
            )),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A currency, ISO 4217: `CNY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrencyCode(pub Currency);

/// A currency, ISO 4217: `CNY`.
#[Scalar(
    name = "CurrencyCode",
    specified_by_url = "https://www.iso.org/iso-4217-currency-codes.html"
)]
impl ScalarType for CurrencyCode {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        Currency::of_code(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("is no currency that can be used here"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.code().to_owned())
    }
}

/// A decimal number, written as a string so that no digit is lost on the way: `"12.30"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecimalText(pub Decimal);

/// A decimal number, written as a string so that no digit is lost on the way: `"12.30"`.
#[Scalar(name = "Decimal")]
impl ScalarType for DecimalText {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::custom(
                "is no decimal; write it as a string, such as \"12.30\"",
            ));
        };
        let plain = text.strip_prefix('-').unwrap_or(text);
        let digits = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let begins = plain.bytes().next().is_some_and(|b| b.is_ascii_digit());
        let ends = plain
            .bytes()
            .next_back()
            .is_some_and(|b| b.is_ascii_digit());
        let number = if digits && begins && ends {
            Decimal::from_str_exact(text).ok()
        } else {
            None
        };
        number.map(Self).ok_or_else(|| {
            InputValueError::custom("is no decimal; write it as a string, such as \"12.30\"")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An amount of money 金额 that a client sends.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MoneyInput {
    /// The amount, at most as many decimals as the currency has: `"12.30"`.
    pub amount: DecimalText,
    /// The currency; it must be the merchant's.
    pub currency: CurrencyCode,
}

impl MoneyInput {
    /// The amount in minor units; `field` names the argument in errors.
    pub fn read(self, field: &str) -> Result<Money, Error> {
        let currency = self.currency.0;
        Money::from_decimal(self.amount.0, currency).map_err(|error| match error {
            AmountError::TooPrecise(_) => Error::bad_input(
                field,
                format!(
                    "has at most {} decimals in {}.",
                    currency.decimals(),
                    currency.code()
                ),
                format!(
                    "最多 {} 位小数（{}）。",
                    currency.decimals(),
                    currency.code()
                ),
            ),
            AmountError::TooLarge => Error::bad_input(field, "is too large.", "过大。"),
        })
    }
}

/// Reads a global id; another type's id, or a text that is none, is refused by name.
pub fn read_id<T: FromStr>(field: &str, id: &ID) -> Result<T, Error> {
    id.parse().map_err(|_| {
        Error::bad_input(
            field,
            "is not an id of this type.",
            "不是该类型的有效编号。",
        )
    })
}

/// How many values one list of a filter takes.
const MOST_VALUES: usize = 50;

/// Reads the global ids of a filter.
pub fn read_ids<T: FromStr>(field: &str, ids: &[ID]) -> Result<Vec<T>, Error> {
    if !(1..=MOST_VALUES).contains(&ids.len()) {
        return Err(Error::bad_input(
            field,
            format!("takes 1 to {MOST_VALUES} values; leave it out to ask for all."),
            format!("须为 1 至 {MOST_VALUES} 个值；不筛选时请省略。"),
        ));
    }
    ids.iter().map(|id| read_id(field, id)).collect()
}

plain_object! {
    /// An amount of money 金额.
    Money(self) {
        /// The amount, with all decimals of its currency: `"12.30"`.
        amount / "amount": DecimalText = DecimalText(self.to_decimal());
        /// The currency.
        currency / "currency": CurrencyCode = CurrencyCode(self.currency);
    }
}
