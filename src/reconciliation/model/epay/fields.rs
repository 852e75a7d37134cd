//! An entry of a list of 易支付: its fields as text, named in errors by the entry's place.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::reconciliation::model::amounts;
use crate::reconciliation::model::bill::Terms;
use crate::reconciliation::model::refusal::{ImportRefusal, Place};

/// An entry's fields, named in errors by the entry's place.
pub(super) struct Fields<E> {
    place: (&'static str, u64),
    /// The fields as they stand there.
    pub entry: E,
}

impl<E> Fields<E> {
    /// The entry at a place of a list, from 1; one that is none is refused by the name of its first field.
    pub fn of<'a>(
        place: (&'static str, u64),
        entry: &'a RawValue,
        first: &str,
    ) -> Result<Self, ImportRefusal>
    where
        E: Deserialize<'a>,
    {
        match serde_json::from_str(entry.get()) {
            Ok(entry) => Ok(Self { place, entry }),
            Err(_) => Err(ImportRefusal::unreadable(
                field_of(place, first),
                entry.get(),
                "stands in an object, each field once",
                "所在条目应为对象，且字段不重复",
            )),
        }
    }

    pub fn unreadable(
        &self,
        field: &str,
        value: Option<&RawValue>,
        en: &str,
        zh: &str,
    ) -> ImportRefusal {
        let place = field_of(self.place, field);
        ImportRefusal::unreadable(place, value.map_or("", RawValue::get), en, zh)
    }

    pub fn number(&self, field: &str, value: Option<&RawValue>) -> Result<String, ImportRefusal> {
        text(value)
            .filter(|text| amounts::is_number(text))
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is a number of letters and digits",
                    "应为由字母和数字组成的编号",
                )
            })
    }

    /// A number that may be missing: then it is empty.
    pub fn maybe_number(
        &self,
        field: &str,
        value: Option<&RawValue>,
    ) -> Result<String, ImportRefusal> {
        match text(value).as_deref() {
            None | Some("") => Ok(String::new()),
            Some(_) => self.number(field, value),
        }
    }

    pub fn amount(
        &self,
        field: &str,
        value: Option<&RawValue>,
        terms: &Terms,
    ) -> Result<i64, ImportRefusal> {
        text(value)
            .and_then(|text| amounts::minor(&text, terms.currency))
            .filter(|amount| *amount >= 0)
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is an amount such as 36.00",
                    "应为金额，例如 36.00",
                )
            })
    }

    pub fn instant(
        &self,
        field: &str,
        value: Option<&RawValue>,
    ) -> Result<DateTime<Utc>, ImportRefusal> {
        text(value)
            .and_then(|text| amounts::instant(&text))
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is a time such as 2026-11-23 12:00:00",
                    "应为时间，例如 2026-11-23 12:00:00",
                )
            })
    }
}

fn field_of((list, entry): (&'static str, u64), field: &str) -> Place {
    Place::Field {
        list,
        entry,
        field: field.to_owned(),
    }
}

/// A JSON token as text: of numbers, the digits that stand there. None where it is missing, null or nested.
pub(super) fn text(value: Option<&RawValue>) -> Option<String> {
    let token = value?.get();
    match token.as_bytes().first()? {
        b'"' => {
            let text: String = serde_json::from_str(token).ok()?;
            Some(text.trim().to_owned())
        }
        b'-' | b'0'..=b'9' => Some(token.to_owned()),
        _ => None,
    }
}
