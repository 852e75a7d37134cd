//! What a campaign brought, as clients see it.

use std::sync::Arc;

use async_graphql::Context;
use entity::campaign;
use entity::redemption::RedemptionState;
use rust_decimal::Decimal;

use super::effect_status::{EffectReason, EffectStatus};
use crate::auth::model::Scope;
use crate::campaigns::model::effect::{Baseline, Estimate, Group, HeldOut};
use crate::campaigns::service::effect::{self, Compared, EffectDay, Redeemed, Span};
use crate::campaigns::service::effect_groups::{self, Comparison};
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};

/// What effects and simulations tell of all orders of the merchant needs more than the campaign.
pub(super) fn needs_orders(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::OrdersRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

/// The effect of a campaign; null where it has not begun.
pub async fn of_campaign(
    ctx: &Context<'_>,
    row: &Arc<campaign::Model>,
    currency: Currency,
) -> Nullable<Lean<CampaignEffect>> {
    let found = async {
        needs_orders(ctx)?;
        effect::span(ctx.app(), row).await
    };
    let found = found.await.transpose()?;
    Some(found.map(|span| {
        Lean(CampaignEffect {
            row: Arc::clone(row),
            span,
            currency,
        })
    }))
}

/// What a campaign brought.
#[derive(Clone, Debug)]
pub struct CampaignEffect {
    row: Arc<campaign::Model>,
    span: Span,
    currency: Currency,
}

impl CampaignEffect {
    async fn redeemed(
        &self,
        ctx: &Context<'_>,
        state: RedemptionState,
    ) -> Nullable<Lean<CampaignEffectFigures>> {
        let told = effect::totals(ctx.app(), &self.row, state).await;
        Some(told.map(|redeemed| {
            Lean(CampaignEffectFigures {
                redeemed,
                currency: self.currency,
            })
        }))
    }
}

plain_object! {
    /// What a campaign brought 活动效果. Orders count on the merchant's day on which they were paid, as in
    /// `statistics`.
    CampaignEffect(self) {
        /// From when it was given.
        from / "from": Timestamp = Timestamp(self.span.from);
        /// Until when it was, or now.
        to / "to": Timestamp = Timestamp(self.span.to);
        /// Whether it is over: then nothing is added but late payments.
        is_over / "isOver": bool = self.span.is_over;
        /// Everything that happened before this is in what is compared 数据截至; null while the statistics are built.
        as_of / "asOf": Option<Timestamp> = self.span.as_of.map(Timestamp::from);
    }
    {
        /// The orders that had it and were paid 已核销, but those that were refunded in full and gave it back.
        async fn totals(&self, ctx: &Context<'_>) -> Nullable<Lean<CampaignEffectFigures>> {
            self.redeemed(ctx, RedemptionState::Committed).await
        }

        /// The orders that had it, were paid, refunded in full, and gave it back 已退回: they are not in `totals`.
        async fn given_back(&self, ctx: &Context<'_>) -> Nullable<Lean<CampaignEffectFigures>> {
            self.redeemed(ctx, RedemptionState::RolledBack).await
        }

        /// Its days, the last 366 at the most 按日. They sum to `totals`, where there are no more.
        async fn by_day(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<CampaignEffectDay>>> {
            let told = effect::days(ctx.app(), &self.row, &self.span).await;
            let shown = |day| {
                Lean(CampaignEffectDay {
                    day,
                    currency: self.currency,
                })
            };
            Some(told.map(|days| days.into_iter().map(shown).collect()))
        }

        /// What the merchant sold while it ran, against the same weekdays of the eight weeks before 基线对照: of the
        /// whole days that are over, the first 182 at the most.
        async fn baseline(&self, ctx: &Context<'_>) -> Nullable<Lean<CampaignBaseline>> {
            let told = effect::baseline(ctx.app(), &self.row, &self.span).await;
            Some(told.map(|compared| {
                Lean(CampaignBaseline {
                    compared,
                    currency: self.currency,
                })
            }))
        }

        /// What members bought who were given it, against those who were held out 对照组.
        async fn holdout(&self, ctx: &Context<'_>) -> Nullable<Lean<CampaignHoldout>> {
            let told = effect_groups::held_out(ctx.app(), &self.row, &self.span).await;
            Some(told.map(|comparison| {
                Lean(CampaignHoldout {
                    comparison,
                    currency: self.currency,
                })
            }))
        }
    }
}

/// Figures, with their currency.
#[derive(Clone, Copy, Debug)]
pub struct CampaignEffectFigures {
    redeemed: Redeemed,
    currency: Currency,
}

impl CampaignEffectFigures {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

plain_object! {
    /// What was redeemed of a campaign and paid 核销数据.
    CampaignEffectFigures(self) {
        /// How many orders 核销笔数.
        orders / "orders": i64 = self.redeemed.orders;
        /// How many different members these were of 参与会员数.
        participants / "participants": i64 = self.redeemed.members;
        /// How many orders named no member 非会员订单.
        orders_without_member / "ordersWithoutMember": i64 = self.redeemed.without_member;
        /// What was paid for them 实付金额, refunds not taken out.
        sales / "sales": Money = self.money(self.redeemed.sales_minor);
        /// What came off them through this campaign 优惠成本.
        discount_cost / "discountCost": Money = self.money(self.redeemed.discount_minor);
        /// What one of them came to 客单价; null where there are none.
        average_order_value / "averageOrderValue": Option<Money> =
            self.redeemed.average_minor().map(|minor| self.money(minor));
        /// For how many members one of them was the first order that they paid 新客数.
        new_members / "newMembers": i64 = self.redeemed.newcomers;
    }
}

/// A day, with its currency.
#[derive(Clone, Copy, Debug)]
pub struct CampaignEffectDay {
    day: EffectDay,
    currency: Currency,
}

impl CampaignEffectDay {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

plain_object! {
    /// A day of a campaign 活动日.
    CampaignEffectDay(self) {
        /// Which.
        on / "on": LocalDate = LocalDate(self.day.on);
        /// How many orders had it 核销笔数.
        orders / "orders": i64 = self.day.redeemed.orders;
        /// What was paid for them 实付金额.
        sales / "sales": Money = self.money(self.day.redeemed.sales_minor);
        /// What came off them through it 优惠成本.
        discount_cost / "discountCost": Money = self.money(self.day.redeemed.discount_minor);
        /// For how many members it was the first order that they paid 新客数.
        new_members / "newMembers": i64 = self.day.redeemed.newcomers;
        /// How many orders were paid on the day in all 全店支付笔数.
        all_orders / "allOrders": i64 = self.day.all.paid_orders;
        /// What was paid for them 全店实付金额.
        all_sales / "allSales": Money = self.money(self.day.all.paid_minor());
    }
}

/// An estimate of money, with its currency.
#[derive(Clone, Copy, Debug)]
pub struct MoneyEstimate {
    of: Estimate,
    currency: Currency,
}

plain_object! {
    /// An estimate 估计值, and the interval that holds the truth in 95 of 100 such cases 95% 置信区间, if nothing but
    /// chance was different.
    MoneyEstimate(self) {
        /// The estimate.
        value / "value": Money = Money::of_minor(self.of.value, self.currency);
        /// The interval's lower end.
        low / "low": Money = Money::of_minor(self.of.low, self.currency);
        /// The interval's upper end.
        high / "high": Money = Money::of_minor(self.of.high, self.currency);
    }
}

/// An estimate in percent.
#[derive(Clone, Copy, Debug)]
pub struct PercentEstimate(Estimate);

/// Millionths in percent, with two decimals at the most.
fn percent(ppm: i64) -> DecimalText {
    let hundredths = Decimal::new(ppm, 4).round_dp(2);
    DecimalText(hundredths.normalize())
}

plain_object! {
    /// An estimate in percent, and the interval that holds the truth in 95 of 100 such cases: `"12.5"` is 12.5 %.
    PercentEstimate(self) {
        /// The estimate.
        value / "value": DecimalText = percent(self.0.value);
        /// The interval's lower end.
        low / "low": DecimalText = percent(self.0.low);
        /// The interval's upper end.
        high / "high": DecimalText = percent(self.0.high);
    }
}

/// A comparison with the weeks before, with its currency.
#[derive(Clone, Copy, Debug)]
pub struct CampaignBaseline {
    compared: Compared,
    currency: Currency,
}

impl CampaignBaseline {
    fn told(&self) -> Option<Baseline> {
        self.compared.baseline.ok()
    }

    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

/// A number of days.
fn days(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

plain_object! {
    /// What was sold while a campaign ran, against what was to be expected 基线对照: of each of its days, the mean of
    /// the same weekday in the eight weeks before. It cannot tell the campaign from what else was new on these days:
    /// a holiday, the weather, another campaign, a trend.
    CampaignBaseline(self) {
        /// Whether anything can be said.
        status / "status": EffectStatus = match self.compared.baseline {
            Ok(_) => EffectStatus::Told,
            Err(_) => EffectStatus::NotEnoughData,
        };
        /// Why not; null where it can.
        reason / "reason": Option<EffectReason> = self.compared.baseline.err().map(Into::into);
        /// The first whole day of the campaign.
        from / "from": LocalDate = LocalDate(self.compared.from);
        /// How many whole days are compared, from there on.
        days / "days": i64 = days(self.compared.days);
        /// The first day before it that is looked at.
        before_from / "beforeFrom": LocalDate = LocalDate(self.compared.before_from);
        /// How many days before it are looked at: fewer than 56 where the merchant began to sell later.
        days_before / "daysBefore": i64 = days(self.compared.days_before);
        /// What was to be expected 预期销售额; null where it cannot be said.
        expected / "expected": Option<Money> =
            self.told().map(|it| self.money(it.expected_minor));
        /// What was paid in all 实际销售额: PAID of `statistics` for the same days.
        actual / "actual": Option<Money> = self.told().map(|it| self.money(it.actual_minor));
        /// How much more that is 增量销售额, below zero where it is less. Where the interval holds zero, it may be
        /// chance.
        uplift / "uplift": Option<MoneyEstimate> = self.told().map(|it| MoneyEstimate {
            of: it.uplift_minor,
            currency: self.currency,
        });
        /// The same in percent of what was expected.
        uplift_percent / "upliftPercent": Option<PercentEstimate> =
            self.told().map(|it| PercentEstimate(it.uplift_ppm));
    }
}

/// A comparison of members, with its currency.
#[derive(Clone, Copy, Debug)]
pub struct CampaignHoldout {
    comparison: Comparison,
    currency: Currency,
}

impl CampaignHoldout {
    fn told(&self) -> Option<HeldOut> {
        match self.comparison {
            Comparison::Told(told) => Some(told),
            Comparison::NobodyHeldOut | Comparison::ShareChanged => None,
        }
    }

    fn hindrance(&self) -> Option<EffectReason> {
        match self.comparison {
            Comparison::NobodyHeldOut => Some(EffectReason::NobodyHeldOut),
            Comparison::ShareChanged => Some(EffectReason::ShareChanged),
            Comparison::Told(told) => {
                let few = told.difference_minor.is_err();
                few.then_some(EffectReason::TooFewBuyers)
            }
        }
    }

    fn group(&self, of: impl Fn(HeldOut) -> Group) -> Option<CampaignHoldoutGroup> {
        self.told().map(|told| CampaignHoldoutGroup {
            group: of(told),
            currency: self.currency,
        })
    }
}

plain_object! {
    /// Members who were given a campaign, against those whom a hash held out of it 对照组: all who were known before it
    /// began, whether they bought or not. Nothing but chance divides them.
    CampaignHoldout(self) {
        /// Whether anything can be said.
        status / "status": EffectStatus = match self.hindrance() {
            None => EffectStatus::Told,
            Some(_) => EffectStatus::NotEnoughData,
        };
        /// Why not; null where it can.
        reason / "reason": Option<EffectReason> = self.hindrance();
        /// Those who were given it 实验组; null where nobody is held out.
        given / "given": Option<CampaignHoldoutGroup> = self.group(|told| told.given);
        /// Those who were held out 对照组; null where nobody is.
        held_out / "heldOut": Option<CampaignHoldoutGroup> = self.group(|told| told.held_out);
        /// How much more each of those bought who were given it 人均增量. Where the interval holds zero, it may be
        /// chance. Null where it cannot be said.
        difference / "difference": Option<MoneyEstimate> = self
            .told()
            .and_then(|told| told.difference_minor.ok())
            .map(|of| MoneyEstimate { of, currency: self.currency });
    }
}

/// A group, with its currency.
#[derive(Clone, Copy, Debug)]
pub struct CampaignHoldoutGroup {
    group: Group,
    currency: Currency,
}

plain_object! {
    /// A group of members.
    CampaignHoldoutGroup(self) {
        /// How many members.
        members / "members": i64 = self.group.members;
        /// How many of them paid for anything while it ran.
        buyers / "buyers": i64 = self.group.buyers;
        /// What they paid in all.
        sales / "sales": Money = Money::of_minor(self.group.paid_minor, self.currency);
        /// What that is for each member 人均销售额, also of those who did not buy.
        sales_per_member / "salesPerMember": Money =
            Money::of_minor(self.group.per_member_minor, self.currency);
    }
}
