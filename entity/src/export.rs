//! An export 导出: a list that is written into a file.

use sea_orm::entity::prelude::*;

use crate::{ExportId, Instant, MerchantId};

/// Which list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
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

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ExportFormat {
    /// Text with commas, RFC 4180.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// A JSON object a line.
    Jsonl,
}

/// The language of a file's headings and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ExportLanguage {
    /// 简体中文.
    ZhCn,
    /// English.
    En,
}

/// Where an export stands 导出状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ExportState {
    /// 排队中: it waits for its turn.
    Queued,
    /// 导出中: an instance writes it.
    Running,
    /// 已完成: the file is there.
    Done,
    /// 失败: there is no file.
    Failed,
    /// 已取消: it was called off.
    Canceled,
    /// 已过期: the file was removed.
    Expired,
}

/// Why an export failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ExportFailure {
    /// The file would have been larger than it may be.
    TooLarge,
    /// Who asked for it may not see the list any more.
    NotAllowed,
    /// It was begun again and again, and never came to its end.
    GaveUp,
    /// The merchant's files would take more room than they may.
    NoSpace,
}

/// An export 导出: a list that is written into a file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exports")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id, time-ordered.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ExportId,
    /// Which list.
    pub kind: ExportKind,
    /// What the file is.
    pub format: ExportFormat,
    /// The language of its headings and words.
    pub language: ExportLanguage,
    /// Which rows, in which order, and which columns: JSON, with absolute times.
    pub wanted: String,
    /// Where it stands.
    pub state: ExportState,
    /// Who asked for it: an id of staff or of an API key, `system`.
    pub requested_by: String,
    /// Whether they could see personal data then.
    pub requested_personal: bool,
    /// Whether personal data is masked in the file; none until it is begun.
    pub masked: Option<bool>,
    /// How many rows there are to write, where that was counted.
    pub rows_total: Option<i64>,
    /// How many rows are written.
    pub rows_done: i64,
    /// How long the file is.
    pub bytes: i64,
    /// How much of the database it takes.
    pub stored_bytes: i64,
    /// In how many pieces it is kept.
    pub pieces: i32,
    /// How often it was begun.
    pub attempts: i32,
    /// Counts the claims: a piece counts only from the claim that is the last.
    pub lease: i32,
    /// When an instance may take it up; none when it is over.
    pub next_at: Option<Instant>,
    /// Why it failed.
    pub failure: Option<ExportFailure>,
    /// When it was last begun.
    pub started_at: Option<Instant>,
    /// When it was over, whatever became of it.
    pub finished_at: Option<Instant>,
    /// When the file is removed.
    pub expires_at: Option<Instant>,
    /// When anything last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Exports that an instance may take up, of all merchants, the longest due first: those whose instance is
    /// gone, and those that wait while none of their merchant is under way.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
        use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
        let running = Alias::new("running");
        let of_merchant = Query::select()
            .expr(Expr::value(1))
            .from_as(Self, running.clone())
            .and_where(
                Expr::col((running.clone(), Column::MerchantId)).equals((Self, Column::MerchantId)),
            )
            .and_where(Expr::col((running, Column::State)).eq(ExportState::Running))
            .to_owned();
        let free = Condition::any()
            .add(Column::State.eq(ExportState::Running))
            .add(Expr::exists(of_merchant).not());
        Self::find()
            .filter(Column::NextAt.lte(now))
            .filter(free)
            .order_by_asc(Column::NextAt)
            .order_by_asc(Column::Id)
    }

    /// Exports whose files are to be removed, of all merchants.
    #[must_use]
    pub fn expiring(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
        Self::find()
            .filter(Column::State.eq(ExportState::Done))
            .filter(Column::ExpiresAt.lte(now))
            .order_by_asc(Column::ExpiresAt)
    }
}
