//! Compares what members bought who were given a campaign with what those bought who were held out of it.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{Instant, MemberId, MerchantId, campaign, campaign_version, member, order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::effect::Span;
use crate::app::App;
use crate::campaigns::model::effect::{Buying, HeldOut, compare};
use crate::campaigns::model::is_held_out;
use crate::error::Error;
use crate::sums::sum_of;

/// How many members are read at once.
const PAGE: u64 = 20_000;

/// What can be said of those who were held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Nobody is held out.
    NobodyHeldOut,
    /// Another share was held out at another time: the groups are mixed.
    ShareChanged,
    /// The two groups.
    Told(HeldOut),
}

/// Compares the two groups of a campaign, of members who were known before it began.
pub async fn held_out(app: &App, row: &campaign::Model, span: &Span) -> Result<Comparison, Error> {
    let shares = shares_since(app, row, span.from).await?;
    if shares.iter().all(|share| *share == 0) && row.holdout_ppm == 0 {
        return Ok(Comparison::NobodyHeldOut);
    }
    if shares.len() > 1 {
        return Ok(Comparison::ShareChanged);
    }
    let held = |no: &str| usize::from(is_held_out(row.id, no, row.holdout_ppm));
    let known = MemberId::first_at(span.from.timestamp_millis());
    let paid = bought_by(app, row.merchant_id, known, span).await?;
    let [given, held_out] = tell_apart(app, row.merchant_id, known, held, &paid).await?;
    Ok(Comparison::Told(compare(given, held_out)))
}

/// The shares that were held out since it began.
async fn shares_since(
    app: &App,
    row: &campaign::Model,
    from: DateTime<Utc>,
) -> Result<BTreeSet<i32>, Error> {
    use campaign_version::{Column, Entity};
    let versions: Vec<(i32, Instant)> = Entity::of(row.merchant_id)
        .filter(Column::CampaignId.eq(row.id))
        .order_by_asc(Column::Version)
        .select_only()
        .columns([Column::HoldoutPpm, Column::ChangedAt])
        .into_tuple()
        .all(&app.db.reads(row.merchant_id))
        .await?;
    // The last one before it began, and all after that.
    let before = versions.partition_point(|(_, at)| at.0 <= from);
    let held = versions.iter().skip(before.saturating_sub(1));
    Ok(held.map(|(share, _)| *share).collect())
}

/// How many members who were known are in each group, and what they paid: no database knows the hash.
async fn tell_apart(
    app: &App,
    merchant_id: MerchantId,
    known: MemberId,
    group: impl Fn(&str) -> usize,
    paid: &HashMap<MemberId, i64>,
) -> Result<[(i64, Buying); 2], Error> {
    let mut groups = [(0, Buying::default()), (0, Buying::default())];
    let mut after = MemberId(i64::MIN);
    loop {
        let page: Vec<(MemberId, String)> = member::Entity::of(merchant_id)
            .filter(member::Column::Id.gt(after))
            .filter(member::Column::Id.lt(known))
            .order_by_asc(member::Column::Id)
            .select_only()
            .columns([member::Column::Id, member::Column::MemberNo])
            .limit(PAGE)
            .into_tuple()
            .all(&app.db.reads(merchant_id))
            .await?;
        for (id, no) in &page {
            let (members, buying) = &mut groups[group(no)];
            *members += 1;
            if let Some(paid) = paid.get(id) {
                buying.add(*paid);
            }
        }
        match page.last() {
            Some((last, _)) => after = *last,
            None => return Ok(groups),
        }
    }
}

/// What each of the members who were known paid while it ran, with it or without.
async fn bought_by(
    app: &App,
    merchant_id: MerchantId,
    known: MemberId,
    span: &Span,
) -> Result<HashMap<MemberId, i64>, Error> {
    use order::Column;
    let rows: Vec<(MemberId, Option<i64>)> = order::Entity::of(merchant_id)
        .filter(Column::PaidAt.gte(Instant(span.from)))
        .filter(Column::PaidAt.lt(Instant(span.to)))
        .filter(Column::MemberId.is_not_null())
        .filter(Column::MemberId.lt(known))
        .select_only()
        .column(Column::MemberId)
        .column_as(sum_of(Expr::col(Column::PaidMinor)), "paid")
        .group_by(Column::MemberId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let rows = rows.into_iter();
    Ok(rows.map(|(id, paid)| (id, paid.unwrap_or(0))).collect())
}
