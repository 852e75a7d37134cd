//! Reads tiers, how many members have them, and what became of a member's.

use std::collections::HashMap;

use entity::tier::{Column, Entity, Model};
use entity::{MemberId, MerchantId, TierId, member, tier_change};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};

/// Tiers by id, those that were taken away as well.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[TierId],
) -> Result<HashMap<TierId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// How many members have each of some tiers; a tier that nobody has is not among them.
pub async fn counts(
    app: &App,
    merchant_id: MerchantId,
    ids: &[TierId],
) -> Result<HashMap<TierId, i64>, Error> {
    use member::Column;
    let rows: Vec<(TierId, i64)> = member::Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::TierId, ids))
        .select_only()
        .column(Column::TierId)
        .expr_as(Expr::col((member::Entity, Column::Id)).count(), "members")
        .group_by(Column::TierId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().collect())
}

/// A page of what became of a member's tier, the newest first.
pub async fn changes(
    app: &App,
    merchant_id: MerchantId,
    member_id: MemberId,
    paging: &Paging,
) -> Result<Page<tier_change::Model>, Error> {
    use tier_change::Column;
    let select = tier_change::Entity::of(merchant_id).filter(Column::MemberId.eq(member_id));
    let select = newest_first::<_, _, entity::TierChangeId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}
