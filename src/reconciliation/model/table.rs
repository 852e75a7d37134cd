//! A bill's table: columns by their headings, cells by line and column.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::amounts;
use super::bill::{BillDay, Terms};
use super::refusal::{ImportRefusal, Place};

/// Where columns stand.
#[derive(Debug)]
pub(super) struct Columns(Vec<String>);

impl Columns {
    /// The columns of these headings; one that is needed and missing is refused by its name.
    pub fn of(headings: Vec<String>, needed: &[&str]) -> Result<Self, ImportRefusal> {
        let missing = needed
            .iter()
            .find(|column| !headings.iter().any(|heading| heading == *column));
        match missing {
            None => Ok(Self(headings)),
            Some(column) => Err(ImportRefusal::ColumnMissing {
                column: (*column).to_owned(),
            }),
        }
    }

    /// The row of these values; it has as many as there are columns.
    pub fn row(&self, line: u64, values: Vec<String>) -> Result<Row<'_>, ImportRefusal> {
        let (wanted, found) = (self.0.len(), values.len());
        if wanted == found {
            return Ok(Row {
                columns: self,
                line,
                values,
            });
        }
        Err(ImportRefusal::unreadable(
            Place::Line(line),
            &found.to_string(),
            format_args!("has as many values as there are columns, {wanted}"),
            format_args!("应有 {wanted} 个值"),
        ))
    }
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    columns: &'a Columns,
    line: u64,
    values: Vec<String>,
}

impl Row<'_> {
    /// Where a column of the row stands.
    pub fn place(&self, column: &str) -> Place {
        Place::Cell {
            line: self.line,
            column: column.to_owned(),
        }
    }

    /// The text of a cell, without blanks around it.
    pub fn text(&self, column: &str) -> &str {
        let place = self.columns.0.iter().position(|known| known == column);
        place
            .and_then(|place| self.values.get(place))
            .map_or("", |value| value.trim())
    }

    /// A cell that cannot be read, and what would be right.
    pub fn unreadable(&self, column: &str, en: &str, zh: &str) -> ImportRefusal {
        ImportRefusal::unreadable(self.place(column), self.text(column), en, zh)
    }

    /// A number of a payment or refund.
    pub fn number(&self, column: &str) -> Result<String, ImportRefusal> {
        match self.maybe_number(column)? {
            text if text.is_empty() => Err(self.unreadable(column, NUMBER.0, NUMBER.1)),
            text => Ok(text),
        }
    }

    /// A number that may be missing: then it is empty.
    pub fn maybe_number(&self, column: &str) -> Result<String, ImportRefusal> {
        let text = self.text(column);
        if text.is_empty() || amounts::is_number(text) {
            return Ok(text.to_owned());
        }
        Err(self.unreadable(column, NUMBER.0, NUMBER.1))
    }

    /// An amount above zero, in minor units.
    pub fn amount(&self, column: &str, terms: &Terms) -> Result<i64, ImportRefusal> {
        amounts::minor(self.text(column), terms.currency)
            .filter(|amount| *amount > 0)
            .ok_or_else(|| self.unreadable(column, AMOUNT.0, AMOUNT.1))
    }

    /// A plain decimal; empty is zero.
    pub fn decimal(&self, column: &str) -> Result<Decimal, ImportRefusal> {
        match self.text(column) {
            "" => Ok(Decimal::ZERO),
            text => amounts::decimal(text).ok_or_else(|| {
                self.unreadable(column, "is a decimal such as 0.22", "应为小数，例如 0.22")
            }),
        }
    }

    /// A fee in minor units.
    pub fn fee(&self, column: &str, terms: &Terms) -> Result<i64, ImportRefusal> {
        amounts::fee_minor(self.decimal(column)?, terms.currency).ok_or_else(|| {
            self.unreadable(column, "is a fee such as 0.22", "应为手续费，例如 0.22")
        })
    }

    /// An instant of the bill's day.
    pub fn instant(&self, column: &str, day: &BillDay) -> Result<DateTime<Utc>, ImportRefusal> {
        let at = amounts::instant(self.text(column)).ok_or_else(|| {
            self.unreadable(
                column,
                "is a time such as 2026-11-23 12:00:00",
                "应为时间，例如 2026-11-23 12:00:00",
            )
        })?;
        if day.contains(at) {
            return Ok(at);
        }
        Err(ImportRefusal::WrongDay {
            found: Some((self.place(column), self.text(column).to_owned())),
            day: day.day,
        })
    }

    /// A sum at the bill's end, compared with that of its rows.
    pub fn agrees(&self, column: &str, rows: Decimal) -> Result<(), ImportRefusal> {
        if self.decimal(column)? == rows {
            return Ok(());
        }
        Err(ImportRefusal::SumsDisagree {
            place: self.place(column),
            rows: rows.normalize().to_string(),
            found: self.text(column).to_owned(),
        })
    }
}

const NUMBER: (&str, &str) = (
    "is a number of letters and digits",
    "应为由字母和数字组成的编号",
);
const AMOUNT: (&str, &str) = (
    "is an amount above 0 such as 36.00",
    "应为大于 0 的金额，例如 36.00",
);
