//! Begins to look which days are kept, where something is given on them and nobody looks yet.

use std::collections::BTreeSet;

use entity::grant_rule::{self, GrantKind};
use entity::loyalty_run::{self, Column};
use entity::{Day, MerchantId, tier};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::rules::run_kind;
use crate::app::App;
use crate::error::Error;

/// How many are looked at at once.
const MANY: u64 = 1_000;

/// Begins with today: at the birthdays of merchants whose tiers bring something on them and who never set a rule, and of
/// rules that were written without looking, as those of the demo's shops are. Returns at how many days it was begun.
pub async fn begin(app: &App) -> Result<usize, Error> {
    let tiers = tier::Entity::with_unseen_birthdays()
        .order_by_asc(tier::Column::MerchantId)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let rules = grant_rule::Entity::unseen()
        .order_by_asc(grant_rule::Column::MerchantId)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let birthdays = tiers
        .iter()
        .map(|tier| (tier.merchant_id, GrantKind::Birthday));
    let all = birthdays.chain(rules.iter().map(|rule| (rule.merchant_id, rule.kind)));
    let unseen: BTreeSet<(MerchantId, GrantKind)> = all.collect();
    for (merchant_id, kind) in &unseen {
        begin_one(app, *merchant_id, *kind).await?;
    }
    Ok(unseen.len())
}

async fn begin_one(app: &App, merchant_id: MerchantId, kind: GrantKind) -> Result<(), Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = Day::from(app.clock.now().with_timezone(&zone).date_naive());
    app.write(merchant_id, |txn| async move {
        let run = loyalty_run::Model {
            merchant_id,
            kind: run_kind(kind),
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
