//! Reserves what an order takes of offers, in the transaction that makes it.

use entity::campaign::CampaignState;
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{CampaignId, CouponId, Day, MemberId, MerchantId, OrderId, TierId, member};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};

use super::paying::take_points;
use super::quote::{Priced, Standing, Use};
use super::standing;
use crate::app::App;
use crate::campaigns::model::Limits;
use crate::campaigns::service::lock_current;
use crate::checkout::model::CheckoutRefusal;
use crate::coupons;
use crate::error::{Error, Failure};
use crate::offer_counters::{self, Kind, Place, Span, Take, Takes};

/// Reserves everything that an order was priced with; a refusal where somebody was faster, or an offer is no longer
/// what was priced: then nothing of the transaction may stay. Comes last in it: what it locks, others wait for. First
/// the member, where points pay; then campaigns, coupons and counters.
pub async fn reserve(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, order_id): (MerchantId, OrderId),
    member: Option<&member::Model>,
    priced: &Priced,
    actor: &str,
) -> Result<(), Failure<CheckoutRefusal>> {
    let changed = Failure::Refused(CheckoutRefusal::OfferChanged);
    let used_up = Failure::Refused(CheckoutRefusal::OfferUsedUp);
    if member.map(Standing::of_member) != priced.standing {
        return Err(changed);
    }
    let of = (merchant_id, order_id);
    take_points(app, txn, of, member, priced, actor).await?;
    if priced.uses.is_empty() {
        return Ok(());
    }
    if !still_holds(app, txn, merchant_id, priced).await? {
        return Err(changed);
    }
    let (member_id, now) = (member.map(|member| member.id), app.clock.instant());
    let mut coupons: Vec<CouponId> = priced.uses.iter().filter_map(|it| it.coupon_id).collect();
    coupons.sort_unstable();
    for id in coupons {
        if !coupons::service::reserve(txn, merchant_id, id, order_id, member_id, now).await? {
            return Err(used_up);
        }
    }
    let mut takes = Takes::default();
    let mut rows = Vec::with_capacity(priced.uses.len());
    for one in &priced.uses {
        let what = (one.offer, one.offer_id, one.off_minor);
        add_takes(&mut takes, what, member_id, priced.day, &one.limits);
        rows.push(redemption::ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            id: ActiveValue::Set(app.ids.next()),
            order_id: ActiveValue::Set(order_id),
            offer: ActiveValue::Set(one.offer),
            offer_id: ActiveValue::Set(one.offer_id),
            version: ActiveValue::Set(one.version),
            coupon_id: ActiveValue::Set(one.coupon_id),
            member_id: ActiveValue::Set(member_id),
            state: ActiveValue::Set(RedemptionState::Reserved),
            off_minor: ActiveValue::Set(one.off_minor),
            shares: ActiveValue::Set(shares_text(one)?),
            day: ActiveValue::Set(priced.day),
            counted: ActiveValue::Set(true),
            sales_minor: ActiveValue::Set(None),
            newcomer: ActiveValue::Set(false),
            reserved_at: ActiveValue::Set(now),
            committed_at: ActiveValue::Set(None),
            rolled_back_at: ActiveValue::Set(None),
        });
    }
    redemption::Entity::insert_many(rows)
        .exec_without_returning(txn)
        .await?;
    if !offer_counters::take(txn, merchant_id, &takes).await? {
        return Err(used_up);
    }
    Ok(())
}

fn shares_text(one: &Use) -> Result<String, Error> {
    serde_json::to_string(&one.shares).map_err(|error| Error::internal(error.to_string()))
}

/// Whether the campaigns are still given, and still give what was priced. They are locked against changes until the
/// order is there: one that is paused waits for the orders before, and is given to none after.
async fn still_holds(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    priced: &Priced,
) -> Result<bool, Error> {
    let campaigns = priced
        .uses
        .iter()
        .filter(|it| it.offer == OfferKind::Campaign);
    let mut wanted: Vec<(CampaignId, i32)> = campaigns
        .map(|it| (CampaignId(it.offer_id), it.version))
        .collect();
    if !tier_still_holds(txn, merchant_id, priced).await? {
        return Ok(false);
    }
    if wanted.is_empty() {
        return Ok(true);
    }
    wanted.sort_unstable();
    let ids: Vec<CampaignId> = wanted.iter().map(|(id, _)| *id).collect();
    let current = lock_current(txn, app, merchant_id, &ids).await?;
    Ok(wanted.iter().all(|(id, version)| {
        current.get(id).is_some_and(|(current, state)| {
            current == version && matches!(state, CampaignState::Active | CampaignState::Scheduled)
        })
    }))
}

/// Whether the buyer's tier still brings the discount that was priced.
async fn tier_still_holds(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    priced: &Priced,
) -> Result<bool, Error> {
    let mut of_tier = priced.uses.iter().filter(|it| it.offer == OfferKind::Tier);
    let Some(one) = of_tier.next() else {
        return Ok(true);
    };
    let found = standing::find(txn, merchant_id, TierId(one.offer_id)).await?;
    Ok(found.is_some_and(|tier| tier.version == one.version))
}

/// Adds what a redemption takes: of all of its offer, of its member's and, for a campaign, of its day. They are
/// counted whether there is a limit or not: one that is set later counts what was before.
pub(super) fn add_takes(
    takes: &mut Takes,
    (offer, offer_id, off_minor): (OfferKind, i64, i64),
    member_id: Option<MemberId>,
    day: Day,
    limits: &Limits,
) {
    let kind = match offer {
        OfferKind::Campaign => Kind::Campaign,
        OfferKind::Coupon => Kind::CouponUse,
        // Whoever has the tier has its discount, as often as they buy.
        OfferKind::Tier => return,
    };
    let mut add = |span: Span, most: Option<i64>, budget_minor: Option<i64>| {
        let place = Place {
            span,
            kind,
            offer_id,
        };
        let take = Take {
            times: 1,
            minor: off_minor,
            most,
            budget_minor,
        };
        takes.add(place, take);
    };
    add(Span::All, limits.total, limits.budget_minor);
    if offer == OfferKind::Campaign {
        add(Span::Day(day), limits.per_day, None);
    }
    if let Some(id) = member_id {
        add(Span::Member(id), limits.per_member, None);
    }
}
