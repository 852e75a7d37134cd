//! Whoever works for a merchant, its API keys, and the names of both, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{ApiKeyId, MerchantId, StaffId, api_key, staff};
use sea_orm::{ColumnTrait, QueryFilter};

use super::api_key::ApiKeyRow;
use super::members::{Colleague, colleagues};
use crate::app::App;
use crate::error::Error;

/// Loads people and API keys of one merchant.
#[derive(Debug)]
pub struct PeopleLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// Whoever acted in a merchant, by the id that entries and timelines have of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acted(pub String);

impl Loader<StaffId> for PeopleLoader {
    type Value = Colleague;
    type Error = Error;

    async fn load(&self, keys: &[StaffId]) -> Result<HashMap<StaffId, Self::Value>, Error> {
        let rows = colleagues(
            &self.app.db.reads(self.merchant_id),
            self.merchant_id,
            Some(keys.to_vec()),
        )
        .await?;
        Ok(rows.into_iter().map(|row| (row.staff.id, row)).collect())
    }
}

impl Loader<ApiKeyId> for PeopleLoader {
    type Value = ApiKeyRow;
    type Error = Error;

    async fn load(&self, keys: &[ApiKeyId]) -> Result<HashMap<ApiKeyId, Self::Value>, Error> {
        let rows = self.api_keys(keys.to_vec()).await?;
        let rows = with_creators(&self.app, self.merchant_id, rows).await?;
        Ok(rows.into_iter().map(|row| (row.key.id, row)).collect())
    }
}

impl Loader<Acted> for PeopleLoader {
    /// The name: a person's, also where they work there no longer, or an API key's.
    type Value = String;
    type Error = Error;

    async fn load(&self, keys: &[Acted]) -> Result<HashMap<Acted, Self::Value>, Error> {
        let people: Vec<StaffId> = keys.iter().filter_map(|key| key.0.parse().ok()).collect();
        let programs: Vec<ApiKeyId> = keys.iter().filter_map(|key| key.0.parse().ok()).collect();
        let mut names = HashMap::with_capacity(keys.len());
        if !people.is_empty() {
            let rows = staff::Entity::of_ids(people).all(self.app.db.reads_across());
            let named = rows.await?.into_iter();
            names.extend(named.map(|row| (Acted(row.id.to_string()), row.name)));
        }
        if !programs.is_empty() {
            let named = self.api_keys(programs).await?.into_iter();
            names.extend(named.map(|row| (Acted(row.id.to_string()), row.name)));
        }
        Ok(names)
    }
}

impl PeopleLoader {
    async fn api_keys(&self, ids: Vec<ApiKeyId>) -> Result<Vec<api_key::Model>, Error> {
        Ok(api_key::Entity::of(self.merchant_id)
            .filter(api_key::Column::Id.is_in(ids))
            .all(&self.app.db.reads(self.merchant_id))
            .await?)
    }
}

/// API keys, each with who made it, where they work there still.
pub(super) async fn with_creators(
    app: &App,
    merchant_id: MerchantId,
    keys: Vec<api_key::Model>,
) -> Result<Vec<ApiKeyRow>, Error> {
    let mut ids: Vec<_> = keys.iter().map(|key| key.created_by).collect();
    ids.sort_unstable();
    ids.dedup();
    let creators = colleagues(&app.db.reads(merchant_id), merchant_id, Some(ids)).await?;
    let creator_of = |key: &api_key::Model| {
        let made_it = |colleague: &&Colleague| colleague.staff.id == key.created_by;
        creators.iter().find(made_it).cloned()
    };
    Ok(keys
        .into_iter()
        .map(|key| ApiKeyRow {
            creator: creator_of(&key),
            key,
        })
        .collect())
}
