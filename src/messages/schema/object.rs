//! A message as clients see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID};
use entity::message::{self, MessageState as State};

use super::effect::{MessageEffect, effect_of};
use super::recipient::{MessageOutcome, MessageRecipientConnection, list_recipients};
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::messages::model::Quiet;
use crate::messages::service;
use crate::paging::Paging;
use crate::routing::schema::enums::LocalTime;
use crate::segments::schema::Segment;

/// Where a message stands 发送状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "message::MessageState")]
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

plain_scalars!(MessageState);

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    row: Arc<message::Model>,
}

impl From<message::Model> for Message {
    fn from(row: message::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Message {
    /// The row.
    #[must_use]
    pub fn row(&self) -> &message::Model {
        &self.row
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

plain_object! {
    /// A message 群发消息: what is written to a segment, to those who agreed to it, once to each.
    Message(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What the merchant calls it; no member reads it 消息名称.
        name / "name": &str = self.row.name.as_str();
        /// Where it stands 发送状态.
        state / "state": MessageState = self.row.state.into();
        /// Its title in Chinese, with placeholders 标题.
        title / "title": &str = self.row.title.as_str();
        /// Its text in Chinese, with placeholders 正文.
        body / "body": &str = self.row.body.as_str();
        /// Its title in English; null where there is no English.
        title_en / "titleEn": Option<&str> = self.row.title_en.as_deref();
        /// Its text in English; null where there is no English.
        body_en / "bodyEn": Option<&str> = self.row.body_en.as_deref();
        /// When it is to be sent 定时发送; null while it is a draft.
        send_at / "sendAt": Option<Timestamp> = self.row.send_at.map(Timestamp::from);
        /// When nobody is written to 免打扰时段; null where it has no quiet hours.
        quiet_hours / "quietHours": Option<MessageQuietHours> = Quiet::of(&self.row).map(MessageQuietHours);
        /// Within how many days after they were written to who comes back counts 回访天数.
        effect_days / "effectDays": i32 = self.row.effect_days;
        /// How often it was changed, from 1; name it as `expectedVersion`.
        version / "version": i32 = self.row.version;
        /// Who made it: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When somebody last changed it.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// When it began to be sent 开始发送时间; null where it has not.
        started_at / "startedAt": Option<Timestamp> = self.row.started_at.map(Timestamp::from);
        /// When the last was written to, or it was called off while it was being sent 结束发送时间; null before that.
        finished_at / "finishedAt": Option<Timestamp> = self.row.finished_at.map(Timestamp::from);
        /// When it is sent, or gone on with: behind quiet hours, where it is in these 下次发送时间; null where it is not
        /// waiting.
        next_at / "nextAt": Option<Timestamp> = self.row.next_at.map(Timestamp::from);
        /// How many members it was sent to, and how many not 发送统计.
        counts / "counts": Lean<MessageCounts> = Lean(MessageCounts {
            row: Arc::clone(&self.row),
        });
    }
    {
        /// The segment that it goes to 目标分群; null where that was taken away since.
        async fn segment(&self, ctx: &Context<'_>) -> Nullable<Lean<Segment>> {
            let segment = Segment::load(ctx, self.row.segment_id).await.transpose()?;
            Some(segment.map(Lean))
        }

        /// Those of the segment who were reached, and what became of it with each 发送记录, the last first.
        async fn recipients(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "With any of these outcomes; all where it is missing.")] outcome: Option<
                Vec<MessageOutcome>,
            >,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Result<Lean<MessageRecipientConnection>, Error> {
            let paging = Paging::read(first, after, last, before)?;
            list_recipients(ctx, &self.row, outcome, &paging).await
        }

        /// Whether members came back for it 回访效果; null where it has not begun. Needs `orders:read` besides.
        async fn effect(&self, ctx: &Context<'_>) -> Nullable<Lean<MessageEffect>> {
            effect_of(ctx, &self.row).await
        }
    }
}

/// When nobody is written to.
#[derive(Clone, Copy, Debug)]
pub struct MessageQuietHours(Quiet);

fn time(minute: i32) -> LocalTime {
    LocalTime(i16::try_from(minute).unwrap_or(0))
}

plain_object! {
    /// When nobody is written to 免打扰时段, in the merchant's time zone.
    MessageQuietHours(self) {
        /// From this time of the day on.
        from / "from": LocalTime = time(self.0.from);
        /// Until before this time; before `from` it is on the next day.
        until / "until": LocalTime = time(self.0.until);
    }
}

/// What became of a message.
#[derive(Clone, Debug)]
pub struct MessageCounts {
    row: Arc<message::Model>,
}

plain_object! {
    /// To how many members a message was sent, and to how many not 发送统计.
    MessageCounts(self) {
        /// Written to 已发送.
        sent / "sent": i64 = self.row.sent;
        /// Not written to: they have not agreed to it 未同意营销.
        no_consent / "noConsent": i64 = self.row.no_consent;
        /// Not written to: what names them was erased while it was being sent 已删除.
        erased / "erased": i64 = self.row.erased;
    }
    {
        /// How many of the segment, as it is now, were not reached yet 待发送; 0 where it is over, null where the segment was
        /// taken away. Counted only when it is selected.
        async fn pending(&self, ctx: &Context<'_>) -> Nullable<i64> {
            match pending(ctx, &self.row).await {
                Err(Error::NotFound) => None,
                counted => Some(counted),
            }
        }
    }
}

async fn pending(ctx: &Context<'_>, row: &message::Model) -> Result<i64, Error> {
    if matches!(row.state, State::Sent | State::Canceled) {
        return Ok(0);
    }
    let left = service::left(ctx.app(), row).await?;
    i64::try_from(left).map_err(|_| Error::internal("too many members to count"))
}
