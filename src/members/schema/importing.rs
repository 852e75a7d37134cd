//! Imports of members, as clients see them.

use async_graphql::{Context, Enum, ID, InputObject, OneofObject};
use entity::member_import;

use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::members::model::{FileRefusal, MemberFile, Wrong, WrongRow, hidden};
use crate::members::service::Report;
use crate::paging::{Page, Paging, bad_cursor};

/// A file of members: a CSV whose first line names its columns. `member_no` (会员号) must be one of them; there are also
/// `name` (姓名), `phone` (手机), `email` (邮箱), `birthday` (生日: `1990-02-28`, or `02-28`), `tags` (标签, divided by `;`,
/// which replace those that are there), `consent` (同意营销: yes or no; it agrees for nobody who took it back), `locale`
/// (语言: `zh-CN` or `en`), `joined_on` (入会日期) and `remark` (备注). An empty cell sets nothing.
#[derive(Clone, OneofObject)]
pub enum MemberImportFileInput {
    /// The file's text.
    Text(String),
    /// The file, in UTF-8 or GBK, packed by gzip, in base64: at most 2 MiB, unpacked.
    GzipBase64(String),
}

hidden!(MemberImportFileInput);

impl From<MemberImportFileInput> for MemberFile {
    fn from(input: MemberImportFileInput) -> Self {
        match input {
            MemberImportFileInput::Text(text) => Self::Text(text),
            MemberImportFileInput::GzipBase64(text) => Self::GzipBase64(text),
        }
    }
}

/// A file of members to be imported 导入会员.
#[derive(Clone, Debug, InputObject)]
pub struct MemberImportInput {
    /// Names this request: sent again with the same file, it answers the same and does nothing.
    pub idempotency_key: String,
    /// The file, of at most 5,000 rows. It has to fit into a request: pack it, or divide it.
    pub file: MemberImportFileInput,
    /// Whether only to tell what would be done 试运行: nothing is changed, and the key is not used up.
    #[graphql(default)]
    pub dry_run: bool,
}

/// Why a row of a file was refused 行错误.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "WrongRow")]
pub enum MemberImportRowErrorCode {
    /// 列数不符: it has more or fewer cells than there are columns.
    CellCount,
    /// 缺少会员号: it names no member.
    NumberMissing,
    /// 会员重复: it names a member whom a row before it names.
    NumberTwice,
    /// 内容有误: a cell cannot be meant.
    Invalid,
    /// 个人信息已删除: what named the member was erased.
    Erased,
}

plain_scalars!(MemberImportRowErrorCode);

/// A row of a file that was refused.
#[derive(Debug)]
pub struct MemberImportRowError {
    wrong: Wrong,
    message: String,
}

plain_object! {
    /// A row of a file that was refused 错误行.
    MemberImportRowError(self) {
        /// The line of the file on which the row begins 行号, from 1; the columns' names stand on the first one.
        line / "line": i64 = self.wrong.line;
        /// The column 列; null where it is the row as a whole.
        column / "column": Option<&str> = self.wrong.column.as_deref();
        /// The reason, for programs.
        code / "code": MemberImportRowErrorCode = self.wrong.code.into();
        /// The reason, for people, in the language of `Accept-Language`.
        message / "message": &str = self.message.as_str();
    }
}

connection! {
    /// Rows of a file that were refused, in the order of their lines.
    MemberImportRowErrorConnection
    /// A row in the list.
    MemberImportRowErrorEdge
    /// The row.
    node: Lean<MemberImportRowError>
}

/// What a file did, or would do.
#[derive(Debug)]
pub struct MemberImportReport {
    report: Report,
}

impl From<Report> for MemberImportReport {
    fn from(report: Report) -> Self {
        Self { report }
    }
}

/// A page of the rows that were refused.
fn errors_of(
    ctx: &Context<'_>,
    report: &Report,
    paging: &Paging,
) -> Result<Lean<MemberImportRowErrorConnection>, Error> {
    let place = |text: &Option<String>, backward| -> Result<Option<usize>, Error> {
        let text = text.as_ref();
        let place = text.map(|text| text.parse().map_err(|_| bad_cursor(backward)));
        place.transpose()
    };
    let beyond = place(&paging.beyond, paging.backward)?;
    let until = place(&paging.until, !paging.backward)?;
    let (after, before) = if paging.backward {
        (until, beyond)
    } else {
        (beyond, until)
    };
    let within = |place: usize| {
        after.is_none_or(|after| place > after) && before.is_none_or(|before| place < before)
    };
    let rows = report.wrong.iter().enumerate();
    let mut rows: Vec<(usize, &Wrong)> = rows.filter(|(place, _)| within(*place)).collect();
    if paging.backward {
        rows.reverse();
    }
    rows.truncate(usize::try_from(paging.limit + 1).unwrap_or(usize::MAX));
    let locale = ctx.locale();
    Ok(Lean(MemberImportRowErrorConnection::page(
        Page::of(rows, paging),
        |(place, _)| place.to_string(),
        |(_, wrong)| {
            Lean(MemberImportRowError {
                message: match locale {
                    crate::locale::Locale::En => wrong.en.clone(),
                    crate::locale::Locale::ZhCn => wrong.zh.clone(),
                },
                wrong: wrong.clone(),
            })
        },
    )))
}

plain_object! {
    /// What a file of members did, or would do 导入报告.
    MemberImportReport(self) {
        /// How many rows there were 总行数.
        total / "total": i32 = self.report.total;
        /// How many members were made 新增.
        added / "added": i32 = self.report.added;
        /// How many were known: changed, or so already 更新.
        changed / "changed": i32 = self.report.changed;
        /// How many the file says agree to be written to, who had withdrawn 保留撤回: what they said holds, and
        /// `memberConsentSet` alone changes it. The rest of their rows is done.
        consent_kept / "consentKept": i32 = self.report.consent_kept;
        /// How many rows were refused 失败.
        failed / "failed": i32 = self.report.failed();
    }
    {
        /// The rows that were refused, in the order of their lines.
        async fn errors(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Result<Lean<MemberImportRowErrorConnection>, Error> {
            errors_of(ctx, &self.report, &Paging::read(first, after, last, before)?)
        }
    }
}

/// An import of members.
#[derive(Clone, Debug)]
pub struct MemberImport {
    row: member_import::Model,
}

impl From<member_import::Model> for MemberImport {
    fn from(row: member_import::Model) -> Self {
        Self { row }
    }
}

impl MemberImport {
    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

plain_object! {
    /// An import 会员导入: members that were made and changed by a file.
    MemberImport(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// Who made it: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
    }
    {
        /// What it did.
        async fn report(&self) -> Result<Lean<MemberImportReport>, Error> {
            Ok(Lean(Report::of(&self.row)?.into()))
        }
    }
}

connection! {
    /// A list of imports.
    MemberImportConnection
    /// An import in the list.
    MemberImportEdge
    /// The import.
    node: Lean<MemberImport>
}

payload! {
    /// What `memberImport` did.
    MemberImportPayload {
        /// The import; null where it was a dry run.
        member_import: Lean<MemberImport>,
        /// What it did, or would do.
        report: Lean<MemberImportReport>,
    }
    /// Why a file was not imported at all.
    MemberImportError / MemberImportErrorCode from FileRefusal {
        /// It is no text in UTF-8 or GBK, no CSV, or is not packed as it should be.
        Unreadable,
        /// It has too many rows, or is too large.
        TooLarge,
        /// It has a column that is not known; the message names it.
        UnknownColumn,
        /// It has a column twice; the message names it.
        ColumnTwice,
        /// It has no column `member_no`.
        NumberColumnMissing,
        /// It has no rows.
        Empty,
        /// Somebody else made one of the members at the same moment; nothing was imported: send the same again.
        Interrupted,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}
