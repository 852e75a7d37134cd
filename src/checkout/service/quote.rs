//! Prices carts: for who asks what something costs, and for orders that are to be made at their price.

use std::collections::HashMap;

use entity::redemption::OfferKind;
use entity::{CouponId, Day, MerchantId};

use super::offers::{Basket, Offers};
use super::tickets::Ticket;
use crate::app::App;
use crate::campaigns::model::Limits;
use crate::checkout::model::{
    Applied, CheckoutRefusal, CheckoutWish, CodeProblem, NotApplied, OfferId, Price, choose, price,
};
use crate::coupons::model::read_code;
use crate::error::Error;
use crate::merchant;
use crate::money::Currency;

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
    /// The currency.
    pub currency: Currency,
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
    let applied = price.applied.iter().map(|it| it.id);
    let told = applied.chain(price.not_applied.iter().map(|(id, _)| *id));
    let named = told.map(|id| {
        let name = offers.name(id).unwrap_or_default().to_owned();
        let code = match id {
            OfferId::Campaign(_) => None,
            OfferId::Coupon(id) => offers.ticket(id).map(|it| it.held.coupon.code.clone()),
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
        problems: offers.problems,
        currency: merchant.currency,
    })
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

/// An order's price, and what it takes.
#[derive(Clone, Debug)]
pub struct Priced {
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What comes off each line, in minor units.
    pub line_offs: Vec<i64>,
    pub(super) uses: Vec<Use>,
    pub(super) day: Day,
    /// Whether the buyer had paid for something before; none where nobody is known.
    pub(super) has_paid: Option<bool>,
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
    let kept = app.campaigns.get(&merchant_id).is_some();
    match price_once(app, merchant_id, basket.clone(), wish).await? {
        Err(_) if kept => {
            app.campaigns.invalidate(&merchant_id);
            price_once(app, merchant_id, basket, wish).await
        }
        priced => Ok(priced),
    }
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
    if price.payable_minor() != wish.expected_payable_minor {
        return Ok(Err(CheckoutRefusal::PriceChanged {
            payable_minor: price.payable_minor(),
            currency,
        }));
    }
    let missing = || Error::internal("what was applied was not offered");
    let uses = price.applied.into_iter();
    let uses = uses.map(|applied| use_of(&offers, applied).ok_or_else(missing));
    Ok(Ok(Priced {
        off_minor: price.off_minor,
        line_offs: price.line_offs,
        uses: uses.collect::<Result<_, _>>()?,
        day: offers.day,
        has_paid: offers.cart.buyer.map(|buyer| buyer.has_paid),
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
        OfferId::Campaign(_) => None,
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
    })
}
