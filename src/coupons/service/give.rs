//! Gives members coupons as a part of something else, in its transaction: for points, or as a gift.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;
use entity::coupon::{self, Column, CouponOrigin, CouponState};
use entity::event::EventKind;
use entity::offer_counter::{self, CounterKind};
use entity::{CouponBatchId, CouponId, CouponTemplateId, MemberId, MerchantId, coupon_template};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::issue::{for_all, for_member};
use super::write::{Fresh, Open, Shut, insert, open, tell};
use crate::app::App;
use crate::db::any_text_of;
use crate::error::Error;
use crate::offer_counters::{self, Kind, Place, Span, Take, Takes};

/// Why a member is not given a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotGiven {
    /// There is no such template, it is paused or over, or its coupons hold no longer.
    NotActive,
    /// All are handed out.
    UsedUp,
    /// The member has as many as one may.
    MemberLimit {
        /// How many.
        most: i64,
    },
}

/// Gives a member a coupon, in the transaction of what it is for; where it is not given, that is to be rolled back. It
/// takes counters: what is locked after them is the hottest of all.
pub async fn give(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, zone): (MerchantId, Tz),
    template_id: CouponTemplateId,
    member_id: MemberId,
) -> Result<Result<CouponId, NotGiven>, Error> {
    let open = match open(app, txn, (merchant_id, zone), template_id).await? {
        Ok(open) => open,
        Err(Shut::NotFound | Shut::NotActive | Shut::Expired) => {
            return Ok(Err(NotGiven::NotActive));
        }
    };
    let template = &open.template;
    let given = write(app, txn, &open, &[member_id]).await?;
    if !take(txn, merchant_id, &[for_member(template, member_id)]).await? {
        let most = template.per_member.unwrap_or_default();
        return Ok(Err(NotGiven::MemberLimit { most }));
    }
    if !take(txn, merchant_id, &[for_all(template)]).await? {
        return Ok(Err(NotGiven::UsedUp));
    }
    let first = given.into_iter().next();
    let (_, id) = first.ok_or_else(|| Error::internal("no coupon was given"))?;
    Ok(Ok(id))
}

/// Gives these members a coupon each, as far as they go: none to who has as many as one may, nor where all are handed
/// out. None where somebody was faster meanwhile: then the transaction is to be rolled back, and tried again.
pub async fn give_as_far(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, zone): (MerchantId, Tz),
    template_id: CouponTemplateId,
    members: &[MemberId],
) -> Result<Option<HashMap<MemberId, CouponId>>, Error> {
    let Ok(open) = open(app, txn, (merchant_id, zone), template_id).await? else {
        return Ok(Some(HashMap::new()));
    };
    let template = &open.template;
    let some = takers(app, txn, template, members).await?;
    if some.is_empty() {
        return Ok(Some(HashMap::new()));
    }
    let given = write(app, txn, &open, &some).await?;
    let mut takes: Vec<_> = some
        .iter()
        .map(|member_id| for_member(template, *member_id))
        .collect();
    let (place, one) = for_all(template);
    let times = i64::try_from(some.len()).unwrap_or(i64::MAX);
    takes.push((place, Take { times, ..one }));
    let is_taken = take(txn, merchant_id, &takes).await?;
    Ok(is_taken.then_some(given))
}

/// Those of these members who get one, as the counters stand, in their order.
async fn takers(
    app: &App,
    txn: &DatabaseTransaction,
    template: &coupon_template::Model,
    members: &[MemberId],
) -> Result<Vec<MemberId>, Error> {
    let all = Span::All.text();
    let mut spans: Vec<String> = members.iter().map(|id| Span::Member(*id).text()).collect();
    spans.push(all.clone());
    let counted: Vec<(String, i64)> = offer_counter::Entity::of(template.merchant_id)
        .filter(offer_counter::Column::Kind.eq(CounterKind::CouponIssue))
        .filter(offer_counter::Column::OfferId.eq(template.id.0))
        .filter(any_text_of(&app.db, offer_counter::Column::Span, &spans))
        .select_only()
        .columns([offer_counter::Column::Span, offer_counter::Column::Taken])
        .into_tuple()
        .all(txn)
        .await?;
    let taken = counted.iter().find(|(span, _)| *span == all);
    let left = template.quantity - taken.map_or(0, |(_, taken)| *taken);
    let is_full = |taken: i64| template.per_member.is_some_and(|most| taken >= most);
    let full = counted.iter().filter(|(_, taken)| is_full(*taken));
    let full: HashSet<&String> = full.map(|(span, _)| span).collect();
    let some = members.iter().copied();
    let some = some.filter(|id| !full.contains(&Span::Member(*id).text()));
    Ok(some
        .take(usize::try_from(left).unwrap_or_default())
        .collect())
}

/// Writes a coupon for each, as one batch, and tells of them.
async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    open: &Open,
    members: &[MemberId],
) -> Result<HashMap<MemberId, CouponId>, Error> {
    let batch_id: CouponBatchId = app.ids.next();
    let fresh: Vec<Fresh> = members
        .iter()
        .map(|member_id| Fresh {
            id: app.ids.next(),
            member_id: Some(*member_id),
            origin: CouponOrigin::Issued,
            batch_id: Some(batch_id),
        })
        .collect();
    insert(txn, open, &fresh).await?;
    let template = &open.template;
    let kind = EventKind::CouponIssued;
    tell(app, txn, template.merchant_id, kind, template.id).await?;
    let given = fresh.iter().map(|fresh| fresh.id);
    Ok(members.iter().copied().zip(given).collect())
}

async fn take(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    wanted: &[(offer_counters::Place, Take)],
) -> Result<bool, Error> {
    let mut takes = Takes::default();
    for (place, take) in wanted {
        takes.add(*place, *take);
    }
    Ok(offer_counters::take(txn, merchant_id, &takes).await?)
}

/// A coupon that cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// An order that is not paid yet holds it.
    Reserved(String),
    /// A paid order has it.
    Used(String),
}

/// What counters have of a coupon that was taken back.
#[derive(Debug)]
#[must_use = "it stays counted until it is given back"]
pub struct Counted(Takes);

impl Counted {
    fn of(row: &coupon::Model) -> Self {
        let members = row.member_id.map(Span::Member);
        let mut takes = Takes::default();
        for span in members.into_iter().chain([Span::All]) {
            let place = Place {
                span,
                kind: Kind::CouponIssue,
                offer_id: row.template_id.0,
            };
            let times = Take {
                times: 1,
                ..Take::default()
            };
            takes.add(place, times);
        }
        Self(takes)
    }

    /// Gives it back, as if it had never been handed out. What is locked after it is the hottest of all.
    pub async fn give_back(
        &self,
        txn: &DatabaseTransaction,
        merchant_id: MerchantId,
    ) -> Result<(), Error> {
        Ok(offer_counters::release(txn, merchant_id, &self.0).await?)
    }
}

/// Voids a coupon that was given for something that is undone, in its transaction, and returns what counters have of it.
/// One that is void already, or has ended, is none any more, and is counted until now as well: who voids coupons by hand
/// leaves them counted, who undoes what they were given for does not.
pub async fn take_back(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: CouponId,
    (by, reason): (&str, &str),
) -> Result<Result<Counted, NotTaken>, Error> {
    let row = coupon::Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?
        .ok_or_else(|| Error::internal("a coupon that was given is missing"))?;
    match row.state {
        CouponState::Reserved => return Ok(Err(NotTaken::Reserved(row.code))),
        CouponState::Used => return Ok(Err(NotTaken::Used(row.code))),
        CouponState::Void => return Ok(Ok(Counted::of(&row))),
        CouponState::Available => {}
    }
    coupon::Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::State, Expr::value(CouponState::Void))
        .col_expr(Column::VoidedAt, Expr::value(app.clock.instant()))
        .col_expr(Column::VoidedBy, Expr::value(by))
        .col_expr(Column::VoidReason, Expr::value(reason))
        .exec(txn)
        .await?;
    tell(app, txn, merchant_id, EventKind::CouponVoided, id).await?;
    Ok(Ok(Counted::of(&row)))
}
