//! Takes once more what an order had given back: its payment came late, or its refund came back from the bank.

use std::collections::{HashMap, HashSet};

use entity::redemption::{Model, OfferKind};
use entity::{CampaignId, Instant, MerchantId, RedemptionId, campaign};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::settle::add;
use crate::campaigns::model::{Limits, Rules};
use crate::coupons;
use crate::db::share;
use crate::error::Error;
use crate::offer_counters::{self, Takes};

/// Takes once more what these redemptions had; returns those of which everything was there. In the order in which
/// orders take: all campaigns, then all coupons, then all counters, so that nobody waits in a circle.
pub(super) async fn take_again(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    redeemed: &[Model],
    at: Instant,
) -> Result<HashSet<RedemptionId>, Error> {
    let limits = limits_of(txn, merchant_id, redeemed).await?;
    let mut coupons: Vec<_> = redeemed
        .iter()
        .filter_map(|one| one.coupon_id.map(|id| (id, one)))
        .collect();
    coupons.sort_unstable_by_key(|(id, _)| *id);
    let mut gone = HashSet::new();
    for (id, one) in coupons {
        let (order_id, member_id) = (one.order_id, one.member_id);
        if !coupons::service::reserve(txn, merchant_id, id, order_id, member_id, at).await? {
            gone.insert(one.id);
        }
    }
    let mut wanted = Vec::with_capacity(redeemed.len());
    for one in redeemed.iter().filter(|one| !gone.contains(&one.id)) {
        let limits = match one.offer {
            OfferKind::Coupon | OfferKind::Tier => Limits::default(),
            OfferKind::Campaign => limits
                .get(&CampaignId(one.offer_id))
                .cloned()
                .ok_or(Error::NotFound)?,
        };
        let mut takes = Takes::default();
        add(&mut takes, one, &limits);
        wanted.push((one.id, takes));
    }
    offer_counters::hold(txn, merchant_id, wanted.iter().map(|(_, takes)| takes)).await?;
    let mut taken = HashSet::with_capacity(wanted.len());
    for (id, takes) in &wanted {
        if offer_counters::take_or_leave(txn, merchant_id, takes).await? {
            taken.insert(*id);
        }
    }
    Ok(taken)
}

/// The limits of campaigns as they are now, whatever version was redeemed: those are what must hold. Nobody changes
/// them until the transaction ends.
async fn limits_of(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    redeemed: &[Model],
) -> Result<HashMap<CampaignId, Limits>, Error> {
    let of_campaigns = redeemed
        .iter()
        .filter(|one| one.offer == OfferKind::Campaign);
    let ids: Vec<CampaignId> = of_campaigns.map(|one| CampaignId(one.offer_id)).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    share(txn, &ids).await?;
    let rows: Vec<(CampaignId, String)> = campaign::Entity::of(merchant_id)
        .filter(campaign::Column::Id.is_in(ids))
        .select_only()
        .column(campaign::Column::Id)
        .column(campaign::Column::Rules)
        .into_tuple()
        .all(txn)
        .await?;
    let limits = rows.into_iter().map(|(id, text)| {
        let rules = Rules::of_text(&text)?;
        let limits = Limits {
            per_member: rules.per_member(),
            ..rules.limits
        };
        Ok((id, limits))
    });
    limits.collect()
}
