//! What has happened to a member, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum};
use entity::{CouponId, OrderId, RefundId, member};

use super::personal::noted;
use crate::auth::model::{Actor, Scope};
use crate::coupons::loader::CouponLoader;
use crate::coupons::schema::Coupon;
use crate::error::{Error, Problem};
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::locale::Locale;
use crate::members::model::{
    Source, name_of_change, name_of_gift, name_of_points, name_of_reward, name_of_source,
    name_of_tier,
};
use crate::members::service::{self, Happened, Named, What};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::paging::Paging;
use crate::refunds::loader::RefundLoader;
use crate::refunds::schema::Refund;

/// What kind of thing has happened to a member 事件类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::members::model::Source")]
pub enum MemberTimelineKind {
    /// 支付: an order of theirs was paid.
    Paid,
    /// 退款: a refund of an order of theirs succeeded.
    Refunded,
    /// 获得优惠券: a coupon was handed out to them.
    CouponGiven,
    /// 使用优惠券: an order with a coupon of theirs was paid.
    CouponUsed,
    /// 积分: their points changed.
    Points,
    /// 等级: their tier changed, or was kept.
    Tier,
    /// 兑换: they took a reward; whether it was handed over or called off since stands in `title`.
    Reward,
    /// 赠礼: they were given something for a day of theirs.
    Granted,
    /// 消息: they were written to.
    Message,
    /// 资料: who they are was changed, or whether they want to be written to.
    Profile,
}

plain_scalars!(MemberTimelineKind);

/// Something that has happened to a member.
#[derive(Debug)]
pub struct MemberTimelineEntry {
    kind: MemberTimelineKind,
    at: Timestamp,
    title: String,
    name: Option<String>,
    points: Option<i64>,
    pending_points: Option<i64>,
    fields: Option<Vec<String>>,
    note: Option<String>,
    order: Option<OrderId>,
    refund: Option<RefundId>,
    coupon: Option<CouponId>,
}

impl MemberTimelineEntry {
    fn of(happened: Happened, locale: Locale) -> Self {
        let source = happened.place.source;
        let mut entry = Self {
            kind: source.into(),
            at: Timestamp::from(happened.place.at()),
            title: said(&name_of_source(source), locale),
            name: None,
            points: None,
            pending_points: None,
            fields: None,
            note: None,
            order: None,
            refund: None,
            coupon: None,
        };
        entry.tell(happened.what, locale);
        entry
    }

    fn tell(&mut self, what: What, locale: Locale) {
        match what {
            What::Paid(id) => self.order = Some(id),
            What::Refunded(id, order) => {
                self.refund = Some(id);
                self.order = Some(order);
            }
            What::CouponGiven(id) => self.coupon = Some(id),
            What::CouponUsed(id, order) => {
                self.coupon = Some(id);
                self.order = order;
            }
            What::Points(row) => {
                self.title = said(&name_of_points(row.kind), locale);
                self.points = Some(row.points);
                self.pending_points = Some(row.pending);
                self.note = row.note;
            }
            What::Tier(row, name) => {
                self.title = said(&name_of_tier(row.reason), locale);
                self.name = named(name, locale);
                self.note = row.note;
            }
            What::Reward(row, name) => {
                // What it took is an entry of its own, as what came back where it was called off.
                self.title = said(&name_of_reward(row.state), locale);
                self.name = named(name, locale);
                self.coupon = row.coupon_id;
                self.note = row.note;
            }
            What::Granted(row) => {
                // The points of it are an entry of their own.
                self.title = said(&name_of_gift(row.kind), locale);
                self.coupon = row.coupon_id;
            }
            What::Message(name) => self.name = named(name, locale),
            What::Profile(row) => {
                self.title = said(&name_of_change(row.kind), locale);
                let fields = row.fields.split(',').filter(|field| !field.is_empty());
                self.fields = Some(fields.map(str::to_owned).collect());
                self.note = row.note;
            }
        }
    }
}

fn said(problem: &Problem, locale: Locale) -> String {
    problem.in_language(locale).to_owned()
}

fn named(name: Option<Named>, locale: Locale) -> Option<String> {
    let (name, en) = name?;
    Some(match locale {
        Locale::En => en.unwrap_or(name),
        Locale::ZhCn => name,
    })
}

/// What the reader may see beside members themselves.
fn sources_of(actor: &Actor) -> Vec<Source> {
    let may = |source: &Source| match source {
        Source::Paid => actor.may(Scope::OrdersRead),
        Source::Refunded => actor.may(Scope::OrdersRead) && actor.may(Scope::RefundsRead),
        Source::CouponGiven | Source::CouponUsed => actor.may(Scope::CampaignsRead),
        _ => true,
    };
    Source::ALL.into_iter().filter(may).collect()
}

/// A page of what has happened to a member.
pub(super) async fn timeline_of(
    ctx: &Context<'_>,
    member: &member::Model,
    paging: Result<Paging, Error>,
) -> Result<Lean<MemberTimelineConnection>, Error> {
    let (actor, locale, paging) = (ctx.actor()?, ctx.locale(), paging?);
    let page = service::timeline(ctx.app(), member, &sources_of(actor), &paging).await?;
    Ok(Lean(MemberTimelineConnection::page(
        page,
        |happened| happened.place.to_string(),
        |happened| Lean(MemberTimelineEntry::of(happened, locale)),
    )))
}

fn may(ctx: &Context<'_>, scope: Scope) -> Result<bool, Error> {
    Ok(ctx.actor()?.may(scope))
}

/// What the reader may not see is left out: rewards and gifts tell of coupons to whoever may see members.
async fn coupon_of(ctx: &Context<'_>, id: Option<CouponId>) -> Result<Option<Lean<Coupon>>, Error> {
    let Some(id) = id.filter(|_| may(ctx, Scope::CampaignsRead).unwrap_or(false)) else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<CouponLoader>>();
    let row = loader.load_one(id).await?;
    let now = ctx.app().clock.instant();
    Ok(row.map(|row| Lean(Coupon::of(row, now))))
}

async fn order_of(ctx: &Context<'_>, id: Option<OrderId>) -> Result<Option<Lean<Order>>, Error> {
    let Some(id) = id.filter(|_| may(ctx, Scope::OrdersRead).unwrap_or(false)) else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
    let row = loader.load_one(FullOrder(id)).await?;
    Ok(row.map(|row| Lean(row.into())))
}

async fn refund_of(ctx: &Context<'_>, id: Option<RefundId>) -> Result<Option<Lean<Refund>>, Error> {
    let Some(id) = id.filter(|_| may(ctx, Scope::RefundsRead).unwrap_or(false)) else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<RefundLoader>>();
    let row = loader.load_one(id).await?;
    Ok(row.map(|row| Lean(row.into())))
}

plain_object! {
    /// Something that has happened to a member 会员时间线.
    MemberTimelineEntry(self) {
        /// What kind of thing.
        kind / "kind": MemberTimelineKind = self.kind;
        /// When.
        at / "at": Timestamp = self.at;
        /// What has happened, for people, in the language of `Accept-Language`.
        title / "title": &str = self.title.as_str();
        /// What the tier, the reward or the message is called; null where it is none of these.
        name / "name": Option<&str> = self.name.as_deref();
        /// By how many the points that can be spent have changed 积分; null where it is not about points. What a reward
        /// took and what a gift brought is an entry of its own, of the kind POINTS: summed up, none counts twice.
        points / "points": Option<i64> = self.points;
        /// By how many the points that cannot be spent yet have changed 冻结积分; null where it is not about points.
        pending_points / "pendingPoints": Option<i64> = self.pending_points;
        /// Which fields of the profile were changed; null where none were.
        fields / "fields": Option<&Vec<String>> = self.fields.as_ref();
    }
    {
        /// What somebody noted of it 备注; `***` without `personal:read`.
        async fn note(&self, ctx: &Context<'_>) -> Nullable<String> {
            noted(ctx, self.note.as_deref()).transpose()
        }

        /// The order, where it is about one. Null without `orders:read`.
        async fn order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            order_of(ctx, self.order).await.transpose()
        }

        /// The refund, where it is about one. Null without `refunds:read`.
        async fn refund(&self, ctx: &Context<'_>) -> Nullable<Lean<Refund>> {
            refund_of(ctx, self.refund).await.transpose()
        }

        /// The coupon, where it is about one. Null without `campaigns:read`.
        async fn coupon(&self, ctx: &Context<'_>) -> Nullable<Lean<Coupon>> {
            coupon_of(ctx, self.coupon).await.transpose()
        }
    }
}

connection! {
    /// What has happened to a member, the newest first.
    MemberTimelineConnection
    /// Something that has happened, in the list.
    MemberTimelineEdge
    /// What has happened.
    node: Lean<MemberTimelineEntry>
}
