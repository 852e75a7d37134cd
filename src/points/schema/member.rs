//! A member's points, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, SimpleObject};
use chrono::TimeDelta;
use entity::{Instant, MemberId, member};

use super::entry::PointsEntryConnection;
use super::lot::PointLot;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::LocalDate;
use crate::graphql::{Ask, Nullable};
use crate::money::Money;
use crate::paging::Paging;
use crate::points::loader::{EndingOf, LotsOf, PointsLoader, ProgramOf};
use crate::points::model::{EntryFilter, worth};
use crate::points::service;

/// The most days that are looked ahead.
const MOST_DAYS: i32 = 3_650;

/// A member's points.
#[derive(Clone, Debug)]
pub struct MemberPoints {
    member_id: MemberId,
    available: i64,
    pending: i64,
    owed: i64,
}

impl MemberPoints {
    /// The points of a member.
    #[must_use]
    pub const fn of(member: &member::Model) -> Self {
        Self {
            member_id: member.id,
            available: member.points,
            pending: member.points_pending,
            owed: member.points_owed,
        }
    }
}

/// Points that end soon 即将过期积分.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PointsEnding {
    /// How many.
    pub points: i64,
    /// The last day on which the first of them can be spent; null where none end.
    pub on: Option<LocalDate>,
}

/// So many days from now; what cannot be meant is refused.
pub(super) fn ahead(ctx: &Context<'_>, days: i32) -> Result<Instant, Error> {
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Error::bad_input(
            "days",
            format!("is from 1 to {MOST_DAYS}."),
            format!("须为 1 至 {MOST_DAYS}。"),
        ));
    }
    Ok(Instant(
        ctx.app().clock.now() + TimeDelta::days(days.into()),
    ))
}

impl MemberPoints {
    async fn ending(&self, ctx: &Context<'_>, days: i32) -> Result<PointsEnding, Error> {
        // To the second: all members of a list are asked about at once.
        let until = ahead(ctx, days)?;
        let until = until.0.timestamp() * 1_000;
        let until = chrono::DateTime::from_timestamp_millis(until).unwrap_or_default();
        let loader = ctx.data_unchecked::<DataLoader<PointsLoader>>();
        let key = EndingOf(self.member_id, Instant(until));
        let Some(found) = loader.load_one(key).await? else {
            return Ok(PointsEnding {
                points: 0,
                on: None,
            });
        };
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Ok(PointsEnding {
            points: found.points,
            on: Some(LocalDate(service::last_day(found.first, merchant.zone))),
        })
    }
}

async fn worth_of(ctx: &Context<'_>, points: i64) -> Result<Option<Money>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<PointsLoader>>();
    let Some(program) = loader.load_one(ProgramOf).await? else {
        return Ok(None);
    };
    let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
    let minor = worth(points, &program);
    Ok(Some(Money::of_minor(minor, merchant.currency)))
}

plain_object! {
    /// A member's points 会员积分.
    MemberPoints(self) {
        /// How many can be spent 可用积分. What has ended a moment ago may still be among them; it is not spent.
        available / "available": i64 = self.available;
        /// How many cannot be spent yet 待生效积分.
        pending / "pending": i64 = self.pending;
        /// How many were to be taken back when they were spent already 欠扣积分; what comes next goes against them.
        owed / "owed": i64 = self.owed;
    }
    {
        /// How many end soon 即将过期积分.
        async fn expiring_soon(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Within so many days from now, 1 to 3,650.", default = 30)] days: i32,
        ) -> Result<PointsEnding, Error> {
            self.ending(ctx, days).await
        }

        /// What those that can be spent are worth as payment 可抵金额; null where there are no rules for points.
        async fn worth(&self, ctx: &Context<'_>) -> Nullable<Money> {
            worth_of(ctx, self.available).await.transpose()
        }
    }
}

/// A member's lots of which something is left, those first that end first; a hundred at the most.
pub async fn lots_of(ctx: &Context<'_>, id: MemberId) -> Result<Vec<Lean<PointLot>>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<PointsLoader>>();
    let lots = loader.load_one(LotsOf(id)).await?.unwrap_or_default();
    let zone = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id)
        .await?
        .zone;
    let lots = lots.into_iter();
    Ok(lots.map(|lot| Lean(PointLot::of(lot, zone))).collect())
}

/// A page of a member's entries, the newest first.
pub async fn entries_of(
    ctx: &Context<'_>,
    id: MemberId,
    paging: Result<Paging, Error>,
) -> Result<Lean<PointsEntryConnection>, Error> {
    let filter = EntryFilter {
        member_id: Some(id),
        ..EntryFilter::default()
    };
    list(ctx, filter, &paging?).await
}

/// A page of entries.
pub(super) async fn list(
    ctx: &Context<'_>,
    filter: EntryFilter,
    paging: &Paging,
) -> Result<Lean<PointsEntryConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let page = service::list_entries(app, merchant_id, &filter, paging).await?;
    Ok(Lean(PointsEntryConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(row.into()),
        merchant_id,
        filter,
    )))
}
