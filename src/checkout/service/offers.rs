//! What may be given to a cart: the merchant's campaigns, the coupons that were named, and those that the buyer has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{
    CampaignId, ChannelId, CouponId, Day, MemberId, MerchantId, SegmentId, TierId, member,
    points_program,
};

use super::standing::{OwnTier, segments_of};
use super::tickets::{Ticket, Tickets};
use crate::app::App;
use crate::campaigns::model::{Rules, is_held_out};
use crate::campaigns::service::{Shown, shown};
use crate::checkout::model::{Buyer, Cart, CartLine, CodeProblem, Offer, OfferId, Taken};
use crate::error::Error;
use crate::offer_counters;
use crate::points::service::find_program;
use crate::{members, merchant};

/// Who buys.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody is known.
    Nobody,
    /// Somebody of whom only the number is known yet.
    Newcomer(String),
    /// A member.
    Member(Box<member::Model>),
}

impl Who {
    /// Who has a number, where one is named. Nobody is made a member by asking.
    pub async fn find(
        app: &App,
        merchant_id: MerchantId,
        member_no: Option<&str>,
    ) -> Result<Self, Error> {
        let Some(no) = member_no else {
            return Ok(Self::Nobody);
        };
        let known = members::service::find_by_no(app, merchant_id, no).await?;
        Ok(known.map_or_else(
            || Self::Newcomer(no.to_owned()),
            |member| Self::Member(Box::new(member)),
        ))
    }

    pub(super) const fn id(&self) -> Option<MemberId> {
        match self {
            Self::Member(member) => Some(member.id),
            Self::Nobody | Self::Newcomer(_) => None,
        }
    }

    /// The tier that they have, where they have one.
    pub(super) const fn tier_id(&self) -> Option<TierId> {
        match self {
            Self::Member(member) => member.tier_id,
            Self::Nobody | Self::Newcomer(_) => None,
        }
    }

    /// How many points they have; none where nobody is known.
    pub(super) const fn points(&self) -> Option<i64> {
        match self {
            Self::Member(member) => Some(member.points),
            Self::Newcomer(_) => Some(0),
            Self::Nobody => None,
        }
    }

    /// Whether it is somebody whose number is known.
    pub(super) const fn is_known(&self) -> bool {
        !matches!(self, Self::Nobody)
    }

    fn no(&self) -> Option<&str> {
        match self {
            Self::Nobody => None,
            Self::Newcomer(no) => Some(no),
            Self::Member(member) => Some(&member.member_no),
        }
    }

    fn buyer(&self, segments: HashSet<SegmentId>) -> Option<Buyer> {
        let has_paid = match self {
            Self::Nobody => return None,
            Self::Newcomer(_) => false,
            Self::Member(member) => member.first_paid_at.is_some(),
        };
        Some(Buyer {
            has_paid,
            tier: self.tier_id(),
            segments,
        })
    }
}

/// What is to be priced.
#[derive(Clone, Debug)]
pub struct Basket {
    /// Its lines.
    pub lines: Vec<CartLine>,
    /// The channel it will be paid through, where that is known.
    pub channel: Option<ChannelId>,
    /// What it will be paid with, where that is known.
    pub method: Option<PaymentMethod>,
    /// Who buys.
    pub who: Who,
    /// The codes of the coupons that the buyer chose.
    pub codes: Vec<String>,
    /// How many points are to pay for a part.
    pub points: Option<i64>,
}

/// Everything that a price is made of.
pub(super) struct Offers {
    /// The cart.
    pub cart: Cart,
    /// The merchant's day.
    pub day: Day,
    /// The campaigns that are given now, or soon.
    pub campaigns: Arc<Vec<Shown>>,
    taken: HashMap<CampaignId, Taken>,
    held_out: HashSet<CampaignId>,
    /// The tier of who buys.
    pub tier: Option<OwnTier>,
    /// Who buys.
    pub who: Who,
    /// How many points are to pay for a part.
    pub points: Option<i64>,
    /// The rules of points; none where nobody is known, or there are none.
    pub program: Option<points_program::Model>,
    /// The coupons that were named and can be used.
    pub named: Vec<Ticket>,
    /// The buyer's coupons that can be used, those that end first.
    pub own: Vec<Ticket>,
    /// The codes that cannot be used, as they were given.
    pub problems: Vec<(String, CodeProblem)>,
}

impl Offers {
    /// Reads them; the buyer's own coupons only where they are asked for.
    pub async fn read(
        app: &App,
        merchant_id: MerchantId,
        basket: Basket,
        with_own: bool,
    ) -> Result<Self, Error> {
        let merchant = merchant::find(app, merchant_id).await?;
        let now = app.clock.instant();
        let at: DateTime<Tz> = now.0.with_timezone(&merchant.zone);
        let day = Day::from(at.date_naive());
        let campaigns = shown(app, merchant_id).await?;
        let member_id = basket.who.id();
        let db = &app.db.reads(merchant_id);
        let limited = campaigns.iter().filter(|it| is_limited(&it.rules));
        let limited: Vec<CampaignId> = limited.map(|it| it.row.id).collect();
        let taken = if limited.is_empty() {
            HashMap::new()
        } else {
            offer_counters::read(&app.db, db, merchant_id, &limited, day, member_id).await?
        };
        let held_out = campaigns.iter().filter(|it| {
            let (id, share) = (it.row.id, it.row.holdout_ppm);
            let no = basket.who.no();
            no.is_some_and(|no| is_held_out(id, no, share))
        });
        let held_out = held_out.map(|it| it.row.id).collect();
        let (codes, who) = (&basket.codes, &basket.who);
        let tickets = Tickets::read(app, merchant_id, codes, who, with_own, now).await?;
        let program = if who.is_known() {
            find_program(db, merchant_id).await?
        } else {
            None
        };
        let tier = OwnTier::read(db, merchant_id, who).await?;
        let all = tickets.named.iter().chain(&tickets.own);
        let segments = segments_of(app, merchant_id, who, &campaigns, all).await?;
        let cart = Cart {
            lines: basket.lines,
            channel: basket.channel,
            method: basket.method,
            buyer: who.buyer(segments),
            at,
        };
        Ok(Self {
            cart,
            day,
            campaigns,
            taken,
            held_out,
            tier,
            who: basket.who,
            points: basket.points,
            program,
            named: tickets.named,
            own: tickets.own,
            problems: tickets.problems,
        })
    }

    /// What is given by itself, as pricing takes it: campaigns, and the discount of the buyer's tier.
    pub fn of_campaigns(&self) -> Vec<Offer<'_>> {
        let offers = self.campaigns.iter().map(|campaign| Offer {
            id: OfferId::Campaign(campaign.row.id),
            from: campaign.row.starts_at.0,
            to: campaign.row.ends_at.map(|at| at.0),
            rules: &campaign.rules,
            taken: self
                .taken
                .get(&campaign.row.id)
                .copied()
                .unwrap_or_default(),
            held_out: self.held_out.contains(&campaign.row.id),
        });
        let of_tier = self.tier.as_ref().and_then(OwnTier::offer);
        offers.chain(of_tier).collect()
    }

    /// What the merchant calls an offer.
    pub fn name(&self, id: OfferId) -> Option<&str> {
        match id {
            OfferId::Campaign(id) => self.campaign(id).map(|it| it.row.name.as_str()),
            OfferId::Coupon(id) => self.ticket(id).map(|it| it.held.template.name.as_str()),
            OfferId::Tier(_) => self.tier.as_ref().map(|tier| tier.row.name.as_str()),
        }
    }

    /// A campaign by its id.
    pub fn campaign(&self, id: CampaignId) -> Option<&Shown> {
        self.campaigns.iter().find(|campaign| campaign.row.id == id)
    }

    /// A coupon by its id.
    pub fn ticket(&self, id: CouponId) -> Option<&Ticket> {
        let mut all = self.named.iter().chain(&self.own);
        all.find(|ticket| ticket.held.coupon.id == id)
    }
}

fn is_limited(rules: &Rules) -> bool {
    let limits = &rules.limits;
    rules.per_member().is_some()
        || limits.total.is_some()
        || limits.per_day.is_some()
        || limits.budget_minor.is_some()
}
