//! Gives some locked members what is theirs, in few statements however many they are.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use entity::event::EventKind;
use entity::grant_rule::{self, GrantKind};
use entity::member_grant::{Column, Entity, Model};
use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::{CouponId, MemberGrantId, MemberId, MerchantId, member, tier};
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::hand_out::Overtaken;
use crate::app::App;
use crate::coupons::service::give_as_far;
use crate::error::Failure;
use crate::events;
use crate::grants::model::{Gift, Span, gift_of};
use crate::points::service::{self as points, Grant};

/// Who gives what happens by itself.
const SYSTEM: &str = "system";

/// For which day, and by which rules, some members are given something.
pub(super) struct Batch<'a> {
    pub merchant_id: MerchantId,
    pub zone: Tz,
    pub kind: GrantKind,
    /// The days that are kept.
    pub spans: Vec<Span>,
    pub rule: Option<&'a grant_rule::Model>,
    pub tiers: &'a [tier::Model],
}

/// Gives locked members what is theirs, who were given nothing for the year before. Where somebody was after all, the
/// primary key says so, and it is all to be tried again.
pub(super) async fn give(
    app: &App,
    txn: &DatabaseTransaction,
    batch: &Batch<'_>,
    members: Vec<member::Model>,
) -> Result<(), Failure<Overtaken>> {
    let wanted = members.into_iter().map(|row| {
        let gift = batch.gift_of(&row);
        (row, gift)
    });
    let wanted: Vec<(member::Model, Gift)> =
        wanted.filter(|(_, gift)| !gift.is_nothing()).collect();
    let coupons = coupons(app, txn, batch, &wanted).await?;
    let (mut rows, mut with_points) = (Vec::with_capacity(wanted.len()), Vec::new());
    for (member, gift) in wanted {
        let coupon_id = coupons.get(&member.id).copied();
        let year = batch.year_of(&member);
        let Some(year) = year.filter(|_| gift.points.is_some() || coupon_id.is_some()) else {
            continue;
        };
        let id: MemberGrantId = app.ids.next();
        rows.push(Model {
            merchant_id: batch.merchant_id,
            member_id: member.id,
            kind: batch.kind,
            year,
            id,
            points: gift.points,
            coupon_id,
        });
        if let Some(points) = gift.points {
            with_points.push((member, id, points));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let told: Vec<i64> = rows.iter().map(|row| row.member_id.0).collect();
    let mut or_nothing = OnConflict::columns([
        Column::MerchantId,
        Column::MemberId,
        Column::Kind,
        Column::Year,
    ]);
    or_nothing.do_nothing();
    let made = Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(or_nothing)
        .exec_without_returning(txn)
        .await?;
    if made < told.len() as u64 {
        return Err(Failure::Refused(Overtaken));
    }
    give_points(app, txn, batch, with_points).await?;
    let (now, kind) = (app.clock.instant(), EventKind::MemberGranted);
    events::record_many(txn, &app.ids, now, batch.merchant_id, kind, &told).await?;
    Ok(())
}

/// The coupons of these gifts, template by template, as far as they go.
async fn coupons(
    app: &App,
    txn: &DatabaseTransaction,
    batch: &Batch<'_>,
    wanted: &[(member::Model, Gift)],
) -> Result<HashMap<MemberId, CouponId>, Failure<Overtaken>> {
    let mut takers: BTreeMap<_, Vec<MemberId>> = BTreeMap::new();
    for (member, gift) in wanted {
        if let Some(id) = gift.template_id {
            takers.entry(id).or_default().push(member.id);
        }
    }
    let mut coupons = HashMap::new();
    for (template_id, members) in takers {
        let whose = (batch.merchant_id, batch.zone);
        let given = give_as_far(app, txn, whose, template_id, &members).await?;
        coupons.extend(given.ok_or(Failure::Refused(Overtaken))?);
    }
    Ok(coupons)
}

async fn give_points(
    app: &App,
    txn: &DatabaseTransaction,
    batch: &Batch<'_>,
    members: Vec<(member::Model, MemberGrantId, i64)>,
) -> Result<(), Failure<Overtaken>> {
    let expires_at = points::lot_end(app, txn, batch.merchant_id).await?;
    let grants = members.into_iter().map(|(member, id, points)| {
        let grant = Grant {
            kind: PointKind::Granted,
            origin: match batch.kind {
                GrantKind::Birthday => PointOrigin::Birthday,
                GrantKind::Anniversary => PointOrigin::Anniversary,
            },
            points,
            source_id: Some(id.0),
            releases_at: None,
            expires_at,
            actor: SYSTEM,
            note: None,
        };
        (member, grant)
    });
    points::grant_many(app, txn, batch.merchant_id, grants.collect()).await?;
    Ok(())
}

impl Batch<'_> {
    fn gift_of(&self, member: &member::Model) -> Gift {
        let tier = self
            .tiers
            .iter()
            .find(|tier| Some(tier.id) == member.tier_id);
        gift_of(self.rule, tier)
    }

    /// Of which year the day is that is kept.
    fn year_of(&self, member: &member::Model) -> Option<i32> {
        let joined = member.joined_at.0.with_timezone(&self.zone).date_naive();
        let mut spans = self.spans.iter();
        let span = spans.find(|span| match self.kind {
            GrantKind::Birthday => member.birthday.is_some_and(|day| span.keeps(day)),
            GrantKind::Anniversary => span.keeps_joined(joined),
        });
        span.map(|span| span.year())
    }
}
