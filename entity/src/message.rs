//! A message 群发消息 to a segment.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, MessageId, SegmentId};

/// Where a message stands 发送状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MessageState {
    /// 草稿: it is being written.
    Draft,
    /// 待发送: it is sent at its time.
    Scheduled,
    /// 发送中: some have it.
    Sending,
    /// 已发送: all have it.
    Sent,
    /// 已取消: it is not sent, or not to any more.
    Canceled,
}

/// A message 群发消息 to a segment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// What the merchant calls it.
    pub name: String,
    /// To whom.
    pub segment_id: SegmentId,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was changed.
    pub version: i32,
    /// Its title in Chinese, with placeholders.
    pub title: String,
    /// Its text in Chinese, with placeholders.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Its title in English.
    pub title_en: Option<String>,
    /// Its text in English.
    pub body_en: Option<String>,
    /// When it is to be sent.
    pub send_at: Option<Instant>,
    /// From which minute of the merchant's day on nobody is written to.
    pub quiet_from: Option<i32>,
    /// Until which minute.
    pub quiet_to: Option<i32>,
    /// Within how many days who comes back counts as having come for it.
    pub effect_days: i32,
    /// Who made it.
    pub created_by: String,
    /// When it was changed.
    pub updated_at: Instant,
    /// When the first was sent.
    pub started_at: Option<Instant>,
    /// When the last was sent.
    pub finished_at: Option<Instant>,
    /// When it is gone on with.
    pub next_at: Option<Instant>,
    /// The last member that was written to; 0 at the beginning.
    pub after_id: i64,
    /// To how many it was sent.
    pub sent: i64,
    /// How many were passed over, since they have not agreed.
    pub no_consent: i64,
    /// How many were passed over, since what named them is erased.
    pub erased: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Messages that are to be sent or gone on with, of all merchants: the worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAt.lte(now))
    }
}
