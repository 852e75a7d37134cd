//! Segments as what they say: whom they hold for, and of which of them a member is.

use std::collections::{HashMap, HashSet};

use entity::segment::{Column, Entity, Model, SegmentKind};
use entity::{MemberId, MerchantId, SegmentId, member};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::rfm::means;
use super::sql::{Asked, there};
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::segments::model::{Means, Rule, Today};

/// The moment at which segments of a merchant are asked about.
pub(super) async fn today(app: &App, merchant_id: MerchantId) -> Result<Today, Error> {
    let merchant = crate::merchant::find(app, merchant_id).await?;
    Ok(Today {
        now: app.clock.instant(),
        zone: merchant.zone,
    })
}

/// Segments of a merchant that are there, by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[SegmentId],
) -> Result<HashMap<SegmentId, Model>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .filter(Column::RemovedAt.is_null())
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A segment that is there; none where it is not, or is another merchant's.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Model>, Error> {
    Ok(find_many(app, merchant_id, &[id]).await?.remove(&id))
}

/// What a segment says: a snapshot, who was written down.
pub fn rule_of(row: &Model) -> Result<Rule, Error> {
    match row.kind {
        SegmentKind::Rules => Rule::of_text(&row.rules),
        SegmentKind::Snapshot => Ok(Rule::InSnapshot(vec![row.id])),
    }
}

/// The averages of the merchant's buyers, where any of the rules asks for them.
async fn means_for(
    app: &App,
    merchant_id: MerchantId,
    today: Today,
    rules: &[&Rule],
) -> Result<Option<Means>, Error> {
    if rules.iter().any(|rule| rule.names_rfm()) {
        return means(app, merchant_id, today).await.map(Some);
    }
    Ok(None)
}

/// What some rules are understood by now.
pub(super) async fn asked<'a>(
    app: &'a App,
    merchant_id: MerchantId,
    rules: &[&Rule],
) -> Result<Asked<'a>, Error> {
    let today = today(app, merchant_id).await?;
    Ok(Asked {
        db: &app.db,
        merchant_id,
        today,
        means: means_for(app, merchant_id, today, rules).await?,
        by_rows_alone: false,
    })
}

/// The condition that rules are, on rows of `members`.
pub(super) async fn condition(
    app: &App,
    merchant_id: MerchantId,
    rule: &Rule,
) -> Result<Condition, Error> {
    let asked = asked(app, merchant_id, &[rule]).await?;
    Ok(asked.condition(rule))
}

/// The members that rules hold for.
pub(super) async fn members_of(
    app: &App,
    merchant_id: MerchantId,
    rule: &Rule,
) -> Result<Select<member::Entity>, Error> {
    let condition = condition(app, merchant_id, rule).await?;
    Ok(there(merchant_id).filter(condition))
}

/// Whom a segment holds for, as a condition on rows of `members` of the merchant. Those who are a part of another
/// member, or were erased, are left out by who asks: see [`members_in`].
pub async fn condition_of(
    app: &App,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Condition, Error> {
    let row = maybe_find(app, merchant_id, id).await?;
    condition(app, merchant_id, &rule_of(&row.ok_or(Error::NotFound)?)?).await
}

/// Some members of a segment after one, by id: what goes through all of them asks with the last one that it had.
pub async fn members_in(
    app: &App,
    merchant_id: MerchantId,
    id: SegmentId,
    after: Option<MemberId>,
    most: u64,
) -> Result<Vec<MemberId>, Error> {
    let condition = condition_of(app, merchant_id, id).await?;
    let after = after.map(|after| member::Column::Id.gt(after));
    Ok(there(merchant_id)
        .filter(condition)
        .filter(Condition::all().add_option(after))
        .order_by_asc(member::Column::Id)
        .limit(most)
        .select_only()
        .column(member::Column::Id)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// In which of some segments a member is now, in one statement over that member's row. Segments that are not there
/// have no members.
pub async fn memberships(
    app: &App,
    merchant_id: MerchantId,
    member_id: MemberId,
    ids: &[SegmentId],
) -> Result<HashSet<SegmentId>, Error> {
    let rows = find_many(app, merchant_id, ids).await?;
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let rules = rows.values().map(|row| Ok((row.id, rule_of(row)?)));
    let rules: Vec<(SegmentId, Rule)> = rules.collect::<Result<_, Error>>()?;
    let each: Vec<&Rule> = rules.iter().map(|(_, rule)| rule).collect();
    let asked = asked(app, merchant_id, &each).await?;
    let mut select = there(merchant_id)
        .filter(member::Column::Id.eq(member_id))
        .select_only();
    for (place, (_, rule)) in rules.iter().enumerate() {
        let holds = Expr::case(asked.condition(rule), Expr::val(1)).finally(Expr::val(0));
        select = select.expr_as(holds, name(place));
    }
    let reads = app.db.reads(merchant_id);
    let Some(row) = reads.query_one(&select.into_query()).await? else {
        return Ok(HashSet::new());
    };
    let mut held = HashSet::new();
    for (place, (id, _)) in rules.iter().enumerate() {
        let holds: i32 = row.try_get("", &name(place))?;
        if holds == 1 {
            held.insert(*id);
        }
    }
    Ok(held)
}

fn name(place: usize) -> String {
    format!("s{place}")
}
