//! Messages in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{Instant, MerchantId, MessageId, MessageRecipientId, message, message_recipient};

use super::service;
use crate::app::App;
use crate::error::Error;

/// Loads messages of one merchant.
#[derive(Debug)]
pub struct MessageLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// When a recipient came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CameBack(pub MessageRecipientId);

impl Loader<MessageId> for MessageLoader {
    type Value = message::Model;
    type Error = Error;

    async fn load(&self, keys: &[MessageId]) -> Result<HashMap<MessageId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<MessageRecipientId> for MessageLoader {
    type Value = message_recipient::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[MessageRecipientId],
    ) -> Result<HashMap<MessageRecipientId, Self::Value>, Error> {
        service::find_recipients(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<CameBack> for MessageLoader {
    type Value = Instant;
    type Error = Error;

    async fn load(&self, keys: &[CameBack]) -> Result<HashMap<CameBack, Instant>, Error> {
        let ids: Vec<MessageRecipientId> = keys.iter().map(|key| key.0).collect();
        let came = service::came_back(&self.app, self.merchant_id, &ids).await?;
        Ok(came
            .into_iter()
            .map(|(id, at)| (CameBack(id), at))
            .collect())
    }
}
