//! Reads rules, and what members were given.

use entity::grant_rule;
use entity::member_grant::{Column, Entity, Model};
use entity::{MemberGrantId, MemberId, MerchantId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};

use crate::app::App;
use crate::db::newest_first;
use crate::error::Error;
use crate::paging::{Page, Paging};

/// A merchant's rules; a day for which none was ever set is missing.
pub async fn rules(app: &App, merchant_id: MerchantId) -> Result<Vec<grant_rule::Model>, Error> {
    Ok(grant_rule::Entity::of(merchant_id)
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// A page of what a member was given, the last first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    member_id: MemberId,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = Entity::of(merchant_id).filter(Column::MemberId.eq(member_id));
    let select = newest_first::<_, _, MemberGrantId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How often a member was given something.
pub async fn count(app: &App, merchant_id: MerchantId, member_id: MemberId) -> Result<u64, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::MemberId.eq(member_id))
        .count(&app.db.reads(merchant_id))
        .await?)
}
