//! The daily brief, as clients see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use rust_decimal::Decimal;

use super::today::{new_members, seen};
use crate::auth::model::Scope;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::{DecimalText, LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::overview::model::{ChannelBrief, Compared, Figures, Verdict, sentences};
use crate::overview::service::Told;

/// What is to be said of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Verdict")]
pub enum BriefVerdict {
    /// 正常: it lies where it usually does.
    Usual,
    /// 异常偏高: it lies above.
    UnusuallyHigh,
    /// 异常偏低: it lies below.
    UnusuallyLow,
    /// 数据不足: there are too few days to compare it with, or too few orders, or the day is not over.
    NotEnoughData,
}

plain_scalars!(BriefVerdict);

/// Declares a figure beside what is usual, in its own kind of value.
macro_rules! compared {
    ($(#[$doc:meta])* $object:ident: $ty:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $object {
            of: Compared,
            write: fn(i64, Currency) -> $ty,
            currency: Currency,
        }

        impl $object {
            fn written(&self, value: Option<i64>) -> Option<$ty> {
                value.map(|value| (self.write)(value, self.currency))
            }
        }

        plain_object! {
            $(#[$doc])*
            $object(self) {
                /// The day's figure; null where there is none, such as a share of nothing.
                value / "value": Option<$ty> = self.written(self.of.value);
                /// The median of the same weekday of the four weeks before; null where there were too few.
                usual / "usual": Option<$ty> = self.written(self.of.usual);
                /// By how much it lies above or below what is usual: `"0.25"` is 25 % more.
                change / "change": Option<DecimalText> = change(self.of);
                /// Where what is usual begins; null where nobody can say.
                low / "low": Option<$ty> = self.written(self.of.band.map(|(low, _)| low));
                /// Where what is usual ends; null where nobody can say.
                high / "high": Option<$ty> = self.written(self.of.band.map(|(_, high)| high));
                /// What is to be said of it.
                verdict / "verdict": BriefVerdict = self.of.verdict.into();
            }
        }
    };
}

compared! {
    /// A number of things beside what is usual.
    BriefCount: i64
}
compared! {
    /// An amount beside what is usual.
    BriefMoney: Money
}
compared! {
    /// A share beside what is usual: 0.25 is 25 %.
    BriefShare: DecimalText
}

fn change(of: Compared) -> Option<DecimalText> {
    let (value, usual) = (of.value?, of.usual?);
    let difference = Decimal::from(value) - Decimal::from(usual);
    let change = difference.checked_div(Decimal::from(usual))?;
    Some(DecimalText(change.round_dp(6).normalize()))
}

/// Figures of a day 当日指标, each beside the same weekday of weeks before.
#[derive(Debug, SimpleObject)]
pub struct BriefFigures {
    /// Orders that were made 下单数.
    pub orders: BriefCount,
    /// Orders that were paid 支付订单数.
    pub paid_orders: BriefCount,
    /// What was paid 实付金额.
    pub paid: BriefMoney,
    /// What was given back 退款金额.
    pub refunded: BriefMoney,
    /// What a paid order came to 客单价.
    pub average_order_value: BriefMoney,
    /// The share of orders made that were paid 支付成功率; judged from 20 orders on.
    pub success_rate: BriefShare,
}

fn figures(of: &Figures, currency: Currency) -> BriefFigures {
    let count = |of| BriefCount {
        of,
        write: |value, _| value,
        currency,
    };
    let money = |of| BriefMoney {
        of,
        write: Money::of_minor,
        currency,
    };
    BriefFigures {
        orders: count(of.orders),
        paid_orders: count(of.paid_orders),
        paid: money(of.paid),
        refunded: money(of.refunded),
        average_order_value: money(of.average),
        success_rate: BriefShare {
            of: of.success,
            write: |ppm, _| DecimalText(Decimal::new(ppm, 6).normalize()),
            currency,
        },
    }
}

/// A channel's day 渠道表现.
#[derive(Debug)]
pub struct BriefChannel {
    channel: Option<Arc<entity::channel::Model>>,
    brief: ChannelBrief,
    incidents: Option<usize>,
    currency: Currency,
}

/// A channel's day 渠道表现.
#[Object]
impl BriefChannel {
    /// The channel; null where it is not known any more.
    async fn channel(&self) -> Option<Lean<Channel>> {
        let row = self.channel.clone()?;
        Some(Lean(Channel { row }))
    }

    /// Its figures.
    async fn figures(&self) -> BriefFigures {
        figures(&self.brief.figures, self.currency)
    }

    /// How many incidents 故障 it had on the day. Needs `channels:read`; null with an error beside it
    /// otherwise.
    async fn incidents(&self, ctx: &Context<'_>) -> Nullable<i64> {
        let count = i64::try_from(self.incidents.unwrap_or_default()).unwrap_or(i64::MAX);
        Some(seen(ctx, Scope::ChannelsRead).map(|()| count))
    }
}

/// What waits to be done 待办, now. At most 10,000 of each are counted.
#[derive(Debug)]
pub struct BriefToDo(crate::overview::model::Waiting);

/// What waits to be done 待办, now. At most 10,000 of each are counted.
#[Object]
impl BriefToDo {
    /// Orders that are paid and not delivered 已支付未发货.
    async fn awaiting_shipment(&self) -> i64 {
        self.0.shipments
    }

    /// Refunds that a second person has to agree to 待审批退款. Needs `refunds:read`; null with an error
    /// beside it otherwise.
    async fn refunds_awaiting_approval(&self, ctx: &Context<'_>) -> Nullable<i64> {
        Some(seen(ctx, Scope::RefundsRead).map(|()| self.0.approvals.unwrap_or_default()))
    }

    /// Refunds that failed, or of which nobody knows, and that a person has to look at 异常退款. Needs
    /// `refunds:read`; null with an error beside it otherwise.
    async fn refunds_needing_attention(&self, ctx: &Context<'_>) -> Nullable<i64> {
        Some(seen(ctx, Scope::RefundsRead).map(|()| self.0.refunds.unwrap_or_default()))
    }

    /// What does not fit between payment platforms and here 对账差异. Needs `reconciliation:read`; null with
    /// an error beside it otherwise.
    async fn reconciliation_items(&self, ctx: &Context<'_>) -> Nullable<i64> {
        Some(seen(ctx, Scope::ReconciliationRead).map(|()| self.0.items.unwrap_or_default()))
    }

    /// Incidents of channels that are not over 未恢复故障. Needs `channels:read`; null with an error beside
    /// it otherwise.
    async fn incidents(&self, ctx: &Context<'_>) -> Nullable<i64> {
        Some(seen(ctx, Scope::ChannelsRead).map(|()| self.0.incidents.unwrap_or_default()))
    }

    /// Coupons that end within three days 即将到期的优惠券, and that nobody has used. Needs `campaigns:read`; null with
    /// an error beside it otherwise.
    async fn expiring_coupons(&self, ctx: &Context<'_>) -> Nullable<ExpiringCoupons> {
        Some(self.expiring(ctx).await)
    }
}

impl BriefToDo {
    async fn expiring(&self, ctx: &Context<'_>) -> Result<ExpiringCoupons, Error> {
        seen(ctx, Scope::CampaignsRead)?;
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        let soon = self.0.expiring.unwrap_or_default();
        Ok(ExpiringCoupons {
            count: soon.count,
            value: Money::of_minor(soon.value_minor, merchant.currency),
        })
    }
}

/// Coupons that end within three days 即将到期的优惠券.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct ExpiringCoupons {
    /// How many; at most 10,000 are counted.
    pub count: i64,
    /// What these take off at the most, as far as that can be said: of a discount without a cap, and of 每满减 without
    /// one, nothing is in it.
    pub value: Money,
}

/// A day in figures and in words.
#[derive(Debug)]
pub struct DailyBrief {
    pub(super) told: Told,
    pub(super) channels: Arc<Vec<Arc<entity::channel::Model>>>,
    pub(super) currency: Currency,
}

impl DailyBrief {
    fn channel(&self, id: entity::ChannelId) -> Option<&Arc<entity::channel::Model>> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    fn incidents(&self, id: entity::ChannelId) -> Option<usize> {
        let all = self.told.incidents.as_ref()?;
        Some(all.get(&id).copied().unwrap_or_default())
    }
}

/// A day in figures and in words 每日简报.
#[Object]
impl DailyBrief {
    /// Which day, in the time zone that the statistics follow: the merchant's, and after a change of it the one
    /// before until they are built anew.
    async fn on(&self) -> LocalDate {
        LocalDate(self.told.on)
    }

    /// Everything that happened before this is in the figures; null while the statistics are built for the
    /// first time.
    async fn as_of(&self) -> Option<Timestamp> {
        self.told.as_of.map(Timestamp::from)
    }

    /// What is worth reading, in sentences, in the language of `Accept-Language`: the sales, what is unusual,
    /// what broke, what waits.
    async fn summary(&self, ctx: &Context<'_>) -> Vec<String> {
        let brief = &self.told.brief;
        let name = |id| self.channel(id).map(|row| row.name.clone());
        let names = brief
            .channels
            .iter()
            .map(|it| name(it.channel_id).unwrap_or_default());
        let names: Vec<String> = names.collect();
        let broken = self.channels.iter().filter_map(|row| {
            let count = self.incidents(row.id).filter(|count| *count > 0)?;
            Some((row.name.clone(), count))
        });
        let (broken, waiting) = (broken.collect(), &self.told.waiting);
        sentences(brief, &names, &broken, waiting, self.currency, ctx.locale())
    }

    /// The day's figures.
    async fn figures(&self) -> BriefFigures {
        figures(&self.told.brief.figures, self.currency)
    }

    /// Members whose first payment of all was on the day 新会员.
    async fn new_members(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        new_members(ctx, self.told.range).await
    }

    /// The channels that were used on the day or on one of those that it is compared with, the one that
    /// brought most first.
    async fn channels(&self) -> Vec<BriefChannel> {
        let channels = self.told.brief.channels.iter().map(|brief| BriefChannel {
            channel: self.channel(brief.channel_id).cloned(),
            brief: brief.clone(),
            incidents: self.incidents(brief.channel_id),
            currency: self.currency,
        });
        channels.collect()
    }

    /// What waits to be done, now.
    async fn to_do(&self) -> BriefToDo {
        BriefToDo(self.told.waiting)
    }
}
