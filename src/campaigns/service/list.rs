//! Reads campaigns, their versions, and how much of them is taken.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::campaign::{CampaignState, Column, Entity, Model};
use entity::offer_counter::{self, CounterKind};
use entity::{CampaignId, Instant, MerchantId, campaign_version};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, Select};

use crate::app::App;
use crate::campaigns::model::CampaignFilter;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::{any_value, contains};
use crate::paging::{Page, Paging};

/// One campaign of a merchant; none where it is another merchant's.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: CampaignId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Campaigns of a merchant by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[CampaignId],
) -> Result<HashMap<CampaignId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's campaigns, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &CampaignFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, CampaignId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many campaigns a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &CampaignFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

fn wanted(merchant_id: MerchantId, filter: &CampaignFilter) -> Select<Entity> {
    let mut all = Condition::all()
        .add_option(any_value(Column::State, filter.states.as_ref()))
        .add_option(any_value(Column::Kind, filter.kinds.as_ref()));
    if let Some(text) = &filter.search {
        all = all.add(contains(Column::Name, text));
    }
    if let Some(at) = filter.running_at {
        all = all.add(running_at(at));
    }
    Entity::of(merchant_id).filter(all)
}

/// Begun by then, and not over: neither drafts nor what is paused, of which nobody knows since when.
fn running_at(at: DateTime<Utc>) -> Condition {
    let at = Instant(at);
    let state = |state: CampaignState| Condition::all().add(Column::State.eq(state));
    let ends_later = || {
        Condition::any()
            .add(Column::EndsAt.is_null())
            .add(Column::EndsAt.gt(at))
    };
    Condition::any()
        .add(
            state(CampaignState::Scheduled)
                .add(Column::StartsAt.lte(at))
                .add(ends_later()),
        )
        .add(
            state(CampaignState::Active)
                .add(Column::ActivatedAt.lte(at))
                .add(ends_later()),
        )
        .add(
            state(CampaignState::Ended)
                .add(Column::ActivatedAt.lte(at))
                .add(Column::EndedAt.gt(at)),
        )
}

/// A page of a campaign's versions, the newest first.
pub async fn versions(
    app: &App,
    merchant_id: MerchantId,
    id: CampaignId,
    paging: &Paging,
) -> Result<Page<campaign_version::Model>, Error> {
    use campaign_version::Column;
    let select = campaign_version::Entity::of(merchant_id).filter(Column::CampaignId.eq(id));
    let select = newest_first::<_, _, i32>(select, Column::Version, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How much of each of some campaigns is taken, reservations included: orders, and what it cost in minor units.
pub async fn taken(
    app: &App,
    merchant_id: MerchantId,
    ids: &[CampaignId],
) -> Result<HashMap<CampaignId, (i64, i64)>, Error> {
    use offer_counter::Column;
    let rows = offer_counter::Entity::of(merchant_id)
        .filter(Column::Kind.eq(CounterKind::Campaign))
        .filter(Column::Span.eq(""))
        .filter(any_of(&app.db, Column::OfferId, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    let taken = rows
        .into_iter()
        .map(|row| (CampaignId(row.offer_id), (row.taken, row.spent_minor)));
    Ok(taken.collect())
}
