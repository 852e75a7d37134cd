//! What clients send about messages.

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::SegmentId;

use crate::graphql::scalars::{Timestamp, read_id};
use crate::invalid::Invalid;
use crate::messages::model::{MessageChange, MessageDraft, Quiet, Texts};
use crate::routing::schema::enums::LocalTime;

/// When nobody is to be written to 免打扰时段, in the merchant's time zone.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MessageQuietHoursInput {
    /// From this time of the day on.
    pub from: LocalTime,
    /// Until before this time; before `from` it means the next day.
    pub until: LocalTime,
}

impl MessageQuietHoursInput {
    fn read(self) -> Result<Quiet, Invalid> {
        Quiet::read(self.from.0.into(), self.until.0.into())
    }
}

/// A message to be made 新建消息.
#[derive(Clone, Debug, InputObject)]
pub struct MessageCreateInput {
    /// What you call it, at most 60 characters; no member reads it.
    pub name: String,
    /// The segment that it goes to.
    pub segment_id: ID,
    /// The title in Chinese, at most 100 characters. `{name}`, `{tier}`, `{points}` and `{memberNo}` stand for what
    /// differs from one member to the next, `{{` for a brace.
    pub title: String,
    /// The text in Chinese, at most 2,000 characters, with the same placeholders.
    pub body: String,
    /// The title in English, for members who read that; with `bodyEn` or not at all.
    pub title_en: Option<String>,
    /// The text in English.
    pub body_en: Option<String>,
    /// When nobody is written to; it goes on behind that. None where it is missing.
    pub quiet_hours: Option<MessageQuietHoursInput>,
    /// Within how many days after they were written to who comes back counts: 1 to 90.
    #[graphql(default = 7)]
    pub effect_days: i32,
}

/// A segment by the id that a client sends; what is none is no segment.
pub(super) enum Named<T> {
    /// It is understood.
    Read(T),
    /// It names no segment.
    NoSegment,
}

impl MessageCreateInput {
    pub(super) fn read(self) -> Result<Named<MessageDraft>, Invalid> {
        let quiet = self.quiet_hours.map(MessageQuietHoursInput::read);
        let quiet = quiet.transpose()?;
        let Ok(segment_id) = read_id("segmentId", &self.segment_id) else {
            return Ok(Named::NoSegment);
        };
        Ok(Named::Read(MessageDraft {
            name: self.name,
            segment_id,
            texts: Texts {
                title: self.title,
                body: self.body,
                title_en: self.title_en,
                body_en: self.body_en,
            },
            quiet,
            effect_days: self.effect_days,
        }))
    }
}

/// What is to be changed of a message 修改消息; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct MessageUpdateInput {
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it, so that nobody's change is lost.
    pub expected_version: i32,
    /// What you call it.
    pub name: Option<String>,
    /// The segment that it goes to.
    pub segment_id: Option<ID>,
    /// The title in Chinese.
    pub title: Option<String>,
    /// The text in Chinese.
    pub body: Option<String>,
    /// The title in English; null for no English.
    pub title_en: MaybeUndefined<String>,
    /// The text in English; null for no English.
    pub body_en: MaybeUndefined<String>,
    /// When nobody is written to; null for no quiet hours.
    pub quiet_hours: MaybeUndefined<MessageQuietHoursInput>,
    /// Within how many days who comes back counts: 1 to 90.
    pub effect_days: Option<i32>,
}

fn given<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

impl MessageUpdateInput {
    pub(super) fn read(self) -> Result<Named<MessageChange>, Invalid> {
        let segment_id: Option<SegmentId> = match self.segment_id {
            None => None,
            Some(id) => match read_id("segmentId", &id) {
                Ok(id) => Some(id),
                Err(_) => return Ok(Named::NoSegment),
            },
        };
        let quiet = match given(self.quiet_hours) {
            Some(Some(quiet)) => Some(Some(quiet.read()?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(Named::Read(MessageChange {
            name: self.name,
            segment_id,
            title: self.title,
            body: self.body,
            title_en: given(self.title_en),
            body_en: given(self.body_en),
            quiet,
            effect_days: self.effect_days,
        }))
    }
}

/// A message to be sent 发送消息.
#[derive(Clone, Debug, InputObject)]
pub struct MessageSendInput {
    /// Any text of yours, 8 to 128 characters, new for each sending: sent again, the same request sends nothing more.
    pub idempotency_key: String,
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it, so that you send what you have seen; not looked at where it is missing.
    pub expected_version: Option<i32>,
    /// When it is to be sent, at most 366 days ahead; at once where it is missing.
    pub send_at: Option<Timestamp>,
}

/// A message to be called off 取消发送.
#[derive(Clone, Debug, InputObject)]
pub struct MessageCancelInput {
    /// Which.
    pub id: ID,
}

/// A message to be looked at before it is made 消息预览.
#[derive(Clone, Debug, InputObject)]
pub struct MessagePreviewInput {
    /// The segment that it would go to.
    pub segment_id: ID,
    /// The title in Chinese, with placeholders.
    pub title: String,
    /// The text in Chinese, with placeholders.
    pub body: String,
    /// The title in English; with `bodyEn` or not at all.
    pub title_en: Option<String>,
    /// The text in English.
    pub body_en: Option<String>,
}

impl MessagePreviewInput {
    pub(super) fn texts(self) -> Texts {
        Texts {
            title: self.title,
            body: self.body,
            title_en: self.title_en,
            body_en: self.body_en,
        }
    }
}
