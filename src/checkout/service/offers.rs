//! What may be given to a cart: the merchant's campaigns, the coupons that were named, and those that the buyer has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{
    CampaignId, ChannelId, CouponId, CouponTemplateId, Day, Instant, MemberId, MerchantId, member,
};

use crate::app::App;
use crate::campaigns::model::{Rules, is_held_out};
use crate::campaigns::service::{Shown, shown};
use crate::checkout::model::{
    Buyer, Cart, CartLine, CodeProblem, Offer, OfferId, Taken, check_coupon,
};
use crate::coupons::model::read_code;
use crate::coupons::service::{Held, available_of, find_by_codes};
use crate::error::Error;
use crate::merchant;
use crate::offer_counters;

/// Who buys.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody is known.
    Nobody,
    /// Somebody of whom nothing is known yet.
    Newcomer,
    /// A member.
    Member(member::Model),
}

impl Who {
    fn id(&self) -> Option<MemberId> {
        match self {
            Self::Member(member) => Some(member.id),
            Self::Nobody | Self::Newcomer => None,
        }
    }

    fn buyer(&self) -> Option<Buyer> {
        let has_paid = match self {
            Self::Nobody => return None,
            Self::Newcomer => false,
            Self::Member(member) => member.first_paid_at.is_some(),
        };
        Some(Buyer { has_paid })
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
}

/// A coupon with its rules.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    /// The coupon and its template.
    pub held: Held,
    /// What it gives; copies of one coupon share it.
    pub rules: Arc<Rules>,
}

impl Ticket {
    /// As pricing takes it.
    pub fn offer(&self) -> Offer<'_> {
        let coupon = &self.held.coupon;
        Offer {
            id: OfferId::Coupon(coupon.id),
            from: coupon.valid_from.0,
            to: Some(coupon.valid_until.0),
            rules: &self.rules,
            taken: Taken::default(),
            held_out: false,
        }
    }
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
            member_id.is_some_and(|member| is_held_out(id, member, share))
        });
        let held_out = held_out.map(|it| it.row.id).collect();
        let mut reader = RulesReader::default();
        let known = find_by_codes(db, merchant_id, &basket.codes).await?;
        let (named, problems) = sort_out(known, &basket.codes, member_id, now, &mut reader)?;
        let own = match member_id.filter(|_| with_own) {
            None => Vec::new(),
            Some(member_id) => available_of(db, merchant_id, member_id, now).await?,
        };
        let own = own.into_iter().map(|held| reader.ticket(held));
        let own = own.collect::<Result<_, _>>()?;
        let cart = Cart {
            lines: basket.lines,
            channel: basket.channel,
            method: basket.method,
            buyer: basket.who.buyer(),
            at,
        };
        Ok(Self {
            cart,
            day,
            campaigns,
            taken,
            held_out,
            named,
            own,
            problems,
        })
    }

    /// The campaigns, as pricing takes them.
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
        offers.collect()
    }

    /// What the merchant calls an offer.
    pub fn name(&self, id: OfferId) -> Option<&str> {
        match id {
            OfferId::Campaign(id) => self.campaign(id).map(|it| it.row.name.as_str()),
            OfferId::Coupon(id) => self.ticket(id).map(|it| it.held.template.name.as_str()),
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

/// Tells the codes that can be used from those that cannot; one that is given twice counts once.
fn sort_out(
    known: Vec<Held>,
    codes: &[String],
    buyer: Option<MemberId>,
    now: Instant,
    reader: &mut RulesReader,
) -> Result<(Vec<Ticket>, Vec<(String, CodeProblem)>), Error> {
    let mut problems = Vec::new();
    let mut usable = HashSet::new();
    for given in codes {
        let code = read_code(given);
        let held = known
            .iter()
            .find(|held| Some(&held.coupon.code) == code.as_ref());
        let checked = match held {
            None => Err(CodeProblem::Unknown),
            Some(held) => check_coupon(&held.coupon, buyer, now).map(|()| held.coupon.id),
        };
        match checked {
            Ok(id) => {
                usable.insert(id);
            }
            Err(problem) => problems.push((given.clone(), problem)),
        }
    }
    let tickets = known
        .into_iter()
        .filter(|held| usable.contains(&held.coupon.id));
    let tickets = tickets.map(|held| reader.ticket(held));
    Ok((tickets.collect::<Result<_, _>>()?, problems))
}

/// Reads each template's rules once.
#[derive(Default)]
struct RulesReader(HashMap<CouponTemplateId, Arc<Rules>>);

impl RulesReader {
    fn ticket(&mut self, held: Held) -> Result<Ticket, Error> {
        let id = held.template.id;
        let rules = match self.0.get(&id) {
            Some(rules) => Arc::clone(rules),
            None => {
                let rules = Arc::new(Rules::of_text(&held.template.rules)?);
                self.0.insert(id, Arc::clone(&rules));
                rules
            }
        };
        Ok(Ticket { held, rules })
    }
}
