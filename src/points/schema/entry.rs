//! Entries of the points' ledger, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID};
use entity::point_entry::{self, PointKind};
use entity::{Instant, MerchantId, OrderId, RefundId};

use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::loader::MemberLoader;
use crate::members::schema::{Member, noted};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;
use crate::points::model::EntryFilter;
use crate::points::service;
use crate::refunds::loader::RefundLoader;
use crate::refunds::schema::Refund;

/// What happened to points 变动类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::point_entry::PointKind")]
pub enum PointsEntryKind {
    /// 获得: an order was paid.
    Earned,
    /// 解冻: they can be spent from now on.
    Released,
    /// 抵扣: an order was paid with them.
    Spent,
    /// 退回: what was spent on an order or a reward came back.
    Restored,
    /// 扣回: an order that earned them was refunded.
    ClawedBack,
    /// 恢复: a refund that had clawed them back was returned by the bank.
    Returned,
    /// 过期: they ended.
    Expired,
    /// 人工调整: somebody gave or took them.
    Adjusted,
    /// 赠送: a birthday or an anniversary.
    Granted,
    /// 兑换: a reward was taken.
    Redeemed,
    /// 合并: they came from, or went to, another member.
    Merged,
    /// 补扣: they went against what was owed.
    Repaid,
}

plain_scalars!(PointsEntryKind);

/// An entry of the points' ledger.
#[derive(Clone, Debug)]
pub struct PointsEntry {
    row: point_entry::Model,
}

impl From<point_entry::Model> for PointsEntry {
    fn from(row: point_entry::Model) -> Self {
        Self { row }
    }
}

/// When an id was made.
pub(super) fn made_at(ms: i64) -> Timestamp {
    let at = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    Instant(at).into()
}

/// Refuses who lacks a scope.
fn needs(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

async fn order_of(
    ctx: &Context<'_>,
    row: &point_entry::Model,
) -> Result<Option<Lean<Order>>, Error> {
    needs(ctx, Scope::OrdersRead)?;
    let is_of_order = matches!(
        row.kind,
        PointKind::Earned | PointKind::Spent | PointKind::Restored | PointKind::Repaid
    );
    let Some(id) = row.source_id.filter(|_| is_of_order) else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
    let row = loader.load_one(FullOrder(OrderId(id))).await?;
    Ok(row.map(|row| Lean(row.into())))
}

async fn refund_of(
    ctx: &Context<'_>,
    row: &point_entry::Model,
) -> Result<Option<Lean<Refund>>, Error> {
    needs(ctx, Scope::RefundsRead)?;
    let is_of_refund = matches!(
        row.kind,
        PointKind::ClawedBack
            | PointKind::Returned
            | PointKind::Restored
            | PointKind::Spent
            | PointKind::Repaid
    );
    let Some(id) = row.source_id.filter(|_| is_of_refund) else {
        return Ok(None);
    };
    let loader = ctx.data_unchecked::<DataLoader<RefundLoader>>();
    let row = loader.load_one(RefundId(id)).await?;
    Ok(row.map(|row| Lean(row.into())))
}

plain_object! {
    /// An entry of the points' ledger 积分流水: a change of a lot, or of what is owed. It is never edited; a member's points
    /// are the sum of their entries.
    PointsEntry(self) {
        /// What names it; no node has this id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What happened 变动类型.
        kind / "kind": PointsEntryKind = self.row.kind.into();
        /// By how many those that can be spent have changed 可用积分变动.
        points / "points": i64 = self.row.points;
        /// By how many those that cannot be spent yet have changed 待生效积分变动.
        pending / "pending": i64 = self.row.pending;
        /// By how many those that are owed have changed 欠扣积分变动.
        owed / "owed": i64 = self.row.owed;
        /// How many could be spent afterwards 变动后可用积分.
        balance / "balance": i64 = self.row.balance;
        /// When it was made.
        created_at / "createdAt": Timestamp = made_at(self.row.id.made_at_ms());
        /// Who did it: an id of staff or of an API key, or `system`.
        actor / "actor": &str = self.row.actor.as_str();
    }
    {
        /// What they said of it; `***` without `personal:read`.
        async fn note(&self, ctx: &Context<'_>) -> Nullable<String> {
            noted(ctx, self.row.note.as_deref()).transpose()
        }

        /// Whose points.
        async fn member(&self, ctx: &Context<'_>) -> Result<Lean<Member>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<MemberLoader>>();
            let row = loader.load_one(self.row.member_id).await?;
            row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
        }

        /// The order that earned them, or was paid with them; null where it is about none. Needs `orders:read`.
        async fn order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            order_of(ctx, &self.row).await.transpose()
        }

        /// The refund that took them back, or brought them back; null where it is about none. Needs `refunds:read`.
        async fn refund(&self, ctx: &Context<'_>) -> Nullable<Lean<Refund>> {
            refund_of(ctx, &self.row).await.transpose()
        }
    }
}

connection! {
    /// A list of entries of the points' ledger.
    PointsEntryConnection { merchant_id: MerchantId, filter: EntryFilter }
    /// An entry in a list.
    PointsEntryEdge
    /// The entry.
    node: Lean<PointsEntry>
    {
        /// How many entries the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count_entries(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many entries to count"))
        }
    }
}
