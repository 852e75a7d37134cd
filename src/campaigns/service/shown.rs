//! The campaigns that a cart is priced with: kept in memory, looked at again in the transaction that takes them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use entity::campaign::{self, CampaignState, Column};
use entity::{CampaignId, MerchantId};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::campaigns::model::Rules;
use crate::db::{any_of, share};
use crate::error::Error;
use crate::understood::Kept;

/// A campaign, its rules understood.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The row.
    pub row: campaign::Model,
    /// What it gives.
    pub rules: Arc<Rules>,
}

impl Kept for Vec<Shown> {
    const BELIEVED_FOR: Duration = Duration::from_secs(1);
}

impl Shown {
    /// Understands a row.
    pub fn of(row: campaign::Model) -> Result<Self, Error> {
        let rules = Arc::new(Rules::of_text(&row.rules)?);
        Ok(Self { row, rules })
    }
}

/// A merchant's campaigns that are given, or wait for their start, the oldest first: by their times, not by their
/// states, is told which is given now. They may be a second old: see [`lock_current`].
pub async fn shown(app: &App, merchant_id: MerchantId) -> Result<Arc<Vec<Shown>>, Error> {
    if let Some(known) = app.understood.get(merchant_id) {
        return Ok(known);
    }
    let rows = campaign::Entity::of(merchant_id)
        .filter(Column::State.is_in([CampaignState::Scheduled, CampaignState::Active]))
        .order_by_asc(Column::Id)
        .all(&app.db.reads(merchant_id))
        .await?;
    let all = rows.into_iter().map(Shown::of);
    let all: Vec<Shown> = all.collect::<Result<_, _>>()?;
    Ok(app.understood.keep(merchant_id, all))
}

/// Whether a merchant's campaigns are kept in memory, and may be a second old.
#[must_use]
pub fn are_kept(app: &App, merchant_id: MerchantId) -> bool {
    app.understood.get::<Vec<Shown>>(merchant_id).is_some()
}

/// Has a merchant's campaigns read again: they are others by now.
pub fn forget(app: &App, merchant_id: MerchantId) {
    app.understood.forget::<Vec<Shown>>(merchant_id);
}

/// The versions and states of campaigns as they are in a transaction; nobody changes them until that is over. Who
/// has priced by another version, or by one that is paused by now, has to price again.
pub async fn lock_current(
    txn: &DatabaseTransaction,
    app: &App,
    merchant_id: MerchantId,
    ids: &[CampaignId],
) -> Result<HashMap<CampaignId, (i32, CampaignState)>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    share(txn, ids).await?;
    let rows: Vec<(CampaignId, i32, CampaignState)> = campaign::Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .select_only()
        .column(Column::Id)
        .column(Column::Version)
        .column(Column::State)
        .into_tuple()
        .all(txn)
        .await?;
    let known = rows
        .into_iter()
        .map(|(id, version, state)| (id, (version, state)));
    Ok(known.collect())
}
