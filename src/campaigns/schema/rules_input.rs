//! What clients send about what a campaign or a coupon gives.

use std::str::FromStr;

use async_graphql::{ID, InputObject, OneofObject};
use rust_decimal::Decimal;

use crate::campaigns::model::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};
use crate::channels::schema::PaymentMethod;
use crate::graphql::scalars::{DecimalText, MoneyInput, read_id};
use crate::invalid::Invalid;
use crate::money::Currency;
use crate::orders::schema::inputs::read_money;
use crate::routing::schema::enums::{LocalTime, Weekday};

/// What is to be given 优惠方式: exactly one way.
#[derive(Clone, Debug, OneofObject)]
pub enum OfferBenefitInput {
    /// 满减: an amount comes off from an amount on.
    FullReduction(FullReductionInput),
    /// 每满减: an amount comes off for every full amount.
    EveryFull(EveryFullInput),
    /// 折扣: a share comes off.
    Discount(DiscountInput),
    /// 立减: a fixed amount comes off, or what is left where that is less.
    Cash(CashInput),
}

/// A full reduction 满减.
#[derive(Clone, Debug, InputObject)]
pub struct FullReductionInput {
    /// 1 to 20 steps; each asks for more than the one before, and takes more off.
    pub steps: Vec<OfferStepInput>,
}

/// One step of a full reduction 满减档位: 满 100 减 20.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct OfferStepInput {
    /// From which amount on.
    pub threshold: MoneyInput,
    /// What comes off: less than the threshold.
    pub off: MoneyInput,
}

/// A reduction for every full amount 每满减: 每满 100 减 10.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct EveryFullInput {
    /// For every how much.
    pub threshold: MoneyInput,
    /// What comes off each time: less than the threshold.
    pub off: MoneyInput,
    /// The most that comes off in all; no cap where it is missing.
    pub cap: Option<MoneyInput>,
}

/// A discount 折扣.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct DiscountInput {
    /// How many percent come off, more than 0 and less than 100, at most 4 decimals: "20" is 八折.
    pub percent_off: DecimalText,
    /// From which amount on; any where it is missing.
    pub threshold: Option<MoneyInput>,
    /// The most that comes off; no cap where it is missing.
    pub cap: Option<MoneyInput>,
}

/// A fixed amount 立减.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CashInput {
    /// What comes off.
    pub off: MoneyInput,
}

/// On what it is to be given 适用范围; everything that is missing restricts nothing.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferScopeInput {
    /// Products of these titles, at most 100.
    #[graphql(default)]
    pub products: Vec<String>,
    /// And products of these categories, at most 100.
    #[graphql(default)]
    pub categories: Vec<String>,
    /// But not products of these titles, at most 100.
    #[graphql(default)]
    pub without_products: Vec<String>,
    /// Nor products of these categories, at most 100.
    #[graphql(default)]
    pub without_categories: Vec<String>,
    /// Only what is paid through these channels. It is given only where the order, or the quote, names the channel.
    #[graphql(default)]
    pub channel_ids: Vec<ID>,
    /// Or what is paid by these methods. It is given only where the method, or a channel, is named.
    #[graphql(default)]
    pub methods: Vec<PaymentMethod>,
}

/// Whom it is to be given to 适用人群; everybody where nothing is said. All that is said must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferAudienceInput {
    /// Only known members.
    #[graphql(default)]
    pub members: bool,
    /// Only members who have paid for nothing yet; each of them once.
    #[graphql(default)]
    pub newcomers: bool,
    /// Only members of these tiers 指定等级, at most 20.
    #[graphql(default)]
    pub tier_ids: Vec<ID>,
    /// Only members of at least one of these segments 指定分群, at most 20.
    #[graphql(default)]
    pub segment_ids: Vec<ID>,
    /// But not members of any of these segments 排除分群, at most 20. Who is not known is in none.
    #[graphql(default)]
    pub without_segment_ids: Vec<ID>,
}

/// When in the week it is to be given 适用时段, in the merchant's time zone.
#[derive(Clone, Debug, InputObject)]
pub struct OfferHoursInput {
    /// On these days; on all where it is missing.
    pub weekdays: Option<Vec<Weekday>>,
    /// From this time of the day on; its begin where it is missing.
    pub from: Option<LocalTime>,
    /// Until before this time; the day's end where it is missing. Before `from` it means the next day.
    pub until: Option<LocalTime>,
}

/// How it is to stand beside others 叠加规则.
#[derive(Clone, Debug, Default, InputObject)]
pub struct OfferStackingInput {
    /// What comes first, -1000 to 1000; the higher, the earlier.
    #[graphql(default)]
    pub priority: i32,
    /// Of a group one is given: the one that would take most off the cart by itself. At most 40 characters.
    pub group: Option<String>,
    /// Whether it is given only where nothing else is.
    #[graphql(default)]
    pub exclusive: bool,
}

/// How often, and how much of it 限制; no limit where one is missing.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct OfferLimitsInput {
    /// For how many orders in all.
    pub total: Option<i32>,
    /// For how many orders of a day of the merchant.
    pub per_day: Option<i32>,
    /// For how many orders of one member; only known members are given it then.
    pub per_member: Option<i32>,
    /// What it may cost in all 预算.
    pub budget: Option<MoneyInput>,
}

/// What a campaign or a coupon is to give, in full 优惠规则: what is left out restricts nothing.
#[derive(Clone, Debug, InputObject)]
pub struct OfferRulesInput {
    /// What is given.
    pub benefit: OfferBenefitInput,
    /// On what.
    pub scope: Option<OfferScopeInput>,
    /// To whom.
    pub audience: Option<OfferAudienceInput>,
    /// When in the week, at most 21 spans; always where there are none.
    #[graphql(default)]
    pub hours: Vec<OfferHoursInput>,
    /// Beside what.
    pub stacking: Option<OfferStackingInput>,
    /// How often.
    pub limits: Option<OfferLimitsInput>,
}

impl OfferRulesInput {
    /// Reads the rules and checks them; what cannot be meant is named by its path under `rules`. Whether
    /// channels, tiers and segments are the merchant's is the service's to say.
    pub fn read(self, currency: Currency) -> Result<Rules, Invalid> {
        let hours = self.hours.iter().map(OfferHoursInput::read).collect();
        let rules = Rules {
            benefit: self.benefit.read(currency)?,
            scope: self.scope.unwrap_or_default().read()?,
            audience: self.audience.unwrap_or_default().read()?,
            hours,
            stacking: self.stacking.unwrap_or_default().read()?,
            limits: self.limits.unwrap_or_default().read(currency)?,
        };
        rules.check()?;
        Ok(rules)
    }
}

impl OfferBenefitInput {
    fn read(self, currency: Currency) -> Result<Benefit, Invalid> {
        let money = |field: &str, input: MoneyInput| -> Result<i64, Invalid> {
            Ok(read_money(
                input,
                &format!("rules.benefit.{field}"),
                currency,
            )?)
        };
        let maybe = |field: &str, input: Option<MoneyInput>| {
            input.map(|input| money(field, input)).transpose()
        };
        Ok(match self {
            Self::FullReduction(input) => {
                let steps = input.steps.iter().enumerate().map(|(place, step)| {
                    let field = |name: &str| format!("fullReduction.steps.{place}.{name}");
                    Ok(Step {
                        threshold_minor: money(&field("threshold"), step.threshold)?,
                        off_minor: money(&field("off"), step.off)?,
                    })
                });
                Benefit::FullReduction(steps.collect::<Result<_, Invalid>>()?)
            }
            Self::EveryFull(input) => Benefit::EveryFull {
                step: Step {
                    threshold_minor: money("everyFull.threshold", input.threshold)?,
                    off_minor: money("everyFull.off", input.off)?,
                },
                cap_minor: maybe("everyFull.cap", input.cap)?,
            },
            Self::Discount(input) => Benefit::Discount {
                off_ppm: scaled("rules.benefit.discount.percentOff", input.percent_off, 4)?,
                threshold_minor: maybe("discount.threshold", input.threshold)?.unwrap_or(0),
                cap_minor: maybe("discount.cap", input.cap)?,
            },
            Self::Cash(input) => Benefit::Cash {
                off_minor: money("cash.off", input.off)?,
            },
        })
    }
}

/// A decimal as a whole number of its last place.
pub(crate) fn scaled(field: &str, given: DecimalText, places: u32) -> Result<i64, Invalid> {
    let mut scaled = given.0.normalize();
    let is_exact = scaled.scale() <= places;
    scaled.rescale(places);
    let whole = i64::try_from(scaled.mantissa()).ok();
    let is_whole = is_exact && scaled.scale() == places && scaled < Decimal::ONE_THOUSAND;
    whole.filter(|_| is_whole).ok_or_else(|| {
        Invalid::new(
            field,
            format!("is less than 1000 and has at most {places} decimals."),
            format!("须小于 1000，且最多 {places} 位小数。"),
        )
    })
}

impl OfferScopeInput {
    fn read(self) -> Result<Scope, Invalid> {
        let ids = self.channel_ids.iter().enumerate();
        let channels = ids.map(|(place, id)| {
            let field = format!("rules.scope.channelIds.{place}");
            Ok(read_id(&field, id)?)
        });
        Ok(Scope {
            channels: channels.collect::<Result<_, Invalid>>()?,
            methods: self.methods.into_iter().map(Into::into).collect(),
            products: self.products,
            categories: self.categories,
            without_products: self.without_products,
            without_categories: self.without_categories,
        })
    }
}

/// Ids of an audience's list.
fn read_ids<T: FromStr>(name: &str, ids: &[ID]) -> Result<Vec<T>, Invalid> {
    let ids = ids.iter().enumerate();
    let ids = ids.map(|(place, id)| Ok(read_id(&format!("rules.audience.{name}.{place}"), id)?));
    ids.collect()
}

impl OfferAudienceInput {
    fn read(self) -> Result<Audience, Invalid> {
        Ok(Audience {
            members: self.members,
            newcomers: self.newcomers,
            tiers: read_ids("tierIds", &self.tier_ids)?,
            segments: read_ids("segmentIds", &self.segment_ids)?,
            without_segments: read_ids("withoutSegmentIds", &self.without_segment_ids)?,
        })
    }
}

impl OfferHoursInput {
    fn read(&self) -> Hours {
        const DAY: u16 = 1_440;
        let minute =
            |time: Option<LocalTime>| time.map_or(0, |time| u16::try_from(time.0).unwrap_or(0));
        let days = self.weekdays.as_deref();
        Hours {
            weekdays: days.map_or(127, |days| {
                u8::try_from(Weekday::bits(days)).unwrap_or_default()
            }),
            // Midnight is both: a begin where it begins something, an end where it ends something.
            from_minute: minute(self.from) % DAY,
            to_minute: match minute(self.until) {
                0 => DAY,
                minute => minute,
            },
        }
    }
}

impl OfferStackingInput {
    fn read(self) -> Result<Stacking, Invalid> {
        let priority = i16::try_from(self.priority);
        Ok(Stacking {
            priority: priority.map_err(|_| {
                let field = "rules.stacking.priority";
                Invalid::new(field, "is from -1000 to 1000.", "须为 -1000 至 1000。")
            })?,
            group: self.group,
            exclusive: self.exclusive,
        })
    }
}

impl OfferLimitsInput {
    fn read(self, currency: Currency) -> Result<Limits, Invalid> {
        let budget = self.budget;
        let budget = budget.map(|budget| read_money(budget, "rules.limits.budget", currency));
        Ok(Limits {
            total: self.total.map(i64::from),
            per_day: self.per_day.map(i64::from),
            per_member: self.per_member.map(i64::from),
            budget_minor: budget.transpose()?,
        })
    }
}
