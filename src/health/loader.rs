//! What is known of channels' health, in batches.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use entity::{
    ChannelId, HealthChangeId, IncidentId, MaintenanceWindowId, MerchantId, channel_health_change,
    channel_probe, incident, maintenance_window,
};

use super::model::uptime::ChannelDay;
use super::service::{self, incidents, maintenance};
use crate::app::App;
use crate::error::Error;

/// Loads changes of one merchant's channels by id.
#[derive(Debug)]
pub struct IncidentLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

/// A channel's incident that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenIncidentOf(pub ChannelId);

/// A channel's maintenance window that holds now, or the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NextWindowOf(pub ChannelId);

/// What is known of a channel's probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProbeOf(pub ChannelId);

/// So many of a channel's last days, and whether it is asked how long anything took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UptimeOf(pub ChannelId, pub u32, pub bool);

impl Loader<IncidentId> for IncidentLoader {
    type Value = incident::Model;
    type Error = Error;

    async fn load(&self, ids: &[IncidentId]) -> Result<HashMap<IncidentId, Self::Value>, Error> {
        incidents::find_many(&self.app, self.merchant_id, ids).await
    }
}

impl Loader<OpenIncidentOf> for IncidentLoader {
    type Value = incident::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[OpenIncidentOf],
    ) -> Result<HashMap<OpenIncidentOf, Self::Value>, Error> {
        let ids: Vec<ChannelId> = keys.iter().map(|key| key.0).collect();
        let found = incidents::find_open(&self.app, self.merchant_id, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (OpenIncidentOf(id), row))
            .collect())
    }
}

impl Loader<MaintenanceWindowId> for IncidentLoader {
    type Value = maintenance_window::Model;
    type Error = Error;

    async fn load(
        &self,
        ids: &[MaintenanceWindowId],
    ) -> Result<HashMap<MaintenanceWindowId, Self::Value>, Error> {
        maintenance::find_many(&self.app, self.merchant_id, ids).await
    }
}

impl Loader<NextWindowOf> for IncidentLoader {
    type Value = maintenance_window::Model;
    type Error = Error;

    async fn load(
        &self,
        keys: &[NextWindowOf],
    ) -> Result<HashMap<NextWindowOf, Self::Value>, Error> {
        let ids: Vec<ChannelId> = keys.iter().map(|key| key.0).collect();
        let found = maintenance::find_next(&self.app, self.merchant_id, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, row)| (NextWindowOf(id), row))
            .collect())
    }
}

impl Loader<ProbeOf> for IncidentLoader {
    type Value = channel_probe::Model;
    type Error = Error;

    async fn load(&self, keys: &[ProbeOf]) -> Result<HashMap<ProbeOf, Self::Value>, Error> {
        let ids: Vec<ChannelId> = keys.iter().map(|key| key.0).collect();
        let rows = service::find_probes(&self.app, self.merchant_id, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|row| (ProbeOf(row.channel_id), row))
            .collect())
    }
}

impl Loader<UptimeOf> for IncidentLoader {
    type Value = Vec<ChannelDay>;
    type Error = Error;

    async fn load(&self, keys: &[UptimeOf]) -> Result<HashMap<UptimeOf, Self::Value>, Error> {
        let mut by_days: HashMap<(u32, bool), Vec<ChannelId>> = HashMap::new();
        for UptimeOf(channel, days, took) in keys {
            by_days.entry((*days, *took)).or_default().push(*channel);
        }
        let mut told = HashMap::new();
        for ((days, took), channels) in by_days {
            let found = service::uptime(&self.app, self.merchant_id, &channels, days, took).await?;
            told.extend(
                found
                    .into_iter()
                    .map(|(channel, list)| (UptimeOf(channel, days, took), list)),
            );
        }
        Ok(told)
    }
}

/// Loads changes of one merchant's channels by id.
#[derive(Debug)]
pub struct HealthChangeLoader {
    /// Where from.
    pub app: App,
    /// Whose.
    pub merchant_id: MerchantId,
}

impl Loader<HealthChangeId> for HealthChangeLoader {
    type Value = channel_health_change::Model;
    type Error = Error;

    async fn load(
        &self,
        ids: &[HealthChangeId],
    ) -> Result<HashMap<HealthChangeId, Self::Value>, Error> {
        service::find_changes(&self.app, self.merchant_id, ids).await
    }
}
