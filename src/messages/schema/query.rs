//! The queries of messages.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, Object};
use entity::MessageId;

use super::inputs::MessagePreviewInput;
use super::list::{MessageConnection, MessageFilterInput};
use super::object::Message;
use super::preview::{MessagePreview, previewed};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::messages::loader::MessageLoader;
use crate::messages::service;
use crate::paging::Paging;

/// The queries of messages.
#[derive(Debug, Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// One message 群发消息. What does not exist, or is another merchant's, is NOT_FOUND. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Nullable<Lean<Message>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's messages, newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which messages; all where it is missing.")] filter: Option<
            MessageFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MessageConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(MessageConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            filter,
        )))
    }

    /// What a message would be, before it is made 消息预览: how many it would go to, and what some of them would read.
    /// Names are masked for who lacks `personal:read`. Another merchant's segment is NOT_FOUND. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn message_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be sent, and to whom.")] input: MessagePreviewInput,
    ) -> Result<Lean<MessagePreview>, Error> {
        previewed(ctx, input).await.map(Lean)
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Message>, Error> {
    let id: MessageId = read_id("id", id)?;
    let loader = ctx.data_unchecked::<DataLoader<MessageLoader>>();
    let found = loader.load_one(id).await?;
    found.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}
