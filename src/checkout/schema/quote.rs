//! What a cart costs, and why, as clients see it.

use async_graphql::{ComplexObject, Context, SimpleObject};

use super::enums::{CouponProblemCode, NotAppliedCode, OfferKind, PointsProblemCode};
use super::redemption::campaign;
use crate::campaigns::schema::Campaign;
use crate::checkout::model::{NotApplied, OfferId};
use crate::checkout::service::Quote;
use crate::graphql::Nullable;
use crate::graphql::plain::Lean;
use crate::locale::Locale;
use crate::money::Money;

/// What a cart costs 试算: nothing is taken of anything by asking. The same cart, at the same moment, always costs the
/// same.
#[derive(Debug, SimpleObject)]
pub struct CheckoutQuote {
    /// The sum of the lines 商品金额.
    pub amount: Money,
    /// What comes off 优惠金额: by what is applied, and by points.
    pub discount: Money,
    /// What is to be paid 应付金额: `checkout.expectedPayable` of `orderCreate`.
    pub payable: Money,
    /// What each line costs, in the cart's order.
    pub lines: Vec<CheckoutLine>,
    /// What takes something off, in the order in which it does: campaigns, the discount of the member's tier, coupons.
    pub applied: Vec<CheckoutOffer>,
    /// What does not, and why: campaigns that run or are about to, the discount of the member's tier, and the coupons that
    /// were named.
    pub not_applied: Vec<CheckoutRefusedOffer>,
    /// The codes of the coupons that take most off 最优券组合: of those that the member has, and those that were named.
    pub best_coupons: Vec<String>,
    /// The codes that were named and cannot be used, whatever is in the cart.
    pub coupon_problems: Vec<CouponProblem>,
    /// The most points that could be used now 可用积分: of what the member has, and of what this cart takes. Null where no
    /// member is known.
    pub points_usable: Option<i64>,
    /// How many points are used 使用积分: never more than `pointsOff` asks for.
    pub points_used: i64,
    /// What they take off 积分抵扣, after coupons.
    pub points_off: Money,
    /// Why none are used, where some were asked for.
    pub points_problem: Option<PointsProblem>,
    /// How many points are earned by paying `payable` 可得积分, with the multiplier of the member's tier; null where nothing
    /// is earned at all: without a program of points, or where no member is known.
    pub points_to_earn: Option<i64>,
}

/// Why points are not used.
#[derive(Debug, SimpleObject)]
pub struct PointsProblem {
    /// Why, for programs.
    pub code: PointsProblemCode,
    /// Why, for the payer, in the language of `Accept-Language`.
    pub message: String,
}

/// What a line of a cart costs.
#[derive(Debug, SimpleObject)]
pub struct CheckoutLine {
    /// All of its pieces.
    pub amount: Money,
    /// Its share of what comes off 分摊优惠; the shares sum to it exactly.
    pub discount: Money,
    /// What is to be paid of it.
    pub payable: Money,
}

/// Something that takes a part off a cart.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct CheckoutOffer {
    #[graphql(skip)]
    id: OfferId,
    /// Whether it is a campaign, a coupon or a tier's discount.
    pub kind: OfferKind,
    /// What the merchant calls it; of a tier's discount, the tier's name.
    pub name: String,
    /// The coupon's code 券码, where it is one.
    pub coupon_code: Option<String>,
    /// What it takes off.
    pub off: Money,
}

#[ComplexObject]
impl CheckoutOffer {
    /// The campaign, where it is one; null, with an error beside it, for who lacks the scope `campaigns:read`.
    async fn campaign(&self, ctx: &Context<'_>) -> Nullable<Lean<Campaign>> {
        let OfferId::Campaign(id) = self.id else {
            return None;
        };
        campaign(ctx, id).await.transpose()
    }
}

/// Something that takes nothing off a cart.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct CheckoutRefusedOffer {
    #[graphql(skip)]
    id: OfferId,
    /// Whether it is a campaign, a coupon or a tier's discount.
    pub kind: OfferKind,
    /// What the merchant calls it; of a tier's discount, the tier's name.
    pub name: String,
    /// The coupon's code 券码, where it is one.
    pub coupon_code: Option<String>,
    /// Why, for programs.
    pub code: NotAppliedCode,
    /// Why, for the payer, in the language of `Accept-Language`.
    pub message: String,
    /// How much more in the cart is needed 还差, where that would help: at least, where others come before it and take
    /// their part of what is added.
    pub missing: Option<Money>,
}

#[ComplexObject]
impl CheckoutRefusedOffer {
    /// The campaign, where it is one; null, with an error beside it, for who lacks the scope `campaigns:read`.
    async fn campaign(&self, ctx: &Context<'_>) -> Nullable<Lean<Campaign>> {
        let OfferId::Campaign(id) = self.id else {
            return None;
        };
        campaign(ctx, id).await.transpose()
    }
}

/// A code that cannot be used.
#[derive(Debug, SimpleObject)]
pub struct CouponProblem {
    /// The code, as it was given.
    pub coupon_code: String,
    /// Why, for programs.
    pub code: CouponProblemCode,
    /// Why, for the payer, in the language of `Accept-Language`.
    pub message: String,
}

impl CheckoutQuote {
    /// A quote in a language.
    pub(super) fn told(quote: Quote, locale: Locale) -> Self {
        let money = |minor| Money::of_minor(minor, quote.currency);
        let name = |id: OfferId| quote.named.get(&id).cloned().unwrap_or_default();
        let price = &quote.price;
        let spending = &quote.points.spending;
        let shares = spending.shares.iter().copied();
        let shares = shares.chain(std::iter::repeat(0));
        let lines = quote.line_amounts.iter().zip(&price.line_offs).zip(shares);
        let lines = lines.map(|((amount, off), share)| CheckoutLine {
            amount: money(*amount),
            discount: money(off + share),
            payable: money(amount - off - share),
        });
        let applied = price.applied.iter().map(|it| {
            let (name, coupon_code) = name(it.id);
            CheckoutOffer {
                id: it.id,
                kind: it.id.into(),
                name,
                coupon_code,
                off: money(it.off_minor),
            }
        });
        let not_applied = price.not_applied.iter().map(|(id, why)| {
            let better = match why {
                NotApplied::BetterInGroup(better) => Some(name(*better).0),
                _ => None,
            };
            let problem = why.problem(quote.currency, better.as_deref());
            let (name, coupon_code) = name(*id);
            CheckoutRefusedOffer {
                id: *id,
                kind: (*id).into(),
                name,
                coupon_code,
                code: (*why).into(),
                message: problem.in_language(locale).to_owned(),
                missing: why.missing_minor().map(money),
            }
        });
        let problems = quote.problems.iter().map(|(code, problem)| CouponProblem {
            coupon_code: code.clone(),
            code: (*problem).into(),
            message: problem.problem().in_language(locale).to_owned(),
        });
        Self {
            amount: money(price.amount_minor),
            discount: money(price.off_minor + spending.off_minor),
            payable: money(price.payable_minor() - spending.off_minor),
            lines: lines.collect(),
            applied: applied.collect(),
            not_applied: not_applied.collect(),
            coupon_problems: problems.collect(),
            points_usable: quote.points.usable,
            points_used: spending.points,
            points_off: money(spending.off_minor),
            points_problem: quote.points.problem.map(|problem| PointsProblem {
                code: problem.into(),
                message: problem.problem().in_language(locale).to_owned(),
            }),
            points_to_earn: quote.points.to_earn,
            best_coupons: quote.best,
        }
    }
}
