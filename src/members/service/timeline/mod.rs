//! Reads what has happened to a member, from all tables that tell of it, by time.

mod names;
mod sources;

use std::cmp::Ordering;

use entity::{
    CouponId, MemberId, MerchantId, OrderId, RefundId, member, member_change, member_grant,
    point_entry, reward_redemption, tier_change,
};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::erase::with_parts;
use crate::app::App;
use crate::db::{Single, in_any_page};
use crate::error::Error;
use crate::members::model::{Place, Source};
use crate::paging::{Page, Paging, bad_cursor};

/// Something that has happened to a member.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Where it lies.
    pub place: Place,
    /// What.
    pub what: What,
}

/// What has happened.
#[derive(Clone, Debug)]
pub enum What {
    /// An order was paid.
    Paid(OrderId),
    /// A refund of an order succeeded.
    Refunded(RefundId, OrderId),
    /// A coupon was handed out.
    CouponGiven(CouponId),
    /// A coupon was used.
    CouponUsed(CouponId, Option<OrderId>),
    /// Points changed.
    Points(point_entry::Model),
    /// The tier changed; to the one of this name.
    Tier(tier_change::Model, Option<Named>),
    /// A reward of this name was taken.
    Reward(reward_redemption::Model, Option<Named>),
    /// A gift was given.
    Granted(member_grant::Model),
    /// A message of this name was sent to them.
    Message(Option<Named>),
    /// Who they are was changed.
    Profile(member_change::Model),
}

/// Of how many members one statement reads pages.
const PARTS: usize = 100;

/// What something is called, in Chinese and, where there is one, in English.
pub type Named = (String, Option<String>);

/// A page of what has happened to a member and those who have become a part of them, the newest first, from these
/// sources alone. Each source is asked for a page by an index of its own, and what is nearest is kept.
pub async fn timeline(
    app: &App,
    member: &member::Model,
    sources: &[Source],
    paging: &Paging,
) -> Result<Page<Happened>, Error> {
    let place = |text: &Option<String>, backward: bool| -> Result<Option<Place>, Error> {
        let text = text.as_ref();
        let read = text.map(|text| text.parse().map_err(|_| bad_cursor(backward)));
        read.transpose()
    };
    let beyond = place(&paging.beyond, paging.backward)?;
    let until = place(&paging.until, !paging.backward)?;
    let (before, after) = if paging.backward {
        (until, beyond)
    } else {
        (beyond, until)
    };
    let merchant_id = member.merchant_id;
    let db = app.db.reads(merchant_id);
    let reading = Reading {
        app,
        merchant_id,
        member_id: member.id,
        whose: with_parts(&db, merchant_id, member.id).await?,
        db,
        before,
        after,
        backward: paging.backward,
        limit: paging.limit + 1,
    };
    let mut all = Vec::new();
    for source in sources {
        all.extend(reading.read(*source).await?);
    }
    all.sort_by_key(|happened| happened.place);
    if !paging.backward {
        all.reverse();
    }
    all.truncate(usize::try_from(reading.limit).unwrap_or(usize::MAX));
    let mut page = Page::of(all, paging);
    reading.name(&mut page.items).await?;
    Ok(page)
}

/// What one page is read with.
struct Reading<'a> {
    app: &'a App,
    merchant_id: MerchantId,
    member_id: MemberId,
    /// The member, and those who have become a part of them: their rows are never rewritten, and their own still.
    whose: Vec<MemberId>,
    db: Single,
    before: Option<Place>,
    after: Option<Place>,
    backward: bool,
    limit: u64,
}

impl Reading<'_> {
    async fn read(&self, source: Source) -> Result<Vec<Happened>, Error> {
        Ok(match source {
            Source::Paid => self.paid().await?,
            Source::Refunded => self.refunded().await?,
            Source::CouponGiven => self.coupons_given().await?,
            Source::CouponUsed => self.coupons_used().await?,
            Source::Points => self.points().await?,
            Source::Tier => self.tiers().await?,
            Source::Reward => self.rewards().await?,
            Source::Granted => self.grants().await?,
            Source::Message => self.messages().await?,
            Source::Profile => self.profile().await?,
        })
    }

    /// The page of a source whose ids hold when it happened.
    fn page_by_id<E: EntityTrait, C: ColumnTrait>(
        &self,
        source: Source,
        select: Select<E>,
        id: C,
    ) -> Select<E> {
        let mut select = select.limit(self.limit);
        if let Some(place) = self.before {
            select = select.filter(id.lt(place.first_id(source)));
        }
        if let Some(place) = self.after {
            let first = place.first_id(source);
            select = select.filter(if source == place.source {
                id.gt(first)
            } else {
                id.gte(first)
            });
        }
        select.order_by(id, self.order())
    }

    /// The page of a source by a time of its own: a row value, so that the index is entered at the place.
    fn page_by_time<E: EntityTrait, C: ColumnTrait>(
        &self,
        source: Source,
        select: Select<E>,
        (at, id): (C, C),
    ) -> Select<E> {
        let mut select = select.limit(self.limit);
        let here = || Expr::tuple([Expr::col(at), Expr::col(id)]);
        let there = |place: Place| Expr::tuple([Expr::value(place.at()), Expr::value(place.id)]);
        if let Some(place) = self.before {
            select = select.filter(match source.cmp(&place.source) {
                Ordering::Less => at.lte(place.at()),
                Ordering::Equal => here().lt(there(place)),
                Ordering::Greater => at.lt(place.at()),
            });
        }
        if let Some(place) = self.after {
            select = select.filter(match source.cmp(&place.source) {
                Ordering::Less => at.gt(place.at()),
                Ordering::Equal => here().gt(there(place)),
                Ordering::Greater => at.gte(place.at()),
            });
        }
        select.order_by(at, self.order()).order_by(id, self.order())
    }

    fn order(&self) -> Order {
        if self.backward {
            Order::Asc
        } else {
            Order::Desc
        }
    }

    /// The page of a source whose ids hold when it happened, of some members: a page of each of them out of the index of
    /// its members alone, which holds what `whose` asks for, and of these rows what is nearest. All at once could be read
    /// in order by no index.
    fn pages<E: EntityTrait, C: ColumnTrait>(
        &self,
        source: Source,
        members: &[MemberId],
        of: impl Fn() -> Select<E>,
        (whose, id): (impl Fn(MemberId) -> SimpleExpr, C),
    ) -> Vec<Select<E>> {
        let page = |member: &MemberId| {
            let page = self.page_by_id(source, of().filter(whose(*member)), id);
            page.select_only().column(id).into_query()
        };
        let some = members.chunks(PARTS);
        let nearest = some.map(|some| of().filter(in_any_page(id, some.iter().map(page))));
        nearest
            .map(|rows| rows.order_by(id, self.order()).limit(self.limit))
            .collect()
    }
}
