//! Reads coupons.

use std::collections::HashMap;

use entity::coupon::{Column, CouponState, Entity, Model};
use entity::{CouponBatchId, CouponId, CouponTemplateId, Instant, MerchantId};
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};

use super::templates::{ById, find_templates};
use crate::app::App;
use crate::campaigns::model::Rules;
use crate::coupons::model::{CouponFilter, Shown, face_minor, read_code};
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::{any_value, begins_with};
use crate::members::service::id_of;
use crate::paging::{Page, Paging};

/// Nobody holds it: in the words of its index, which a bound value would not be.
const OPEN: &str = "coupons.state = 'AVAILABLE'";

/// One coupon.
pub async fn find(app: &App, merchant_id: MerchantId, id: CouponId) -> Result<Model, Error> {
    Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// The coupon of a code, as people type it.
pub async fn find_by_code(app: &App, merchant_id: MerchantId, code: &str) -> Result<Model, Error> {
    let code = read_code(code).ok_or(Error::NotFound)?;
    Entity::of(merchant_id)
        .filter(Column::Code.eq(code))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// Coupons by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[CouponId],
) -> Result<HashMap<CouponId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's coupons, those first that were handed out last.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &CouponFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(app, merchant_id, filter);
    let select = newest_first::<_, _, CouponId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many coupons a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &CouponFilter,
) -> Result<u64, Error> {
    Ok(wanted(app, merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// The codes of coupons that were handed out together, in the order in which they were made.
pub async fn codes_of(
    app: &App,
    merchant_id: MerchantId,
    batch_id: CouponBatchId,
) -> Result<Vec<String>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::BatchId.eq(batch_id))
        .order_by_asc(Column::Id)
        .select_only()
        .column(Column::Code)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?)
}

fn wanted(app: &App, merchant_id: MerchantId, filter: &CouponFilter) -> Select<Entity> {
    let now = app.clock.instant();
    let mut all = Condition::all()
        .add_option(filter.template_id.map(|id| Column::TemplateId.eq(id)))
        .add_option(filter.batch_id.map(|id| Column::BatchId.eq(id)))
        .add_option(any_value(Column::Origin, filter.origins.as_ref()));
    if let Some(owned) = filter.owned {
        all = all.add(if owned {
            Column::MemberId.is_not_null()
        } else {
            Column::MemberId.is_null()
        });
    }
    if let Some(no) = &filter.member_no {
        let member = id_of(merchant_id, no);
        all = all.add(Expr::col((Entity, Column::MemberId)).eq(member));
    }
    if let Some(states) = &filter.states {
        let any = states.iter().map(|state| is_shown(*state, now));
        all = all.add(any.fold(Condition::any(), Condition::add));
    }
    match &filter.code {
        None => {}
        // No code begins so: no coupon is without an id.
        Some(None) => all = all.add(Column::Id.is_null()),
        Some(Some(beginning)) => all = all.add(begins_with(Column::Code, beginning)),
    }
    if let Some(before) = filter.expiring_before {
        all = all
            .add(Expr::cust(OPEN))
            .add(Column::ValidUntil.gt(now))
            .add(Column::ValidUntil.lt(Instant(before)));
    }
    Entity::of(merchant_id).filter(all)
}

/// Whether a coupon stands where people see it: what [`crate::coupons::model::shown`] says, in SQL.
fn is_shown(state: Shown, now: Instant) -> Condition {
    let is = |state| Condition::all().add(Column::State.eq(state));
    let open = is(CouponState::Available);
    match state {
        Shown::Available => open
            .add(Column::ValidFrom.lte(now))
            .add(Column::ValidUntil.gt(now)),
        Shown::NotYetValid => open
            .add(Column::ValidFrom.gt(now))
            .add(Column::ValidUntil.gt(now)),
        Shown::Expired => open.add(Column::ValidUntil.lte(now)),
        Shown::Reserved => is(CouponState::Reserved),
        Shown::Used => is(CouponState::Used),
        Shown::Void => is(CouponState::Void),
    }
}

/// Coupons that end soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    /// How many.
    pub count: i64,
    /// What they take off at the most, in minor units; shares without a cap are not in it.
    pub value_minor: i64,
}

/// The coupons that somebody could use and that end before an instant, up to so many.
pub async fn expiring(
    app: &App,
    merchant_id: MerchantId,
    before: Instant,
    most: u64,
) -> Result<Expiring, Error> {
    let some = Entity::of(merchant_id)
        .filter(Expr::cust(OPEN))
        .filter(Column::ValidUntil.gt(app.clock.instant()))
        .filter(Column::ValidUntil.lt(before))
        .select_only()
        .column(Column::TemplateId)
        .limit(most)
        .into_query();
    let template_id = Alias::new("template_id");
    let counts = Query::select()
        .column(template_id.clone())
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from_subquery(some, Alias::new("some_rows"))
        .group_by_col(template_id)
        .to_owned();
    let rows = app.db.reads(merchant_id).query_all(&counts).await?;
    let mut counted: Vec<(CouponTemplateId, i64)> = Vec::with_capacity(rows.len());
    for row in rows {
        counted.push((row.try_get("", "template_id")?, row.try_get("", "count")?));
    }
    let ids: Vec<CouponTemplateId> = counted.iter().map(|(id, _)| *id).collect();
    let templates: ById = find_templates(app, merchant_id, &ids).await?;
    let mut told = Expiring::default();
    for (id, count) in counted {
        let rules = templates.get(&id).map(|row| Rules::of_text(&row.rules));
        let face = rules
            .transpose()?
            .and_then(|rules| face_minor(&rules.benefit));
        told.count += count;
        told.value_minor += count.saturating_mul(face.unwrap_or_default());
    }
    Ok(told)
}
