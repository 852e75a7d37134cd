//! What a buyer is given for who they are: the discount of their tier, and what is for the segments that they are in.

use std::collections::HashSet;

use entity::{MerchantId, SegmentId, TierId, tier};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};

use super::offers::Who;
use super::tickets::Ticket;
use crate::app::App;
use crate::campaigns::service::Shown;
use crate::checkout::model::{Offer, TierDiscount};
use crate::error::Error;
use crate::segments;

/// A buyer's tier, and its discount as an offer.
#[derive(Clone, Debug)]
pub(super) struct OwnTier {
    /// The tier.
    pub row: tier::Model,
    discount: Option<TierDiscount>,
}

impl OwnTier {
    /// The tier of who buys, where they have one.
    pub async fn read(
        db: &impl ConnectionTrait,
        merchant_id: MerchantId,
        who: &Who,
    ) -> Result<Option<Self>, DbErr> {
        let Some(id) = who.tier_id() else {
            return Ok(None);
        };
        Ok(find(db, merchant_id, id).await?.map(Self::of))
    }

    fn of(row: tier::Model) -> Self {
        let discount = TierDiscount::of(&row);
        Self { row, discount }
    }

    /// Its discount, as pricing takes it; none where it has none.
    pub fn offer(&self) -> Option<Offer<'_>> {
        self.discount.as_ref().map(TierDiscount::offer)
    }
}

/// A tier that is there, as it is now.
pub(super) async fn find(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    id: TierId,
) -> Result<Option<tier::Model>, DbErr> {
    tier::Entity::of(merchant_id)
        .filter(tier::Column::Id.eq(id))
        .filter(tier::Column::RemovedAt.is_null())
        .one(db)
        .await
}

/// Of the segments that these campaigns and coupons name, those that the buyer is in: asked once, and not at all where
/// none are named.
pub(super) async fn segments_of(
    app: &App,
    merchant_id: MerchantId,
    who: &Who,
    campaigns: &[Shown],
    tickets: impl Iterator<Item = &Ticket>,
) -> Result<HashSet<SegmentId>, Error> {
    let Some(member_id) = who.id() else {
        return Ok(HashSet::new());
    };
    let of_campaigns = campaigns.iter().map(|campaign| &campaign.rules);
    let all = of_campaigns.chain(tickets.map(|ticket| &ticket.rules));
    let named: HashSet<SegmentId> = all
        .flat_map(|rules| rules.audience.named_segments())
        .collect();
    if named.is_empty() {
        return Ok(HashSet::new());
    }
    let named: Vec<SegmentId> = named.into_iter().collect();
    segments::service::memberships(app, merchant_id, member_id, &named).await
}
