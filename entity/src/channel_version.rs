//! A version of a channel's configuration 渠道配置版本: who changed what, and what it was then.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// What was done to a channel's configuration 变更类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChannelChange {
    /// 新建: it was made.
    Created,
    /// 修改: its name, limits or abilities were changed.
    Updated,
    /// 启用: it was opened to new orders.
    Enabled,
    /// 停用: it was closed to new orders.
    Disabled,
    /// 排序: it got another place on the payment page.
    Reordered,
    /// 条款: its terms were set.
    TermsSet,
    /// 更换凭据: it got other credentials.
    CredentialsSet,
    /// 恢复: an earlier version holds again.
    Reverted,
}

/// A version of a channel's configuration 渠道配置版本; never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_versions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// The version that the change made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// What was done.
    pub change: ChannelChange,
    /// Who did it: an id of staff or of an API key, `system`.
    pub changed_by: String,
    /// When.
    pub changed_at: Instant,
    /// The whole configuration since then, in JSON; no credentials.
    #[sea_orm(column_type = "Text")]
    pub configuration: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
