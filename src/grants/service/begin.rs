//! Begins to look at the birthdays of merchants whose tiers bring something on them.

use std::collections::BTreeMap;

use entity::loyalty_run::{self, Column, LoyaltyRunKind};
use entity::{Day, MerchantId, tier};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// How many are looked at at once.
const MANY: u64 = 1_000;

/// Begins with today, where no rule was ever set and nobody looks yet; returns for how many merchants.
pub async fn begin(app: &App) -> Result<usize, Error> {
    let tiers = tier::Entity::with_unseen_birthdays()
        .order_by_asc(tier::Column::MerchantId)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let merchants: BTreeMap<i64, MerchantId> = tiers
        .iter()
        .map(|tier| (tier.merchant_id.0, tier.merchant_id))
        .collect();
    for merchant_id in merchants.values() {
        begin_one(app, *merchant_id).await?;
    }
    Ok(merchants.len())
}

async fn begin_one(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = Day::from(app.clock.now().with_timezone(&zone).date_naive());
    app.write(merchant_id, |txn| async move {
        let run = loyalty_run::Model {
            merchant_id,
            kind: LoyaltyRunKind::Birthday,
            day: today,
            after_id: 0,
            next_at: app.clock.instant(),
        };
        let mut or_nothing = OnConflict::columns([Column::MerchantId, Column::Kind]);
        or_nothing.do_nothing();
        loyalty_run::Entity::insert_many([run.into_active_model()])
            .on_conflict(or_nothing)
            .exec_without_returning(&*txn)
            .await?;
        Ok::<_, Error>(())
    })
    .await
}
