//! What became of a message with one member, as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::types::OperationType;
use async_graphql::{Context, Enum, ID};
use entity::{message, message_recipient};

use super::effect::may_see_orders;
use super::object::Message;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::locale::Locale;
use crate::members::loader::MemberLoader;
use crate::members::schema::Member;
use crate::members::schema::inputs::MemberLocale;
use crate::members::service::locale_of;
use crate::messages::loader::{CameBack, MessageLoader};
use crate::messages::model::{Rendered, may_be_written_to, reached};
use crate::messages::service;
use crate::orders::schema::inputs::many;
use crate::paging::Paging;
use crate::webhooks::loader::{DeliveriesOf, WebhookLoader};
use crate::webhooks::schema::WebhookDelivery;

/// What became of a message with one member 发送结果.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "message_recipient::MessageOutcome")]
pub enum MessageOutcome {
    /// 已发送: it was sent.
    Sent,
    /// 未同意营销: they do not want to be written to.
    NoConsent,
    /// 已删除: what named them was erased meanwhile.
    Erased,
}

plain_scalars!(MessageOutcome);

/// A recipient.
#[derive(Clone, Debug)]
pub struct MessageRecipient {
    row: Arc<message_recipient::Model>,
}

impl From<message_recipient::Model> for MessageRecipient {
    fn from(row: message_recipient::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl MessageRecipient {
    /// The row.
    #[must_use]
    pub fn row(&self) -> &message_recipient::Model {
        &self.row
    }
}

async fn member(ctx: &Context<'_>, row: &message_recipient::Model) -> Result<Lean<Member>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
    let row = loader.load_one(row.member_id).await?;
    row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}

async fn message_of(
    ctx: &Context<'_>,
    row: &message_recipient::Model,
) -> Result<Lean<Message>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<MessageLoader>>();
    let row = loader.load_one(row.message_id).await?;
    row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}

async fn came_back(
    ctx: &Context<'_>,
    row: &message_recipient::Model,
) -> Result<Option<Timestamp>, Error> {
    may_see_orders(ctx)?;
    let loader = ctx.data_unchecked::<DataLoader<MessageLoader>>();
    let at = loader.load_one(CameBack(row.id)).await?;
    Ok(at.map(Timestamp::from))
}

async fn deliveries(
    ctx: &Context<'_>,
    row: &message_recipient::Model,
) -> Result<Vec<Lean<WebhookDelivery>>, Error> {
    let scope = Scope::WebhooksRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    let Some(event_id) = row.event_id else {
        return Ok(Vec::new());
    };
    let loader = ctx.data_unchecked::<DataLoader<WebhookLoader>>();
    let rows = loader.load_one(DeliveriesOf(event_id)).await?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows.map(|row| Lean(row.into())).collect())
}

/// What was sent, for whoever may see personal data. What a subscription tells is handed on, maybe late: then it is
/// there only where the member may still be written to.
async fn rendered(
    ctx: &Context<'_>,
    row: &message_recipient::Model,
) -> Result<Option<Rendered>, Error> {
    if !ctx.actor()?.may(Scope::PersonalRead) {
        return Ok(None);
    }
    if ctx.query_env.operation.node.ty == OperationType::Subscription {
        let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
        let member = loader.load_one(row.member_id).await?;
        if !member.as_ref().is_some_and(may_be_written_to) {
            return Ok(None);
        }
    }
    service::open(&ctx.app().key, row)
}

plain_object! {
    /// What became of a message with one member 发送记录.
    MessageRecipient(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What became of it 发送结果.
        outcome / "outcome": MessageOutcome = self.row.outcome.into();
        /// In which language.
        locale / "locale": MemberLocale = locale_of(&self.row.locale).unwrap_or(Locale::ZhCn).into();
        /// When it was sent 发送时间; null where it was not.
        sent_at / "sentAt": Option<Timestamp> = self.row.sent_at.map(Timestamp::from);
    }
    {
        /// The member.
        async fn member(&self, ctx: &Context<'_>) -> Result<Lean<Member>, Error> {
            member(ctx, &self.row).await
        }

        /// The message.
        async fn message(&self, ctx: &Context<'_>) -> Result<Lean<Message>, Error> {
            message_of(ctx, &self.row).await
        }

        /// The title as it was sent: it may hold a name. Null where nothing was sent, or it was erased since, and for who
        /// lacks `personal:read`.
        async fn title(&self, ctx: &Context<'_>) -> Nullable<String> {
            let rendered = rendered(ctx, &self.row).await.transpose()?;
            Some(rendered.map(|rendered| rendered.title))
        }

        /// The text as it was sent: it may hold a name. Null where nothing was sent, or it was erased since, and for who
        /// lacks `personal:read`.
        async fn body(&self, ctx: &Context<'_>) -> Nullable<String> {
            let rendered = rendered(ctx, &self.row).await.transpose()?;
            Some(rendered.map(|rendered| rendered.body))
        }

        /// When they first paid for an order within the days in which the message is looked at 回访时间; null where they
        /// have not, or not yet. Needs `orders:read`.
        async fn came_back_at(&self, ctx: &Context<'_>) -> Nullable<Timestamp> {
            came_back(ctx, &self.row).await.transpose()
        }

        /// Its ways to the merchant's own servers 推送记录; kept for 30 days. Needs `webhooks:read`.
        async fn webhook_deliveries(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<WebhookDelivery>>> {
            Some(deliveries(ctx, &self.row).await)
        }
    }
}

connection! {
    /// Recipients of a message.
    MessageRecipientConnection {
        total: i64,
    }
    /// A recipient in a list.
    MessageRecipientEdge
    /// The recipient.
    node: Lean<MessageRecipient>
    {
        /// How many there are with these outcomes, on all pages.
        async fn total_count(&self) -> Result<i32, Error> {
            i32::try_from(self.total).map_err(|_| Error::internal("too many recipients to count"))
        }
    }
}

/// A page of a message's recipients.
pub(super) async fn list_recipients(
    ctx: &Context<'_>,
    row: &message::Model,
    outcome: Option<Vec<MessageOutcome>>,
    paging: &Paging,
) -> Result<Lean<MessageRecipientConnection>, Error> {
    let outcomes = many("recipients", "outcome", outcome.as_deref())?;
    let (merchant_id, id) = (row.merchant_id, row.id);
    let page =
        service::list_recipients(ctx.app(), merchant_id, id, outcomes.as_ref(), paging).await?;
    Ok(Lean(MessageRecipientConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(row.into()),
        reached(row, outcomes.as_deref()),
    )))
}
