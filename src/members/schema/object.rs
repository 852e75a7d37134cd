//! A member, and a list of them, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{Instant, MemberId, MerchantId, OrderId, member};

use super::inputs::MemberLocale;
use super::personal::{MemberBirthday, MemberConsumption, a_year_ago};
use super::timeline::{MemberTimelineConnection, timeline_of};
use crate::auth::model::{Scope, mask_email, mask_name, mask_phone};
use crate::error::Error;
use crate::grants::schema::MemberGrantConnection;
use crate::grants::schema::object::grants_of;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::loader::{BoughtSince, MemberLoader, ProfileOf, TagsOf};
use crate::members::model::{MemberFilter, Profile};
use crate::members::service::{self, locale_of};
use crate::money::Money;
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::model::{OrderFilter, OrderSort};
use crate::orders::schema::query::list_all;
use crate::orders::schema::{Order, OrderConnection};
use crate::paging::Paging;
use crate::points::schema::{MemberPoints, PointLot, PointsEntryConnection, entries_of, lots_of};
use crate::rewards::schema::RewardRedemptionConnection;
use crate::rewards::schema::redemption::redemptions_of;
use crate::tiers::schema::{self as tiers, NextTier, Tier, TierChangeConnection, TierRetention};

/// A member.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) row: member::Model,
}

impl From<member::Model> for Member {
    fn from(row: member::Model) -> Self {
        Self { row }
    }
}

/// Orders are seen by who may see orders.
fn may_see_orders(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::OrdersRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

impl Member {
    fn made_at(&self) -> Instant {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Instant(at.unwrap_or_default())
    }

    /// What names them, opened for all members that are asked about, and whether it is masked.
    async fn profile(&self, ctx: &Context<'_>) -> Result<(Arc<Profile>, bool), Error> {
        let masked = !ctx.actor()?.may(Scope::PersonalRead);
        let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
        let found = loader.load_one(ProfileOf(self.row.id)).await?;
        Ok((found.unwrap_or_else(|| Ok(Arc::default()))?, masked))
    }

    /// A part of what names them, as whoever asks may see it.
    async fn part(
        &self,
        ctx: &Context<'_>,
        read: impl Fn(&Profile) -> Option<&String>,
        mask: impl Fn(&str) -> String,
    ) -> Result<Option<String>, Error> {
        let (profile, masked) = self.profile(ctx).await?;
        let part = read(&profile);
        Ok(part.map(|part| if masked { mask(part) } else { part.clone() }))
    }

    async fn birthday_of(&self, ctx: &Context<'_>) -> Nullable<MemberBirthday> {
        let number = self.row.birthday?;
        match self.profile(ctx).await {
            Ok((profile, masked)) => MemberBirthday::of(number, &profile, masked).map(Ok),
            Err(error) => Some(Err(error)),
        }
    }

    async fn consumption_of(&self, ctx: &Context<'_>) -> Result<MemberConsumption, Error> {
        may_see_orders(ctx)?;
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        let now = ctx.app().clock.instant();
        let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
        let since = BoughtSince(self.row.id, a_year_ago(now, &merchant));
        let bought = loader.load_one(since).await?.unwrap_or_default();
        Ok(MemberConsumption::of(&self.row, bought, &merchant, now))
    }

    async fn list_orders(
        &self,
        ctx: &Context<'_>,
        paging: Result<Paging, Error>,
    ) -> Result<Lean<OrderConnection>, Error> {
        may_see_orders(ctx)?;
        let filter = OrderFilter {
            member_id: Some(self.row.id),
            ..OrderFilter::default()
        };
        list_all(ctx, filter, OrderSort::default(), paging?).await
    }

    async fn spent_of(&self, ctx: &Context<'_>) -> Result<Money, Error> {
        may_see_orders(ctx)?;
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Ok(Money::of_minor(self.row.spent_minor, merchant.currency))
    }
}

/// The first of a member's orders that was paid, together with those of all members that are asked about.
async fn first_order(ctx: &Context<'_>, id: Option<OrderId>) -> Result<Option<Lean<Order>>, Error> {
    may_see_orders(ctx)?;
    let Some(id) = id else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
    let row = loader.load_one(FullOrder(id)).await?;
    row.map(|row| Some(Lean(row.into()))).ok_or(Error::NotFound)
}

/// Who a member has become a part of, together with those of all members that are asked about.
async fn merged_into(
    ctx: &Context<'_>,
    id: Option<MemberId>,
) -> Result<Option<Lean<Member>>, Error> {
    let Some(id) = id else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
    let row = loader.load_one(id).await?;
    row.map(|row| Some(Lean(row.into()))).ok_or(Error::NotFound)
}

plain_object! {
    /// A member 会员: whom the shop knows again, by the number that it gives them.
    Member(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// The shop's own number 会员号, unique in the merchant.
        member_no / "memberNo": &str = self.row.member_no.as_str();
        /// How often what is set of them was set; `memberUpdate` expects it.
        version / "version": i32 = self.row.version;
        /// When they joined 入会时间: first named here, or as it was set.
        joined_at / "joinedAt": Timestamp = self.row.joined_at.into();
        /// Since when they agree to be written to 同意营销时间; null where they do not.
        consented_at / "consentedAt": Option<Timestamp> = self.row.consented_at.map(Timestamp::from);
        /// The language that they are written to in; null for the merchant's.
        locale / "locale": Option<MemberLocale> =
            self.row.locale.as_deref().and_then(locale_of).map(MemberLocale::from);
        /// When they were first named here.
        created_at / "createdAt": Timestamp = self.made_at().into();
        /// When the first of their orders was paid 首次支付时间; null where none was.
        first_paid_at / "firstPaidAt": Option<Timestamp> =
            self.row.first_paid_at.map(Timestamp::from);
        /// When what named them was erased 删除个人信息时间; null where it was not.
        erased_at / "erasedAt": Option<Timestamp> = self.row.erased_at.map(Timestamp::from);
        /// Since when they have their tier 等级获得时间; null where they have none.
        tier_since / "tierSince": Option<Timestamp> = self.row.tier_since.map(Timestamp::from);
        /// Until when it is kept whatever happens 等级有效期; null for ever, and where they have none.
        tier_until / "tierUntil": Option<Timestamp> = self.row.tier_until.map(Timestamp::from);
        /// Their points 会员积分.
        points / "points": Lean<MemberPoints> = Lean(MemberPoints::of(&self.row));
    }
    {
        /// Their tier 会员等级; null where they have none.
        async fn tier(&self, ctx: &Context<'_>) -> Nullable<Lean<Tier>> {
            tiers::of_member(ctx, &self.row).await.transpose()
        }

        /// What is missing until the next tier 距下一等级; null where they have the highest that can be reached.
        async fn next_tier(&self, ctx: &Context<'_>) -> Nullable<Lean<NextTier>> {
            tiers::next_of(ctx, &self.row).await.transpose()
        }

        /// What it takes to keep their tier beyond its end 保级进度; null where they have none, or have it for ever.
        async fn tier_retention(&self, ctx: &Context<'_>) -> Nullable<Lean<TierRetention>> {
            tiers::retention_of(ctx, &self.row).await.transpose()
        }

        /// What became of their tier 等级变更记录, the newest first.
        async fn tier_changes(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<TierChangeConnection>> {
            let paging = Paging::read(first, after, last, before);
            Some(tiers::list_changes(ctx, self.row.id, paging).await)
        }

        /// The member that they have become a part of 合并至; null where they are their own. Their number leads there.
        async fn merged_into(&self, ctx: &Context<'_>) -> Nullable<Lean<Member>> {
            merged_into(ctx, self.row.merged_into).await.transpose()
        }

        /// The first of their orders that was paid 首单; null where none was. Needs `orders:read`.
        async fn first_order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            first_order(ctx, self.row.first_order_id).await.transpose()
        }

        /// Their orders, the newest first. Needs `orders:read`.
        async fn orders(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<OrderConnection>> {
            Some(self.list_orders(ctx, Paging::read(first, after, last, before)).await)
        }

        /// What has happened to them 会员时间线, the newest first: orders, refunds, coupons, points, tiers, rewards, gifts,
        /// messages and changes of who they are, those of members who have become a part of them included. What the
        /// reader may not see is left out: orders without `orders:read`, refunds without `refunds:read`, coupons without
        /// `campaigns:read`.
        async fn timeline(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<MemberTimelineConnection>> {
            let paging = Paging::read(first, after, last, before);
            Some(timeline_of(ctx, &self.row, paging).await)
        }

        /// What they have taken for points 兑换记录, the newest first.
        async fn reward_redemptions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<RewardRedemptionConnection>> {
            Some(redemptions_of(ctx, self.row.id, Paging::read(first, after, last, before)).await)
        }

        /// What they were given for their birthday and the day on which they joined 赠礼记录, the last first.
        async fn grants(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<MemberGrantConnection>> {
            Some(grants_of(ctx, self.row.id, Paging::read(first, after, last, before)).await)
        }

        /// The name 姓名; its first character alone without `personal:read`.
        async fn name(&self, ctx: &Context<'_>) -> Nullable<String> {
            self.part(ctx, |profile| profile.name.as_ref(), mask_name).await.transpose()
        }

        /// The telephone number 手机号; a part of it without `personal:read`.
        async fn phone(&self, ctx: &Context<'_>) -> Nullable<String> {
            self.part(ctx, |profile| profile.phone.as_ref(), mask_phone).await.transpose()
        }

        /// The e-mail address 邮箱; a part of it without `personal:read`.
        async fn email(&self, ctx: &Context<'_>) -> Nullable<String> {
            self.part(ctx, |profile| profile.email.as_ref(), mask_email).await.transpose()
        }

        /// What the shop has noted 备注; `***` without `personal:read`.
        async fn remark(&self, ctx: &Context<'_>) -> Nullable<String> {
            let mask = |_: &str| "***".to_owned();
            self.part(ctx, |profile| profile.remark.as_ref(), mask).await.transpose()
        }

        /// The birthday 生日; the month alone without `personal:read`.
        async fn birthday(&self, ctx: &Context<'_>) -> Nullable<MemberBirthday> {
            self.birthday_of(ctx).await
        }

        /// Whether the reader lacks the scope `personal:read`, so that only parts are shown of what names them.
        async fn masked(&self, ctx: &Context<'_>) -> Result<bool, Error> {
            Ok(!ctx.actor()?.may(Scope::PersonalRead))
        }

        /// Their tags 标签, in order.
        async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
            Ok(loader.load_one(TagsOf(self.row.id)).await?.unwrap_or_default())
        }

        /// What they buy 消费画像. Needs `orders:read`.
        async fn consumption(&self, ctx: &Context<'_>) -> Nullable<MemberConsumption> {
            Some(self.consumption_of(ctx).await)
        }

        /// How many of their orders were paid 支付笔数; one that was refunded in full does not count. Needs
        /// `orders:read`.
        async fn paid_orders(&self, ctx: &Context<'_>) -> Nullable<i64> {
            Some(may_see_orders(ctx).map(|()| self.row.paid_orders))
        }

        /// When the last of their orders was paid 最近支付时间; null where none was. Needs `orders:read`.
        async fn last_paid_at(&self, ctx: &Context<'_>) -> Nullable<Timestamp> {
            let at = may_see_orders(ctx).map(|()| self.row.last_paid_at.map(Timestamp::from));
            at.transpose()
        }

        /// What was paid for their orders, less what refunds gave back 累计消费. Needs `orders:read`.
        async fn spent(&self, ctx: &Context<'_>) -> Nullable<Money> {
            Some(self.spent_of(ctx).await)
        }

        /// The changes of their points 积分流水, the newest first.
        async fn points_entries(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<PointsEntryConnection>> {
            Some(entries_of(ctx, self.row.id, Paging::read(first, after, last, before)).await)
        }

        /// Their lots of points of which something is left 积分批次, those first that end first; a hundred at the most.
        async fn point_lots(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<PointLot>>> {
            Some(lots_of(ctx, self.row.id).await)
        }
    }
}

connection! {
    /// A list of members.
    MemberConnection { merchant_id: MerchantId, filter: MemberFilter }
    /// A member in a list.
    MemberEdge
    /// The member.
    node: Lean<Member>
    {
        /// How many members the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many members to count"))
        }
    }
}
