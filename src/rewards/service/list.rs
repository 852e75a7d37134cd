//! Reads rewards and redemptions.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::reward::{self, RewardState};
use entity::{Instant, MerchantId, RewardId, RewardRedemptionId, reward_redemption};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::any_value;
use crate::members::service::{find_by_no, id_of};
use crate::paging::{Page, Paging};
use crate::rewards::model::{RedemptionFilter, RewardFilter};

/// A reward; none where there is no such.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: RewardId,
) -> Result<Option<reward::Model>, Error> {
    Ok(reward::Entity::of(merchant_id)
        .filter(reward::Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Rewards by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[RewardId],
) -> Result<HashMap<RewardId, reward::Model>, Error> {
    let rows = reward::Entity::of(merchant_id)
        .filter(any_of(&app.db, reward::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's rewards, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &RewardFilter,
    paging: &Paging,
) -> Result<Page<reward::Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, RewardId>(select, reward::Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many rewards a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &RewardFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// How many points the member of a number has to spend; none where there is no such member.
pub async fn points_of(app: &App, merchant_id: MerchantId, member_no: &str) -> Result<i64, Error> {
    let found = find_by_no(app, merchant_id, member_no).await?;
    Ok(found.map_or(0, |row| row.points))
}

fn wanted(merchant_id: MerchantId, filter: &RewardFilter) -> Select<reward::Entity> {
    use reward::Column;
    let mut all = Condition::all()
        .add_option(any_value(Column::State, filter.states.as_ref()))
        .add_option(any_value(Column::Kind, filter.kinds.as_ref()))
        .add_option(filter.affordable.map(|points| Column::Points.lte(points)));
    if let Some((wanted, at)) = filter.available {
        let hindered = hindered(at);
        all = all.add(if wanted { hindered.not() } else { hindered });
    }
    reward::Entity::of(merchant_id).filter(all)
}

/// Whether nobody can have a reward at an instant: what [`crate::rewards::model::hindrance`] says, in SQL.
fn hindered(at: DateTime<Utc>) -> Condition {
    use reward::Column;
    let at = Instant(at);
    // What is missing hinders nothing; a comparison with it would be neither true nor false.
    let is = |column: Column, holds: sea_orm::sea_query::SimpleExpr| {
        Condition::all().add(column.is_not_null()).add(holds)
    };
    Condition::any()
        .add(Column::State.ne(RewardState::Active))
        .add(is(Column::StartsAt, Column::StartsAt.gt(at)))
        .add(is(Column::EndsAt, Column::EndsAt.lte(at)))
        .add(is(
            Column::Stock,
            Expr::col(Column::Taken).gte(Expr::col(Column::Stock)),
        ))
}

/// A redemption; none where there is no such.
pub async fn maybe_find_redemption(
    app: &App,
    merchant_id: MerchantId,
    id: RewardRedemptionId,
) -> Result<Option<reward_redemption::Model>, Error> {
    Ok(reward_redemption::Entity::of(merchant_id)
        .filter(reward_redemption::Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// A redemption.
pub(super) async fn find_redemption(
    app: &App,
    merchant_id: MerchantId,
    id: RewardRedemptionId,
) -> Result<reward_redemption::Model, Error> {
    maybe_find_redemption(app, merchant_id, id)
        .await?
        .ok_or(Error::NotFound)
}

/// Redemptions by id.
pub async fn find_redemptions(
    app: &App,
    merchant_id: MerchantId,
    ids: &[RewardRedemptionId],
) -> Result<HashMap<RewardRedemptionId, reward_redemption::Model>, Error> {
    let rows = reward_redemption::Entity::of(merchant_id)
        .filter(any_of(&app.db, reward_redemption::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's redemptions, the newest first.
pub async fn list_redemptions(
    app: &App,
    merchant_id: MerchantId,
    filter: &RedemptionFilter,
    paging: &Paging,
) -> Result<Page<reward_redemption::Model>, Error> {
    use reward_redemption::Column;
    let select = wanted_redemptions(merchant_id, filter);
    let select = newest_first::<_, _, RewardRedemptionId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many redemptions a filter wants.
pub async fn count_redemptions(
    app: &App,
    merchant_id: MerchantId,
    filter: &RedemptionFilter,
) -> Result<u64, Error> {
    Ok(wanted_redemptions(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

fn wanted_redemptions(
    merchant_id: MerchantId,
    filter: &RedemptionFilter,
) -> Select<reward_redemption::Entity> {
    use reward_redemption::{Column, Entity};
    let mut all = Condition::all()
        .add_option(filter.reward_id.map(|id| Column::RewardId.eq(id)))
        .add_option(filter.member_id.map(|id| Column::MemberId.eq(id)))
        .add_option(any_value(Column::State, filter.states.as_ref()));
    if let Some(no) = &filter.member_no {
        let member = id_of(merchant_id, no);
        all = all.add(Expr::col((Entity, Column::MemberId)).eq(member));
    }
    if let Some(range) = &filter.created {
        let first = |at: DateTime<Utc>| RewardRedemptionId::first_at(at.timestamp_millis());
        all = all
            .add(Column::Id.gte(first(range.from)))
            .add(Column::Id.lt(first(range.to)));
    }
    Entity::of(merchant_id).filter(all)
}
