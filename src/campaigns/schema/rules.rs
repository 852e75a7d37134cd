//! What a campaign or a coupon gives, on what, to whom and when, as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum};
use entity::{SegmentId, TierId};
use futures_util::future::try_join_all;
use rust_decimal::Decimal;

use crate::auth::model::Scope;
use crate::campaigns::model::{Audience, Benefit, Hours, Limits, Rules, Stacking, Step};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::DecimalText;
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::routing::schema::enums::{LocalTime, Weekday};
use crate::segments::schema::Segment;
use crate::tiers::schema::Tier;

/// What is given 优惠方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::campaign::BenefitKind")]
pub enum BenefitKind {
    /// 满减: an amount comes off from an amount on, in steps.
    FullReduction,
    /// 每满减: an amount comes off for every full amount.
    EveryFull,
    /// 折扣: a share comes off.
    Discount,
    /// 立减: a fixed amount comes off.
    Cash,
}

/// What a full refund of the order does with what an offer took off it 退款规则.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::campaign::RefundPolicy")]
pub enum RefundPolicy {
    /// 退还: what was taken of limits and budget, and the coupon, are given back.
    Restore,
    /// 不退还: they stay used.
    Keep,
}

plain_scalars!(BenefitKind, RefundPolicy);

/// Rules, with the currency of their amounts.
#[derive(Clone, Debug)]
pub struct OfferRules {
    rules: Arc<Rules>,
    currency: Currency,
}

impl OfferRules {
    /// Rules as they are kept.
    #[must_use]
    pub fn of(rules: Arc<Rules>, currency: Currency) -> Self {
        Self { rules, currency }
    }
}

plain_object! {
    /// What a campaign or a coupon gives, on what, to whom, when, and how often 优惠规则.
    OfferRules(self) {
        /// What is given 优惠方式.
        benefit / "benefit": Lean<OfferBenefit> = Lean(OfferBenefit {
            rules: Arc::clone(&self.rules),
            currency: self.currency,
        });
        /// On what it is given 适用范围.
        scope / "scope": Lean<OfferScope> = Lean(OfferScope(Arc::clone(&self.rules)));
        /// Whom it is given to 适用人群.
        audience / "audience": OfferAudience = OfferAudience(self.rules.audience.clone());
        /// When in the week it is given 适用时段, in the merchant's time zone; always where there are none.
        hours / "hours": Vec<OfferHours> = self.rules.hours.iter().copied().map(OfferHours).collect();
        /// How it stands beside others 叠加规则.
        stacking / "stacking": OfferStacking = OfferStacking(self.rules.stacking.clone());
        /// How often, and how much of it 限制.
        limits / "limits": OfferLimits = OfferLimits {
            limits: self.rules.limits.clone(),
            currency: self.currency,
        };
    }
}

/// What is given, with the currency of its amounts.
#[derive(Clone, Debug)]
pub struct OfferBenefit {
    rules: Arc<Rules>,
    currency: Currency,
}

impl OfferBenefit {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }

    fn all_steps(&self) -> Vec<OfferStep> {
        let steps = match &self.rules.benefit {
            Benefit::FullReduction(steps) => steps.as_slice(),
            Benefit::EveryFull { step, .. } => std::slice::from_ref(step),
            Benefit::Discount { .. } | Benefit::Cash { .. } => &[],
        };
        let currency = self.currency;
        steps
            .iter()
            .map(|step| OfferStep {
                step: *step,
                currency,
            })
            .collect()
    }

    fn most(&self) -> Option<Money> {
        match self.rules.benefit {
            Benefit::EveryFull { cap_minor, .. } | Benefit::Discount { cap_minor, .. } => {
                cap_minor.map(|minor| self.money(minor))
            }
            _ => None,
        }
    }

    fn discount(&self) -> Option<(i64, i64)> {
        match self.rules.benefit {
            Benefit::Discount {
                off_ppm,
                threshold_minor,
                ..
            } => Some((off_ppm, threshold_minor)),
            _ => None,
        }
    }

    fn cash(&self) -> Option<Money> {
        match self.rules.benefit {
            Benefit::Cash { off_minor } => Some(self.money(off_minor)),
            _ => None,
        }
    }
}

plain_object! {
    /// What is given 优惠方式: `kind` says which of the other fields tell of it.
    OfferBenefit(self) {
        /// In which way.
        kind / "kind": BenefitKind = self.rules.benefit.kind().into();
        /// FULL_REDUCTION: the steps 满减档位, of which the highest that is reached is given. EVERY_FULL: the one
        /// step that is given as often as it is reached. Otherwise none.
        steps / "steps": Vec<OfferStep> = self.all_steps();
        /// DISCOUNT: how many percent come off 减免百分比: "20" is 八折.
        percent_off / "percentOff": Option<DecimalText> =
            self.discount().map(|(ppm, _)| DecimalText(Decimal::new(ppm, 4).normalize()));
        /// DISCOUNT: from which amount on 门槛; zero is any.
        threshold / "threshold": Option<Money> = self.discount().map(|(_, minor)| self.money(minor));
        /// EVERY_FULL and DISCOUNT: the most that comes off 封顶; null is no cap.
        cap / "cap": Option<Money> = self.most();
        /// CASH: what comes off 减免金额.
        off / "off": Option<Money> = self.cash();
    }
}

/// A step, with the currency of its amounts.
#[derive(Clone, Copy, Debug)]
pub struct OfferStep {
    step: Step,
    currency: Currency,
}

plain_object! {
    /// One step of a reduction 满减档位.
    OfferStep(self) {
        /// From which amount on 门槛.
        threshold / "threshold": Money = Money::of_minor(self.step.threshold_minor, self.currency);
        /// What comes off 减免金额.
        off / "off": Money = Money::of_minor(self.step.off_minor, self.currency);
    }
}

/// On what it is given.
#[derive(Clone, Debug)]
pub struct OfferScope(Arc<Rules>);

impl OfferScope {
    fn names(list: &[String]) -> Vec<&str> {
        list.iter().map(String::as_str).collect()
    }
}

plain_object! {
    /// On what it is given 适用范围. Where neither products nor categories are named it is everything but what is
    /// excluded; where neither channels nor methods are named, however it is paid.
    OfferScope(self) {
        /// Products of these titles 指定商品.
        products / "products": Vec<&str> = Self::names(&self.0.scope.products);
        /// And products of these categories 指定品类.
        categories / "categories": Vec<&str> = Self::names(&self.0.scope.categories);
        /// But not products of these titles 排除商品.
        without_products / "withoutProducts": Vec<&str> = Self::names(&self.0.scope.without_products);
        /// Nor products of these categories 排除品类.
        without_categories / "withoutCategories": Vec<&str> = Self::names(&self.0.scope.without_categories);
        /// Or what is paid by these methods.
        methods / "methods": Vec<PaymentMethod> =
            self.0.scope.methods.iter().copied().map(PaymentMethod::from).collect();
    }
    {
        /// Only what is paid through these channels 指定支付渠道.
        async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<Lean<Channel>>, Error> {
            let ids = &self.0.scope.channels;
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let mut rows = loader.load_many(ids.iter().copied()).await?;
            let rows = ids.iter().filter_map(|id| rows.remove(id));
            Ok(rows.map(|row| Lean(Channel { row })).collect())
        }
    }
}

/// Whom it is given to.
#[derive(Clone, Debug)]
pub struct OfferAudience(Audience);

plain_object! {
    /// Whom it is given to 适用人群.
    OfferAudience(self) {
        /// Only known members 仅限会员.
        members / "members": bool = self.0.members;
        /// Only members who have paid for nothing yet 仅限新客; each of them once.
        newcomers / "newcomers": bool = self.0.newcomers;
    }
    {
        /// Only members of these tiers 指定等级; of any where there are none. Needs `members:read`.
        async fn tiers(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Tier>>> {
            Some(tiers_of(ctx, &self.0.tiers).await)
        }

        /// Only members of at least one of these segments 指定分群; of any where there are none. One that is not there any
        /// more is not among them, and nobody is in it. Needs `members:read`.
        async fn segments(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Segment>>> {
            Some(segments_of(ctx, &self.0.segments).await)
        }

        /// But not members of any of these segments 排除分群. Needs `members:read`.
        async fn without_segments(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Segment>>> {
            Some(segments_of(ctx, &self.0.without_segments).await)
        }
    }
}

/// Members, and what groups them, are seen by who may see members.
fn may_see_members(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::MembersRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

async fn tiers_of(ctx: &Context<'_>, ids: &[TierId]) -> Result<Vec<Lean<Tier>>, Error> {
    may_see_members(ctx)?;
    let tiers = ids.iter().map(|id| Tier::load(ctx, *id));
    let tiers = try_join_all(tiers).await?;
    Ok(tiers.into_iter().flatten().map(Lean).collect())
}

async fn segments_of(ctx: &Context<'_>, ids: &[SegmentId]) -> Result<Vec<Lean<Segment>>, Error> {
    may_see_members(ctx)?;
    let segments = ids.iter().map(|id| Segment::load(ctx, *id));
    let segments = try_join_all(segments).await?;
    Ok(segments.into_iter().flatten().map(Lean).collect())
}

/// When in the week it is given.
#[derive(Clone, Copy, Debug)]
pub struct OfferHours(Hours);

plain_object! {
    /// When in the week it is given 适用时段, in the merchant's time zone.
    OfferHours(self) {
        /// On these days. What goes on past midnight belongs to the day on which it began.
        weekdays / "weekdays": Vec<Weekday> = Weekday::of_bits(self.0.weekdays.into());
        /// From this time of the day on.
        from / "from": LocalTime = LocalTime(i16::try_from(self.0.from_minute).unwrap_or(0));
        /// Until before this time; before `from` it ends on the next day.
        until / "until": LocalTime = LocalTime(i16::try_from(self.0.to_minute).unwrap_or(1_440));
    }
}

/// How it stands beside others.
#[derive(Clone, Debug)]
pub struct OfferStacking(Stacking);

plain_object! {
    /// How it stands beside others 叠加规则.
    OfferStacking(self) {
        /// What comes first 优先级; the higher, the earlier.
        priority / "priority": i32 = i32::from(self.0.priority);
        /// Of a group one is given 互斥组: the one that would take most off the cart by itself. Null for none.
        group / "group": Option<&str> = self.0.group.as_deref();
        /// Whether it is given only where nothing else is 独享.
        exclusive / "exclusive": bool = self.0.exclusive;
    }
}

/// How often, with the currency of the budget.
#[derive(Clone, Debug)]
pub struct OfferLimits {
    limits: Limits,
    currency: Currency,
}

plain_object! {
    /// How often, and how much of it 限制. Null is no limit. Orders that wait to be paid count.
    OfferLimits(self) {
        /// For how many orders in all 总次数.
        total / "total": Option<i64> = self.limits.total;
        /// For how many orders of a day of the merchant 每日次数.
        per_day / "perDay": Option<i64> = self.limits.per_day;
        /// For how many orders of one member 每人次数.
        per_member / "perMember": Option<i64> = self.limits.per_member;
        /// What it may cost in all 预算: what is left of it is never overdrawn.
        budget / "budget": Option<Money> =
            self.limits.budget_minor.map(|minor| Money::of_minor(minor, self.currency));
    }
}
