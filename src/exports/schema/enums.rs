//! The states and kinds of exports.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;

/// Which list is written into a file 导出内容.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::export::ExportKind")]
pub enum ExportKind {
    /// 订单: a row for each order.
    Orders,
    /// 退款: a row for each refund.
    Refunds,
    /// 资金流水: a row for each entry of the ledger.
    LedgerEntries,
    /// 手续费: a row for each fee.
    Fees,
    /// 提现: a row for each payout.
    Payouts,
    /// 会员: a row for each member.
    Members,
}

/// What a file is 文件格式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::export::ExportFormat")]
pub enum ExportFormat {
    /// Text with commas (RFC 4180, UTF-8). What a spreadsheet would run, or spoil, is marked as text.
    Csv,
    /// A workbook of Excel: texts, numbers and times are cells of their kinds.
    Xlsx,
    /// A JSON object a line, named and written as here.
    Jsonl,
}

/// The language of a file's headings and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::export::ExportLanguage")]
pub enum ExportLanguage {
    /// 简体中文.
    ZhCn,
    /// English.
    En,
}

/// Where an export stands 导出状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::export::ExportState")]
pub enum ExportState {
    /// 排队中: it waits for its turn; one of a merchant is written at a time.
    Queued,
    /// 导出中: it is being written.
    Running,
    /// 已完成: the file is there.
    Done,
    /// 失败: there is no file; `error` says why.
    Failed,
    /// 已取消: it was called off.
    Canceled,
    /// 已过期: the file was removed.
    Expired,
}

/// Why an export failed 失败原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::export::ExportFailure")]
pub enum ExportFailure {
    /// The file would have been larger than one may be.
    TooLarge,
    /// Who asked for it may not see the list any more.
    NotAllowed,
    /// It was begun several times and did not come to its end.
    GaveUp,
    /// The merchant's files would have taken more room than they may.
    NoSpace,
}

plain_scalars!(
    ExportKind,
    ExportFormat,
    ExportLanguage,
    ExportState,
    ExportFailure
);
