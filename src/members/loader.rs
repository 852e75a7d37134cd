//! Members in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MemberId, MerchantId, member};

use super::service::{self, Totals};
use crate::app::App;
use crate::error::Error;

/// Loads members of one merchant.
#[derive(Debug)]
pub struct MemberLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// What a member's orders come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TotalsOf(pub MemberId);

impl Loader<MemberId> for MemberLoader {
    type Value = member::Model;
    type Error = Error;

    async fn load(&self, keys: &[MemberId]) -> Result<HashMap<MemberId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<TotalsOf> for MemberLoader {
    type Value = Totals;
    type Error = Error;

    async fn load(&self, keys: &[TotalsOf]) -> Result<HashMap<TotalsOf, Self::Value>, Error> {
        let ids: Vec<MemberId> = keys.iter().map(|key| key.0).collect();
        let totals = service::totals(&self.app, self.merchant_id, &ids).await?;
        let totals = totals.into_iter();
        Ok(totals.map(|(id, totals)| (TotalsOf(id), totals)).collect())
    }
}
