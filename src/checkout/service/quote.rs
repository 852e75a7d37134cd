//! Prices carts: for who asks what something costs, and for orders that are to be made at their price.

use std::collections::HashMap;

use entity::redemption::OfferKind;
use entity::{CouponId, Day, MerchantId, TierId, member};

use super::offers::{Basket, Offers, Who};
use super::tickets::Ticket;
use crate::app::App;
use crate::campaigns::{self, model::Limits};
use crate::checkout::model::{
    Applied, CheckoutRefusal, CheckoutWish, CodeProblem, NotApplied, OfferId, PointsProblem, Price,
    Spending, choose, points, price,
};
use crate::coupons::model::read_code;
use crate::error::Error;
use crate::merchant;
use crate::money::Currency;
use crate::points::model::{EarnRule, ONE_PPM, earned};

/// What a cart costs, and why.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The price.
    pub price: Price,
    /// Each line's amount, in minor units.
    pub line_amounts: Vec<i64>,
    /// What the merchant calls the offers, and the codes of those that are coupons.
    pub named: HashMap<OfferId, (String, Option<String>)>,
    /// The codes of those of the buyer's coupons, and of those that were named, that take most off.
    pub best: Vec<String>,
    /// The codes that cannot be used, as they were given.
    pub problems: Vec<(String, CodeProblem)>,
    /// What points have to do with it.
    pub points: QuotedPoints,
    /// The currency.
    pub currency: Currency,
}

/// What points have to do with a cart.
#[derive(Clone, Debug, Default)]
pub struct QuotedPoints {
    /// The most that could be used now; none where nobody is known.
    pub usable: Option<i64>,
    /// Those that are used.
    pub spending: Spending,
    /// Why none are, where some were asked for.
    pub problem: Option<PointsProblem>,
    /// How many are earned by paying what is to be paid; none without a program, or where nobody is known.
    pub to_earn: Option<i64>,
}

/// Quotes a cart; nothing is taken of anything.
pub async fn quote(
    app: &App,
    merchant_id: MerchantId,
    basket: Basket,
    with_best: bool,
) -> Result<Quote, Error> {
    let merchant = merchant::find(app, merchant_id).await?;
    let offers = Offers::read(app, merchant_id, basket, with_best).await?;
    let campaigns = offers.of_campaigns();
    let chosen = offers.named.iter().map(Ticket::offer);
    let all: Vec<_> = campaigns.iter().copied().chain(chosen).collect();
    let price = price(&offers.cart, &all);
    let best = if with_best {
        best_of(&offers)
    } else {
        Vec::new()
    };
    let points = points_of(&offers, &price);
    let applied = price.applied.iter().map(|it| it.id);
    let told = applied.chain(price.not_applied.iter().map(|(id, _)| *id));
    let named = told.map(|id| {
        let name = offers.name(id).unwrap_or_default().to_owned();
        let code = match id {
            OfferId::Coupon(id) => offers.ticket(id).map(|it| it.held.coupon.code.clone()),
            OfferId::Campaign(_) | OfferId::Tier(_) => None,
        };
        (id, (name, code))
    });
    Ok(Quote {
        named: named.collect(),
        best,
        line_amounts: offers
            .cart
            .lines
            .iter()
            .map(|line| line.amount_minor)
            .collect(),
        price,
        points,
        problems: offers.problems,
        currency: merchant.currency,
    })
}

/// What points take off, and what is earned by paying the rest.
fn points_of(offers: &Offers, price: &Price) -> QuotedPoints {
    let (has, program) = (offers.who.points(), offers.program.as_ref());
    let usable = has.map(|has| points::usable(price.payable_minor(), has, program));
    let spent = match offers.points.filter(|points| *points > 0) {
        Some(wanted) => points::spend(&offers.cart, price, wanted, has, program),
        None => Ok(Spending::default()),
    };
    let (spending, problem) = match spent {
        Ok(spending) => (spending, None),
        Err(problem) => (Spending::default(), Some(problem)),
    };
    let multiplier = offers.tier.as_ref().map(|tier| tier.row.multiplier_ppm);
    let multiplier_ppm = multiplier.map_or(ONE_PPM, i64::from);
    let program = program.filter(|program| program.enabled);
    let to_earn = program.map(|program| {
        let paid = price.payable_minor() - spending.off_minor;
        earned(paid, EarnRule::of(program, multiplier_ppm))
    });
    QuotedPoints {
        usable,
        spending,
        problem,
        to_earn,
    }
}

fn best_of(offers: &Offers) -> Vec<String> {
    let mut candidates: Vec<_> = offers.named.iter().chain(&offers.own).collect();
    candidates.sort_unstable_by_key(|ticket| ticket.held.coupon.id);
    candidates.dedup_by_key(|ticket| ticket.held.coupon.id);
    let coupons: Vec<_> = candidates.iter().map(|ticket| ticket.offer()).collect();
    let best = choose(&offers.cart, &offers.of_campaigns(), &coupons);
    let codes = best.into_iter().filter_map(|id| offers.ticket(id));
    codes
        .map(|ticket| ticket.held.coupon.code.clone())
        .collect()
}

/// What an offer takes off an order, and what of it has to be taken.
#[derive(Clone, Debug)]
pub(super) struct Use {
    /// Which kind.
    pub offer: OfferKind,
    /// The campaign, or the template of the coupon.
    pub offer_id: i64,
    /// The version that was priced.
    pub version: i32,
    /// The coupon, where it is one.
    pub coupon_id: Option<CouponId>,
    /// Its limits; those of a member as rules mean them.
    pub limits: Limits,
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What of it falls to each line.
    pub shares: Vec<i64>,
}

/// What of a buyer decides what they are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Whether they had paid for something before.
    pub has_paid: bool,
    /// The tier that they had.
    pub tier: Option<TierId>,
}

impl Standing {
    /// Of a member.
    pub const fn of_member(member: &member::Model) -> Self {
        Self {
            has_paid: member.first_paid_at.is_some(),
            tier: member.tier_id,
        }
    }

    fn of(who: &Who) -> Option<Self> {
        match who {
            Who::Nobody => None,
            Who::Newcomer(_) => Some(Self {
                has_paid: false,
                tier: None,
            }),
            Who::Member(member) => Some(Self::of_member(member)),
        }
    }
}

/// An order's price, and what it takes.
#[derive(Clone, Debug)]
pub struct Priced {
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What comes off each line, in minor units.
    pub line_offs: Vec<i64>,
    pub(super) uses: Vec<Use>,
    pub(super) day: Day,
    /// The points that pay for a part, and by which version of the program.
    pub(super) points: Option<(Spending, i32)>,
    /// Who the buyer was; none where nobody is known.
    pub(super) standing: Option<Standing>,
}

/// Prices an order that is to be made; a refusal where it does not cost what the buyer was told, or a coupon that
/// they chose takes nothing off. Nobody is refused by campaigns as they were a moment ago: another instance may have
/// begun or paused one, and quoted by that.
pub async fn price_order(
    app: &App,
    merchant_id: MerchantId,
    basket: Basket,
    wish: &CheckoutWish,
) -> Result<Result<Priced, CheckoutRefusal>, Error> {
    let kept = campaigns::service::are_kept(app, merchant_id);
    match price_once(app, merchant_id, basket.clone(), wish).await? {
        Err(_) if kept => {
            forget_offers(app, merchant_id);
            price_once(app, merchant_id, basket, wish).await
        }
        priced => Ok(priced),
    }
}

/// Has what is given to everybody read again: it is not what is kept in memory any more.
pub fn forget_offers(app: &App, merchant_id: MerchantId) {
    campaigns::service::forget(app, merchant_id);
}

async fn price_once(
    app: &App,
    merchant_id: MerchantId,
    basket: Basket,
    wish: &CheckoutWish,
) -> Result<Result<Priced, CheckoutRefusal>, Error> {
    let currency = merchant::find(app, merchant_id).await?.currency;
    let offers = Offers::read(app, merchant_id, basket, false).await?;
    if let Some((code, problem)) = offers.problems.first() {
        return Ok(Err(CheckoutRefusal::CouponNotUsable {
            code: code.clone(),
            why: problem.problem(),
        }));
    }
    let mut all = offers.of_campaigns();
    all.extend(offers.named.iter().map(Ticket::offer));
    let price = price(&offers.cart, &all);
    if let Some(refusal) = unused(&offers, &price, &wish.coupon_codes, currency) {
        return Ok(Err(refusal));
    }
    let told = points_of(&offers, &price);
    if let Some(problem) = told.problem {
        return Ok(Err(problem.into()));
    }
    let spending = told.spending;
    let payable_minor = price.payable_minor() - spending.off_minor;
    if payable_minor != wish.expected_payable_minor {
        return Ok(Err(CheckoutRefusal::PriceChanged {
            payable_minor,
            currency,
        }));
    }
    let mut line_offs = price.line_offs;
    for (off, share) in line_offs.iter_mut().zip(&spending.shares) {
        *off += share;
    }
    let off_minor = price.off_minor + spending.off_minor;
    let version = offers.program.as_ref().map(|program| program.version);
    let points = version.filter(|_| spending.points > 0);
    let points = points.map(|version| (spending, version));
    let missing = || Error::internal("what was applied was not offered");
    let uses = price.applied.into_iter();
    let uses = uses.map(|applied| use_of(&offers, applied).ok_or_else(missing));
    Ok(Ok(Priced {
        off_minor,
        line_offs,
        points,
        uses: uses.collect::<Result<_, _>>()?,
        day: offers.day,
        standing: Standing::of(&offers.who),
    }))
}

/// The first coupon that was named and takes nothing off.
fn unused(
    offers: &Offers,
    price: &Price,
    codes: &[String],
    currency: Currency,
) -> Option<CheckoutRefusal> {
    let mut not_applied = price.not_applied.iter();
    let (ticket, why) = not_applied.find_map(|(id, why)| match id {
        OfferId::Coupon(id) => offers.ticket(*id).map(|ticket| (ticket, *why)),
        OfferId::Campaign(_) | OfferId::Tier(_) => None,
    })?;
    let code = &ticket.held.coupon.code;
    let given = codes
        .iter()
        .find(|given| read_code(given).as_ref() == Some(code));
    let better = match why {
        NotApplied::BetterInGroup(better) => offers.name(better),
        _ => None,
    };
    Some(CheckoutRefusal::CouponNotUsable {
        code: given.unwrap_or(code).clone(),
        why: why.problem(currency, better),
    })
}

fn use_of(offers: &Offers, applied: Applied) -> Option<Use> {
    let Applied {
        id,
        off_minor,
        shares,
    } = applied;
    Some(match id {
        OfferId::Campaign(id) => {
            let campaign = offers.campaign(id)?;
            Use {
                offer: OfferKind::Campaign,
                offer_id: id.0,
                version: campaign.row.version,
                coupon_id: None,
                limits: Limits {
                    per_member: campaign.rules.per_member(),
                    ..campaign.rules.limits.clone()
                },
                off_minor,
                shares,
            }
        }
        OfferId::Coupon(id) => {
            let ticket = offers.ticket(id)?;
            let held = &ticket.held;
            Use {
                offer: OfferKind::Coupon,
                offer_id: held.template.id.0,
                version: held.template.version,
                coupon_id: Some(id),
                limits: Limits {
                    per_member: ticket.rules.per_member(),
                    ..Limits::default()
                },
                off_minor,
                shares,
            }
        }
        OfferId::Tier(id) => Use {
            offer: OfferKind::Tier,
            offer_id: id.0,
            version: offers.tier.as_ref()?.row.version,
            coupon_id: None,
            limits: Limits::default(),
            off_minor,
            shares,
        },
    })
}
