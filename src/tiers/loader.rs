//! Tiers, and what members have bought, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{MemberId, MerchantId, TierId, tier};

use super::model::{Moment, Sums};
use super::service::{self, Whose};
use crate::app::App;
use crate::error::Error;

/// Loads tiers of one merchant.
#[derive(Debug)]
pub struct TierLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// How many members have a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MembersOf(pub TierId);

/// What a member has bought over the windows of all tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SumsOf(pub MemberId);

impl Loader<TierId> for TierLoader {
    type Value = tier::Model;
    type Error = Error;

    async fn load(&self, keys: &[TierId]) -> Result<HashMap<TierId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

impl Loader<MembersOf> for TierLoader {
    type Value = i64;
    type Error = Error;

    async fn load(&self, keys: &[MembersOf]) -> Result<HashMap<MembersOf, i64>, Error> {
        let ids: Vec<TierId> = keys.iter().map(|key| key.0).collect();
        let counts = service::counts(&self.app, self.merchant_id, &ids).await?;
        let counts = counts.into_iter();
        Ok(counts.map(|(id, count)| (MembersOf(id), count)).collect())
    }
}

impl Loader<SumsOf> for TierLoader {
    type Value = Sums;
    type Error = Error;

    async fn load(&self, keys: &[SumsOf]) -> Result<HashMap<SumsOf, Sums>, Error> {
        let (app, merchant_id) = (&self.app, self.merchant_id);
        let ids: Vec<MemberId> = keys.iter().map(|key| key.0).collect();
        let windows = service::shown(app, merchant_id).await?.windows();
        let at = Moment {
            now: app.clock.instant(),
            zone: crate::merchant::find(app, merchant_id).await?.zone,
        };
        let whose = (merchant_id, Whose::These(&ids));
        let db = app.db.reads(merchant_id);
        let sums = service::sums(app, &db, whose, &windows, at.today()).await?;
        let sums = sums.into_iter();
        Ok(sums.map(|(id, sums)| (SumsOf(id), sums)).collect())
    }
}
