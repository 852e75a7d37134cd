//! Why a bill is not imported.

use std::fmt;

use chrono::NaiveDate;

use crate::error::{Problem, Refusal};
use crate::money::Currency;

/// How much of a bill's own words is repeated.
const SHOWN_CHARS: usize = 40;

/// Where in a bill something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A column of a line, both as a person counts and reads them.
    Cell {
        /// The line, from 1.
        line: u64,
        /// The column, by its heading.
        column: String,
    },
    /// A field of an entry of a JSON list.
    Field {
        /// What the list is called.
        list: &'static str,
        /// The entry, from 1.
        entry: u64,
        /// The field.
        field: String,
    },
    /// A line as a whole.
    Line(u64),
}

impl Place {
    fn en(&self) -> String {
        match self {
            Self::Cell { line, column } => format!("line {line}, column `{column}`"),
            Self::Field { list, entry, field } => {
                format!("entry {entry} of `{list}`, field `{field}`")
            }
            Self::Line(line) => format!("line {line}"),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::Cell { line, column } => format!("第 {line} 行“{column}”列"),
            Self::Field { list, entry, field } => {
                format!("`{list}` 第 {entry} 条的 `{field}` 字段")
            }
            Self::Line(line) => format!("第 {line} 行"),
        }
    }
}

/// Why a bill is not imported. Nothing is written then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRefusal {
    /// The merchant has no such channel.
    ChannelNotFound,
    /// The bill's day is not over in Shanghai.
    DayNotOver {
        /// The day.
        day: NaiveDate,
    },
    /// It has more bytes or rows than are read.
    TooLarge(Problem),
    /// It is no bill of this format, or not all of it.
    NotABill(Problem),
    /// It lacks a column.
    ColumnMissing {
        /// The column's heading.
        column: String,
    },
    /// A row cannot be read.
    RowUnreadable {
        /// Where.
        place: Place,
        /// What would be right.
        problem: Problem,
    },
    /// It is of another day.
    WrongDay {
        /// Where that stands, and what; none where nothing in a list is of the day.
        found: Option<(Place, String)>,
        /// The day that was named.
        day: NaiveDate,
    },
    /// It is in another currency than the merchant's.
    WrongCurrency {
        /// Where that stands, and what; none where the format knows yuan alone.
        found: Option<(Place, String)>,
        /// The merchant's currency.
        wanted: Currency,
    },
    /// A sum at its end is not the sum of its rows.
    SumsDisagree {
        /// Where the sum stands.
        place: Place,
        /// The sum of the rows.
        rows: String,
        /// The sum that stands there.
        found: String,
    },
}

impl ImportRefusal {
    /// It is no bill of this format, or not all of it.
    pub(super) fn not_a_bill(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::NotABill(Problem::new(en, zh))
    }

    /// A row cannot be read.
    pub(super) fn unreadable(
        place: Place,
        found: &str,
        en: impl fmt::Display,
        zh: impl fmt::Display,
    ) -> Self {
        let found = shown(found);
        Self::RowUnreadable {
            place,
            problem: Problem::new(
                format!("{en}; it is `{found}`"),
                format!("{zh}，实际为“{found}”"),
            ),
        }
    }
}

/// The beginning of what a bill says, fit to be repeated: on one line, and short.
pub(super) fn shown(text: &str) -> String {
    let mut letters = text.chars().filter(|letter| !letter.is_control());
    let mut shown: String = letters.by_ref().take(SHOWN_CHARS).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    shown
}

impl Refusal for ImportRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::ChannelNotFound => Problem::new("There is no such channel.", "渠道不存在。"),
            Self::DayNotOver { day } => Problem::new(
                format!(
                    "{day} is not over in Shanghai (UTC+8); a day's bill is complete from the next \
                     morning on."
                ),
                format!("{day}（北京时间）尚未结束；账单在次日上午后才完整。"),
            ),
            Self::TooLarge(problem) | Self::NotABill(problem) => problem.clone(),
            Self::ColumnMissing { column } => Problem::new(
                format!("The bill has no column `{column}`; import the file as it was downloaded."),
                format!("账单缺少“{column}”列，请导入下载的原始文件。"),
            ),
            Self::RowUnreadable { place, problem } => Problem::new(
                format!("The bill's {} {}.", place.en(), problem.en),
                format!("账单{}{}。", place.zh(), problem.zh),
            ),
            Self::WrongDay { found, day } => {
                let none = (
                    "nothing in the list was made or paid on that day",
                    "列表中没有该日创建或支付的记录",
                );
                let (en, zh) = stands(found.as_ref(), none);
                Problem::new(
                    format!("The bill is not of {day}: {en}."),
                    format!("账单日期与 {day} 不符：{zh}。"),
                )
            }
            Self::WrongCurrency { found, wanted } => {
                let none = ("such bills are in CNY", "此类账单均为 CNY");
                let ((en, zh), wanted) = (stands(found.as_ref(), none), wanted.code());
                Problem::new(
                    format!("The bill is not in {wanted}: {en}."),
                    format!("账单币种应为 {wanted}：{zh}。"),
                )
            }
            Self::SumsDisagree { place, rows, found } => {
                let found = shown(found);
                Problem::new(
                    format!(
                        "The bill's {} says {found}, and its rows sum up to {rows}; import the whole \
                         file as it was downloaded.",
                        place.en()
                    ),
                    format!(
                        "账单{}为 {found}，而明细合计为 {rows}，请导入完整的原始文件。",
                        place.zh()
                    ),
                )
            }
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::ChannelNotFound => "channelId",
            Self::DayNotOver { .. } | Self::WrongDay { .. } => "day",
            _ => "bill",
        };
        Some(field.to_owned())
    }
}

/// What stands somewhere in a bill, or what is to be said where nothing does.
fn stands(found: Option<&(Place, String)>, none: (&str, &str)) -> (String, String) {
    match found {
        None => (none.0.to_owned(), none.1.to_owned()),
        Some((place, text)) => {
            let text = shown(text);
            (
                format!("{} says {text}", place.en()),
                format!("{}为 {text}", place.zh()),
            )
        }
    }
}
