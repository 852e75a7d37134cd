//! An audit entry 操作日志: who did what, or tried to. Never edited.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, Instant, MerchantId};

/// What kind of actor an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AuditActor {
    /// 员工: a member of staff.
    Staff,
    /// 接口密钥: a shop's server.
    ApiKey,
    /// 系统: Yigate itself, or the platform's staff at its console.
    System,
    /// 未登录: somebody who is not signed in.
    Nobody,
}

impl AuditActor {
    /// Its name, as tables keep it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staff => "STAFF",
            Self::ApiKey => "API_KEY",
            Self::System => "SYSTEM",
            Self::Nobody => "NOBODY",
        }
    }
}

/// Whether what an entry tells of was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AuditOutcome {
    /// 已执行: it was done.
    Done,
    /// 已拒绝: it was denied.
    Denied,
}

impl AuditOutcome {
    /// Its name, as tables keep it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Denied => "DENIED",
        }
    }
}

/// An audit entry 操作日志: who did what, or tried to. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id, time-ordered.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    /// What kind of actor.
    pub actor_kind: AuditActor,
    /// Who: the id of a member of staff or of an API key.
    pub actor: String,
    /// What: the root field, such as `payoutCreate`.
    pub action: String,
    /// Whether it was done.
    pub outcome: AuditOutcome,
    /// What it was done to: a global id.
    pub target: Option<String>,
    /// What changed, as it was before: JSON, without secrets.
    pub before: Option<String>,
    /// What changed, as it is now: JSON, without secrets.
    pub after: Option<String>,
    /// Why it was denied: a code.
    pub reason: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// With which program, as it calls itself.
    pub user_agent: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// When; the instant in its id.
    pub happened_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
