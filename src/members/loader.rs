//! Members in batches.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use entity::{Day, MemberId, MerchantId, member};

use super::model::Profile;
use super::service::{self, Bought};
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

/// What names a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProfileOf(pub MemberId);

/// A member's tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagsOf(pub MemberId);

/// What a member bought since a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoughtSince(pub MemberId, pub Day);

impl Loader<MemberId> for MemberLoader {
    type Value = member::Model;
    type Error = Error;

    async fn load(&self, keys: &[MemberId]) -> Result<HashMap<MemberId, Self::Value>, Error> {
        service::find_many(&self.app, self.merchant_id, keys).await
    }
}

/// One that cannot be opened is no fault of the others.
impl Loader<ProfileOf> for MemberLoader {
    type Value = Result<Arc<Profile>, Error>;
    type Error = Error;

    async fn load(&self, keys: &[ProfileOf]) -> Result<HashMap<ProfileOf, Self::Value>, Error> {
        let ids: Vec<MemberId> = keys.iter().map(|key| key.0).collect();
        let opened = service::open_profiles(&self.app, self.merchant_id, &ids).await?;
        let opened = opened.into_iter();
        let opened = opened.map(|(id, profile)| (ProfileOf(id), profile.map(Arc::new)));
        Ok(opened.collect())
    }
}

impl Loader<TagsOf> for MemberLoader {
    type Value = Vec<String>;
    type Error = Error;

    async fn load(&self, keys: &[TagsOf]) -> Result<HashMap<TagsOf, Self::Value>, Error> {
        let ids: Vec<MemberId> = keys.iter().map(|key| key.0).collect();
        let reads = self.app.db.reads(self.merchant_id);
        let tags = service::read_tags(&self.app, &reads, self.merchant_id, &ids).await?;
        let tags = tags.into_iter();
        Ok(tags.map(|(id, tags)| (TagsOf(id), tags)).collect())
    }
}

impl Loader<BoughtSince> for MemberLoader {
    type Value = Bought;
    type Error = Error;

    async fn load(&self, keys: &[BoughtSince]) -> Result<HashMap<BoughtSince, Self::Value>, Error> {
        let mut by_day: HashMap<Day, Vec<MemberId>> = HashMap::new();
        for BoughtSince(id, day) in keys {
            by_day.entry(*day).or_default().push(*id);
        }
        let mut all = HashMap::with_capacity(keys.len());
        for (day, ids) in by_day {
            let bought = service::bought_since(&self.app, self.merchant_id, &ids, day).await?;
            let bought = bought.into_iter();
            all.extend(bought.map(|(id, bought)| (BoughtSince(id, day), bought)));
        }
        Ok(all)
    }
}
