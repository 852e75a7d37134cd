//! What became of a message with one member 发送记录.

use sea_orm::entity::prelude::*;

use crate::{EventId, Instant, MemberId, MerchantId, MessageId, MessageRecipientId};

/// What became of a message with one member 发送结果.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MessageOutcome {
    /// 已发送: it was sent.
    Sent,
    /// 未同意营销: they do not want to be written to.
    NoConsent,
    /// 已删除: what named them was erased meanwhile.
    Erased,
}

/// What became of a message with one member 发送记录.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_recipients")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was looked at.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageRecipientId,
    /// The message.
    pub message_id: MessageId,
    /// The member.
    pub member_id: MemberId,
    /// What became of it.
    pub outcome: MessageOutcome,
    /// In which language.
    pub locale: String,
    /// Its title and text as they were sent, sealed.
    pub sealed: Option<Vec<u8>>,
    /// The event that told of it.
    pub event_id: Option<EventId>,
    /// When it was sent.
    pub sent_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

/// What a text is sealed for.
#[must_use]
pub fn bound_to(merchant_id: MerchantId, id: MessageRecipientId) -> String {
    format!("message {merchant_id} {id}")
}

impl Entity {
    /// Texts that were sent, of all merchants: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::Sealed.is_not_null())
    }
}
