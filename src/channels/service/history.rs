//! Reads the versions of a channel's configuration.

use entity::channel;
use entity::channel_version::{self, ChannelChange, Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::channels::model::Configuration;
use crate::db::newest_first;
use crate::error::Error;
use crate::paging::{Page, Paging};

/// Who made a channel that was made before there were versions.
const NOBODY_KNOWN: &str = "system";

/// A version of a channel's configuration, and the configuration before it.
#[derive(Clone, Debug)]
pub struct Version {
    /// The row.
    pub row: channel_version::Model,
    /// What it says.
    pub configuration: Configuration,
    /// What the version before said; none for the first.
    pub before: Option<Configuration>,
}

/// Where a version stands in the history of its channel.
#[must_use]
pub fn cursor(version: &Version) -> String {
    version.row.version.to_string()
}

/// The versions of a channel, the newest first.
pub async fn history(
    app: &App,
    channel: &channel::Model,
    paging: &Paging,
) -> Result<Page<Version>, Error> {
    let reads = &app.db.reads(channel.merchant_id);
    let versions = newest_first::<_, _, i64>(of(channel), Column::Version, paging)?;
    let mut rows = versions.all(reads).await?;
    let whole = paging.beyond.is_none() && paging.until.is_none();
    if rows.is_empty() && whole {
        rows.push(first(channel));
    }
    let page = Page::of(rows, paging);
    // Versions have no gap: the one before the last of the page is all that is missing.
    let before_last = page.items.last().map_or(0, |row| row.version - 1);
    let beyond = maybe_find(app, channel, before_last).await?;
    let mut known = page.items.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    known.extend(beyond);
    let before = known.iter().skip(1).cloned().map(Some);
    let before = before.chain(std::iter::once(None));
    let items = page.items.into_iter().zip(&known).zip(before);
    Ok(Page {
        items: items
            .map(|((row, configuration), before)| Version {
                row,
                configuration: configuration.clone(),
                before,
            })
            .collect(),
        has_previous: page.has_previous,
        has_next: page.has_next,
    })
}

/// What a version of a channel said.
pub(super) async fn maybe_find(
    app: &App,
    channel: &channel::Model,
    version: i32,
) -> Result<Option<Configuration>, Error> {
    let row = of(channel).filter(Column::Version.eq(version));
    let row = row.one(&app.db.reads(channel.merchant_id)).await?;
    row.as_ref().map(read).transpose()
}

/// Whether a channel has versions. One that was made before there were any, or in bulk, has none.
pub(super) async fn has_begun(
    txn: &impl ConnectionTrait,
    channel: &channel::Model,
) -> Result<bool, Error> {
    Ok(of(channel).limit(1).count(txn).await? > 0)
}

/// The first version of a channel that has none yet: what it is now.
pub(super) fn first(channel: &channel::Model) -> channel_version::Model {
    version(channel, ChannelChange::Created, NOBODY_KNOWN.to_owned())
}

/// The version that a change made.
pub(super) fn version(
    channel: &channel::Model,
    change: ChannelChange,
    changed_by: String,
) -> channel_version::Model {
    let configuration = Configuration::of(channel);
    channel_version::Model {
        merchant_id: channel.merchant_id,
        channel_id: channel.id,
        version: channel.version,
        change,
        changed_by,
        changed_at: channel.updated_at,
        configuration: serde_json::to_string(&configuration).unwrap_or_default(),
    }
}

fn of(channel: &channel::Model) -> sea_orm::Select<Entity> {
    Entity::of(channel.merchant_id).filter(Column::ChannelId.eq(channel.id))
}

fn read(row: &channel_version::Model) -> Result<Configuration, Error> {
    let read = serde_json::from_str(&row.configuration);
    read.map_err(|error| {
        let (id, version) = (row.channel_id, row.version);
        Error::internal(format!("version {version} of {id} cannot be read: {error}"))
    })
}
