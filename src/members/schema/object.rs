//! A member, and a list of them, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{Instant, MerchantId, OrderId, member};

use crate::auth::model::Scope;
use crate::error::Error;
use crate::grants::schema::MemberGrantConnection;
use crate::grants::schema::object::grants_of;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::loader::{MemberLoader, TotalsOf};
use crate::members::model::MemberFilter;
use crate::members::service::{self, Totals};
use crate::money::Money;
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::model::{OrderFilter, OrderSort};
use crate::orders::schema::query::list_all;
use crate::orders::schema::{Order, OrderConnection};
use crate::paging::Paging;
use crate::rewards::schema::RewardRedemptionConnection;
use crate::rewards::schema::redemption::redemptions_of;

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

    /// What their orders come to, read for all members that are asked about.
    async fn totals(&self, ctx: &Context<'_>) -> Result<Totals, Error> {
        may_see_orders(ctx)?;
        let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
        let totals = loader.load_one(TotalsOf(self.row.id)).await?;
        Ok(totals.unwrap_or_default())
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
        let totals = self.totals(ctx).await?;
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Ok(Money::of_minor(totals.spent_minor, merchant.currency))
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

plain_object! {
    /// A member 会员: whom the shop knows again, by the number that it gives them.
    Member(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// The shop's own number 会员号, unique in the merchant.
        member_no / "memberNo": &str = self.row.member_no.as_str();
        /// When they were first named here.
        created_at / "createdAt": Timestamp = self.made_at().into();
        /// When the first of their orders was paid 首次支付时间; null where none was.
        first_paid_at / "firstPaidAt": Option<Timestamp> =
            self.row.first_paid_at.map(Timestamp::from);
    }
    {
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

        /// What they have taken for points 兑换记录, the newest first.
        async fn reward_redemptions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Result<Lean<RewardRedemptionConnection>, Error> {
            redemptions_of(ctx, self.row.id, Paging::read(first, after, last, before)).await
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
        ) -> Result<Lean<MemberGrantConnection>, Error> {
            grants_of(ctx, self.row.id, Paging::read(first, after, last, before)).await
        }

        /// How many of their orders were paid 支付笔数. Counted only when it is selected. Needs `orders:read`.
        async fn paid_orders(&self, ctx: &Context<'_>) -> Nullable<i64> {
            Some(self.totals(ctx).await.map(|totals| totals.paid_orders))
        }

        /// What was paid for these, less what refunds gave back 累计消费. Summed only when it is selected. Needs
        /// `orders:read`.
        async fn spent(&self, ctx: &Context<'_>) -> Nullable<Money> {
            Some(self.spent_of(ctx).await)
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
