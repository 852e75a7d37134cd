//! Does what is due by itself: points end, and points can be spent from now on. Of each merchant many members at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::point_lot::{Column, Entity, LEFT, Model};
use entity::{Instant, MemberId, MerchantId, PointLotId, member};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect, Select};

use super::book::{Booking, write_all};
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::points::model::Purse;

/// How many lots are looked for at once.
const MANY: u64 = 5_000;
/// How many members one transaction holds.
const AT_ONCE: usize = 500;

/// Lets points end and others be spent, of all merchants; returns of how many members it was done here. Two instances
/// that do so at once do it once: it is looked at again under the locks on the members.
pub async fn settle_due(app: &App) -> Result<usize, Error> {
    let now = app.clock.instant();
    let mut due: BTreeMap<MerchantId, BTreeSet<MemberId>> = BTreeMap::new();
    let lists = [
        (Entity::ended(now), Column::ExpiresAt),
        (Entity::releasable(now), Column::ReleasesAt),
    ];
    for (select, by) in lists {
        for (merchant_id, member_id) in read(app, select, by).await? {
            due.entry(merchant_id).or_default().insert(member_id);
        }
    }
    let mut settled = 0;
    for (merchant_id, members) in due {
        let members: Vec<MemberId> = members.into_iter().collect();
        for some in members.chunks(AT_ONCE) {
            match settle(app, merchant_id, some, now).await {
                Ok(count) => settled += count,
                Err(error) => {
                    tracing::warn!(%merchant_id, ?error, "points that are due were left as they are");
                }
            }
        }
    }
    Ok(settled)
}

async fn read(
    app: &App,
    select: Select<Entity>,
    by: Column,
) -> Result<Vec<(MerchantId, MemberId)>, Error> {
    Ok(select
        .order_by_asc(by)
        .limit(MANY)
        .select_only()
        .columns([Column::MerchantId, Column::MemberId])
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

async fn settle(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MemberId],
    now: Instant,
) -> Result<usize, Error> {
    app.write(merchant_id, |txn| async move {
        let members = member::Entity::of(merchant_id)
            .filter(any_of(&app.db, member::Column::Id, ids))
            // In one order for everybody, so that nobody waits in a circle; and whoever orders waits for none of it.
            .order_by_asc(member::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .all(&*txn)
            .await?;
        let mut lots = due_lots(app, &txn, merchant_id, ids, now).await?;
        let mut purses = Vec::with_capacity(lots.len());
        for member in members {
            let Some(lots) = lots.remove(&member.id) else {
                continue;
            };
            let mut purse = Purse::of(member, lots);
            purse.settle(now.0);
            purses.push(purse);
        }
        write_all(app, &txn, merchant_id, &purses, Booking::BY_ITSELF).await?;
        Ok(purses.len())
    })
    .await
}

/// What is due of these members, by member.
async fn due_lots(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    ids: &[MemberId],
    now: Instant,
) -> Result<HashMap<MemberId, Vec<Model>>, Error> {
    let ended = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .filter(Expr::cust(LEFT))
        .filter(Column::ExpiresAt.lte(now))
        .all(txn)
        .await?;
    let releasable = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .filter(Column::ReleasesAt.is_not_null())
        .filter(Column::ReleasesAt.lte(now))
        .all(txn)
        .await?;
    let all = ended.into_iter().chain(releasable);
    let all: BTreeMap<PointLotId, Model> = all.map(|lot| (lot.id, lot)).collect();
    let mut by_member: HashMap<MemberId, Vec<Model>> = HashMap::new();
    for lot in all.into_values() {
        by_member.entry(lot.member_id).or_default().push(lot);
    }
    Ok(by_member)
}
