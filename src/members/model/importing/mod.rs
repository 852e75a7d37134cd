//! Reads a file of members: which columns it has, and row by row what is set of whom, or why a row is refused.

mod cells;
mod unpack;

use std::collections::HashSet;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};
use serde::{Deserialize, Serialize};

use self::cells::{read_birthday, read_consent, read_day, read_locale, read_tags};
pub use self::unpack::{MemberFile, unpack};
use super::{MemberChange, check_new_member_no, hidden};
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::invalid::Invalid;

/// How many members a file names.
pub const MOST_ROWS: usize = 5_000;
/// How large a file is, unpacked.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Column {
    MemberNo,
    Name,
    Phone,
    Email,
    Birthday,
    Tags,
    Consent,
    Locale,
    JoinedOn,
    Remark,
}

impl Column {
    const ALL: [Self; 10] = [
        Self::MemberNo,
        Self::Name,
        Self::Phone,
        Self::Email,
        Self::Birthday,
        Self::Tags,
        Self::Consent,
        Self::Locale,
        Self::JoinedOn,
        Self::Remark,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::MemberNo => "member_no",
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Birthday => "birthday",
            Self::Tags => "tags",
            Self::Consent => "consent",
            Self::Locale => "locale",
            Self::JoinedOn => "joined_on",
            Self::Remark => "remark",
        }
    }

    const fn chinese(self) -> &'static str {
        match self {
            Self::MemberNo => "会员号",
            Self::Name => "姓名",
            Self::Phone => "手机",
            Self::Email => "邮箱",
            Self::Birthday => "生日",
            Self::Tags => "标签",
            Self::Consent => "同意营销",
            Self::Locale => "语言",
            Self::JoinedOn => "入会日期",
            Self::Remark => "备注",
        }
    }

    /// What else a till calls it.
    const fn also(self) -> &'static [&'static str] {
        match self {
            Self::MemberNo => &["会员编号", "会员卡号", "卡号"],
            Self::Phone => &["手机号", "手机号码", "电话", "mobile"],
            Self::Email => &["电子邮箱", "电子邮件", "邮件"],
            Self::Birthday => &["出生日期", "birth_date"],
            Self::JoinedOn => &["注册日期", "开卡日期", "joined_at"],
            _ => &[],
        }
    }

    /// The column of a heading, in either language, however it is written in English.
    fn of(heading: &str) -> Option<Self> {
        let plain = |text: &str| text.trim().replace(['_', '-', ' '], "").to_lowercase();
        let heading = plain(heading);
        let is = |column: &Self| {
            let mut names = [column.name(), column.chinese()]
                .into_iter()
                .chain(column.also().iter().copied());
            names.any(|name| plain(name) == heading)
        };
        Self::ALL.into_iter().find(is)
    }

    /// The column of a field that a check names.
    fn of_field(field: &str) -> Option<Self> {
        Self::of(field.split('.').next().unwrap_or_default())
    }
}

/// Why a row is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WrongRow {
    /// It has more or fewer cells than there are columns.
    CellCount,
    /// It names no member.
    NumberMissing,
    /// It names a member whom a row before it names.
    NumberTwice,
    /// A cell cannot be meant.
    Invalid,
    /// What named the member was erased.
    Erased,
}

/// A row that is refused. It tells nothing of what the row says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The line of the file on which it begins, from 1.
    pub line: i64,
    /// The column.
    pub column: Option<String>,
    /// The reason.
    pub code: WrongRow,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl Wrong {
    fn new(line: i64, column: Option<Column>, code: WrongRow, problem: Problem) -> Self {
        Self {
            line,
            column: column.map(|column| column.name().to_owned()),
            code,
            en: problem.en,
            zh: problem.zh,
        }
    }

    /// A row that names somebody whom a row before it names.
    #[must_use]
    pub fn twice(line: i64) -> Self {
        let problem = Problem::new(
            "names a member whom a row before it names.",
            "与前面的行指向同一会员。",
        );
        Self::new(line, Some(Column::MemberNo), WrongRow::NumberTwice, problem)
    }

    /// A row that names somebody whose personal data was erased.
    #[must_use]
    pub fn erased(line: i64) -> Self {
        let problem = Problem::new(
            "names a member whose personal data was erased.",
            "该会员的个人信息已删除。",
        );
        Self::new(line, Some(Column::MemberNo), WrongRow::Erased, problem)
    }
}

/// What a row says of a member; everything is checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: i64,
    /// The shop's own number.
    pub member_no: String,
    /// What is set; an empty cell sets nothing.
    pub change: MemberChange,
    /// Whether they agree to be written to.
    pub consent: Option<bool>,
}

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Rows that can be meant.
    pub rows: Vec<Row>,
    /// Rows that are refused.
    pub wrong: Vec<Wrong>,
}

/// Why a file is not imported at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRefusal {
    /// It is not what it should be.
    Unreadable(Problem),
    /// It is too large, or has too many rows.
    TooLarge,
    /// It has a column that is not known.
    UnknownColumn(String),
    /// It has a column twice.
    ColumnTwice(&'static str),
    /// It does not say of whom it tells.
    NumberColumnMissing,
    /// It has no rows.
    Empty,
    /// Somebody else made one of the members at the same moment.
    Interrupted,
    /// The idempotency key was used with another input.
    KeyReused,
    /// The first request with this idempotency key is still under way.
    InProgress,
}

impl FileRefusal {
    fn unreadable(en: &str, zh: &str) -> Self {
        Self::Unreadable(Problem::new(en, zh))
    }
}

impl Refusal for FileRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Unreadable(problem) => problem.clone(),
            Self::TooLarge => {
                let mib = MOST_BYTES / 1024 / 1024;
                Problem::new(
                    format!("A file has at most {MOST_ROWS} rows and {mib} MiB: divide it."),
                    format!("文件最多 {MOST_ROWS} 行、{mib} MiB，请拆分后导入。"),
                )
            }
            Self::UnknownColumn(name) => {
                let names = |name: fn(Column) -> &'static str| Column::ALL.map(name).join(", ");
                Problem::new(
                    format!(
                        "There is no column `{name}`; there are {}.",
                        names(Column::name)
                    ),
                    format!("无法识别列“{name}”；可用的列：{}。", names(Column::chinese)),
                )
            }
            Self::ColumnTwice(name) => Problem::new(
                format!("The column `{name}` is there twice."),
                format!("列“{name}”重复。"),
            ),
            Self::NumberColumnMissing => Problem::new(
                "The first line names the columns, and `member_no` is one of them.",
                "首行须为列名，且包含“会员号”。",
            ),
            Self::Empty => Problem::new("The file has no rows.", "文件中没有数据行。"),
            Self::Interrupted => Problem::new(
                "One of the members was made by somebody else meanwhile; nothing was imported. Send the same again.",
                "导入期间有会员被同时创建，未导入任何数据，请以相同内容重试。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            _ => "file",
        };
        Some(field.to_owned())
    }
}

/// Reads a file's text, in which the reader would count Windows' lines wrongly. A wrong row stops no other one.
pub fn read_rows(text: &str, today: NaiveDate) -> Result<Rows, FileRefusal> {
    let text = text.replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let headings = match records.next() {
        None => return Err(FileRefusal::Empty),
        Some(record) => read_headings(&record.map_err(|_| no_csv())?)?,
    };
    let (mut read, mut seen) = (Rows::default(), HashSet::new());
    for record in records {
        let record = record.map_err(|_| no_csv())?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if read.rows.len() + read.wrong.len() >= MOST_ROWS {
            return Err(FileRefusal::TooLarge);
        }
        match read_row(&record, &headings, today) {
            Ok(row) if !seen.insert(row.member_no.clone()) => {
                read.wrong.push(Wrong::twice(row.line));
            }
            Ok(row) => read.rows.push(row),
            Err(wrong) => read.wrong.push(wrong),
        }
    }
    if read.rows.is_empty() && read.wrong.is_empty() {
        return Err(FileRefusal::Empty);
    }
    Ok(read)
}

fn no_csv() -> FileRefusal {
    FileRefusal::unreadable(
        "The file is no CSV: cells divided by commas, in quotes where they hold one.",
        "文件不是有效的 CSV。",
    )
}

fn read_headings(record: &StringRecord) -> Result<Vec<Column>, FileRefusal> {
    let mut columns = Vec::with_capacity(record.len());
    for heading in record {
        let unknown = || FileRefusal::UnknownColumn(heading.trim().chars().take(40).collect());
        let column = Column::of(heading).ok_or_else(unknown)?;
        if columns.contains(&column) {
            return Err(FileRefusal::ColumnTwice(column.name()));
        }
        columns.push(column);
    }
    if !columns.contains(&Column::MemberNo) {
        return Err(FileRefusal::NumberColumnMissing);
    }
    Ok(columns)
}

/// What is wrong with a cell, beginning with its column.
fn named(column: Column, problem: &Problem) -> Problem {
    Invalid::because(column.name(), problem).problem
}

fn read_row(record: &StringRecord, columns: &[Column], today: NaiveDate) -> Result<Row, Wrong> {
    let line = record.position().map_or(0, csv::Position::line);
    let line = i64::try_from(line).unwrap_or(i64::MAX);
    let wrong = |column, code, problem| Wrong::new(line, column, code, problem);
    if record.len() != columns.len() {
        let (found, wanted) = (record.len(), columns.len());
        let problem = Problem::new(
            format!("has {found} cells where there are {wanted} columns."),
            format!("有 {found} 个单元格，应为 {wanted} 个。"),
        );
        return Err(wrong(None, WrongRow::CellCount, problem));
    }
    let mut row = Row {
        line,
        member_no: String::new(),
        change: MemberChange::default(),
        consent: None,
    };
    let cells = columns.iter().zip(record.iter().map(str::trim));
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
        row.read(*column, cell)
            .map_err(|problem| wrong(Some(*column), WrongRow::Invalid, named(*column, &problem)))?;
    }
    let number = Some(Column::MemberNo);
    if row.member_no.is_empty() {
        let problem = Problem::new("names no member.", "缺少会员号。");
        return Err(wrong(number, WrongRow::NumberMissing, problem));
    }
    check_new_member_no(&row.member_no)
        .map_err(|problem| wrong(number, WrongRow::Invalid, named(Column::MemberNo, &problem)))?;
    row.change = row.change.check(today).map_err(|invalid| {
        let column = Column::of_field(&invalid.field);
        wrong(column, WrongRow::Invalid, invalid.problem)
    })?;
    Ok(row)
}

hidden!(Row);

impl Row {
    fn read(&mut self, column: Column, cell: &str) -> Result<(), Problem> {
        let text = || Some(Some(cell.to_owned()));
        match column {
            Column::MemberNo => cell.clone_into(&mut self.member_no),
            Column::Name => self.change.name = text(),
            Column::Phone => self.change.phone = text(),
            Column::Email => self.change.email = text(),
            Column::Remark => self.change.remark = text(),
            Column::Birthday => self.change.birthday = Some(Some(read_birthday(cell)?)),
            Column::Tags => self.change.tags = Some(read_tags(cell)),
            Column::Consent => self.consent = Some(read_consent(cell)?),
            Column::Locale => self.change.locale = Some(Some(read_locale(cell)?)),
            Column::JoinedOn => self.change.joined_on = Some(read_day(cell)?),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
