//! What offers took off an order, as clients see it.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::{CampaignId, OrderId};

use super::enums::{OfferKind, RedemptionState};
use crate::auth::model::Scope;
use crate::campaigns::schema::Campaign;
use crate::checkout::loader::{RedemptionLoader, RedemptionsOf};
use crate::checkout::service::Redeemed;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};

/// What an offer took off an order.
#[derive(Clone, Debug)]
pub struct Redemption {
    redeemed: Redeemed,
    currency: Currency,
}

impl Redemption {
    fn held_code(&self) -> Option<&str> {
        let state = self.redeemed.row.state;
        let holds = state != entity::redemption::RedemptionState::RolledBack;
        let code = self.redeemed.coupon_code.as_deref();
        code.filter(|_| holds)
    }
}

plain_object! {
    /// What a campaign, a coupon or the discount of a tier took off an order 核销.
    Redemption(self) {
        /// Whether it was a campaign, a coupon or a tier's discount.
        kind / "kind": OfferKind = self.redeemed.row.offer.into();
        /// What it was called.
        name / "name": &str = self.redeemed.name.as_str();
        /// The version of the campaign, of the coupon's template or of the tier that was redeemed.
        version / "version": i32 = self.redeemed.row.version;
        /// What it took off 优惠金额.
        off / "off": Money = Money::of_minor(self.redeemed.row.off_minor, self.currency);
        /// Where it stands 核销状态.
        state / "state": RedemptionState = self.redeemed.row.state.into();
        /// Whether limits and budget count it: not once it was rolled back, nor where the order was closed and then paid
        /// after all, and nothing was left by then.
        counted / "counted": bool = self.redeemed.is_counted();
        /// Whether the order is the first that its member paid 新客首单.
        newcomer / "newcomer": bool = self.redeemed.row.newcomer;
        /// When the order was made.
        reserved_at / "reservedAt": Timestamp = self.redeemed.row.reserved_at.into();
        /// When the order was paid.
        committed_at / "committedAt": Option<Timestamp> =
            self.redeemed.row.committed_at.map(Timestamp::from);
        /// When it was rolled back.
        rolled_back_at / "rolledBackAt": Option<Timestamp> =
            self.redeemed.row.rolled_back_at.map(Timestamp::from);
    }
    {
        /// The coupon's code 券码, where it was one; null once it was rolled back: whoever has the code could use it. While
        /// the order waits to be paid, null for who lacks `coupons:issue`: closing the order sets the code free.
        async fn coupon_code(&self, ctx: &Context<'_>) -> Nullable<&str> {
            let waits = self.redeemed.row.state == entity::redemption::RedemptionState::Reserved;
            let code = self.held_code()?;
            match ctx.actor() {
                Ok(actor) if waits && !actor.may(Scope::CouponsIssue) => None,
                Ok(_) => Some(Ok(code)),
                Err(error) => Some(Err(error)),
            }
        }

        /// The campaign as it is now, where it was one.
        async fn campaign(&self, ctx: &Context<'_>) -> Nullable<Lean<Campaign>> {
            let row = &self.redeemed.row;
            if row.offer != entity::redemption::OfferKind::Campaign {
                return None;
            }
            campaign(ctx, CampaignId(row.offer_id)).await.transpose()
        }
    }
}

/// What offers took off an order, in the order in which they did; for who may read campaigns.
pub async fn redemptions_of(
    ctx: &Context<'_>,
    id: OrderId,
    currency: Currency,
) -> Result<Vec<Lean<Redemption>>, Error> {
    may_read(ctx)?;
    let loader = ctx.data_unchecked::<DataLoader<RedemptionLoader>>();
    let rows = loader.load_one(RedemptionsOf(id)).await?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows
        .map(|redeemed| Lean(Redemption { redeemed, currency }))
        .collect())
}

/// A campaign, for who may read campaigns.
pub(super) async fn campaign(
    ctx: &Context<'_>,
    id: CampaignId,
) -> Result<Option<Lean<Campaign>>, Error> {
    may_read(ctx)?;
    Ok(Campaign::load(ctx, id).await?.map(Lean))
}

fn may_read(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::CampaignsRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}
