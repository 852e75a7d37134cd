//! Lists of messages.

use async_graphql::{Context, InputObject};
use entity::MerchantId;

use super::object::{Message, MessageState};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::Lean;
use crate::messages::model::MessageFilter;
use crate::messages::service;
use crate::orders::schema::inputs::many;

connection! {
    /// A list of messages.
    MessageConnection { merchant_id: MerchantId, filter: MessageFilter }
    /// A message in a list.
    MessageEdge
    /// The message.
    node: Lean<Message>
    {
        /// How many messages the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many messages to count"))
        }
    }
}

/// Which messages are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MessageFilterInput {
    /// In any of these states.
    pub state: Option<Vec<MessageState>>,
}

impl MessageFilterInput {
    pub(super) fn read(&self) -> Result<MessageFilter, Error> {
        Ok(MessageFilter {
            states: many("filter", "state", self.state.as_deref())?,
        })
    }
}
