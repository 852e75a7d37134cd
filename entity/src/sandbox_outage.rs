//! An outage of the sandbox 沙箱故障: what somebody asked it to do wrong, and for how long.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// What goes wrong 故障类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum OutageKind {
    /// 无响应: no answer comes.
    Unavailable,
    /// 乱码: answers cannot be read.
    Unreadable,
    /// 回调丢失: payments are made, but not reported.
    LostCallbacks,
    /// 无人支付: payers cannot pay.
    Unpayable,
}

/// An outage of the sandbox 沙箱故障: what somebody asked it to do wrong, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sandbox_outages")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// What goes wrong.
    pub kind: OutageKind,
    /// How often, in millionths.
    pub share_ppm: i32,
    /// Until when.
    pub until: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
