//! Begins to look at members every night, where tiers were written without.

use std::collections::BTreeSet;

use entity::{MerchantId, tier};
use sea_orm::{QueryOrder, QuerySelect};

use super::run::lock;
use super::set::moment;
use crate::app::App;
use crate::error::Error;

/// How many tiers are looked at at once.
const MANY: u64 = 1_000;

/// Begins with the next night, where there are tiers and no run, as in the demo's shops; returns for how many merchants.
pub async fn begin(app: &App) -> Result<usize, Error> {
    let tiers = tier::Entity::unseen()
        .order_by_asc(tier::Column::MerchantId)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let merchants: BTreeSet<MerchantId> = tiers.iter().map(|tier| tier.merchant_id).collect();
    for merchant_id in merchants.iter().copied() {
        let at = moment(app, merchant_id).await?;
        app.write::<_, Error, _>(merchant_id, |txn| async move {
            lock(&txn, merchant_id, at).await.map(|_| ())
        })
        .await?;
    }
    Ok(merchants.len())
}
