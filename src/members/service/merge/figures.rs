//! Adds up what two members have bought by day, and what they have taken of offers.

use std::collections::BTreeSet;

use entity::offer_counter::{self, CounterKind};
use entity::redemption::{self, OfferKind};
use entity::{coupon, member_day, order};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, QueryTrait,
};

use super::Merging;
use crate::offer_counters::Span;

/// How many rows one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 2_000;

/// The sum of what is there and what is to be written.
fn sum(known: SimpleExpr, column: impl sea_orm::Iden + Copy + 'static) -> SimpleExpr {
    known.add(Expr::col((Alias::new("excluded"), column)))
}

impl Merging<'_> {
    /// The campaigns and coupon templates of which the one who goes has taken something: before it is moved.
    pub(super) async fn offers(&self) -> Result<Vec<i64>, DbErr> {
        let merchant_id = self.merchant_id();
        let orders = order::Entity::of(merchant_id)
            .filter(order::Column::MemberId.eq(self.from.id))
            .select_only()
            .column(order::Column::Id)
            .into_query();
        let redeemed: Vec<i64> = redemption::Entity::of(merchant_id)
            .filter(redemption::Column::OrderId.in_subquery(orders))
            .filter(redemption::Column::Offer.ne(OfferKind::Tier))
            .select_only()
            .column(redemption::Column::OfferId)
            .distinct()
            .into_tuple()
            .all(self.txn)
            .await?;
        let given: Vec<i64> = coupon::Entity::of(merchant_id)
            .filter(coupon::Column::MemberId.eq(self.from.id))
            .select_only()
            .column(coupon::Column::TemplateId)
            .distinct()
            .into_tuple()
            .all(self.txn)
            .await?;
        let all: BTreeSet<i64> = redeemed.into_iter().chain(given).collect();
        Ok(all.into_iter().collect())
    }

    /// Adds what the one has taken of offers to what the other has. Both together may have more than one may: then they
    /// get no more, and nothing is taken away.
    pub(super) async fn move_counters(&self, offers: &[i64]) -> Result<(), DbErr> {
        use offer_counter::{Column, Entity};
        let kinds = [
            CounterKind::Campaign,
            CounterKind::CouponIssue,
            CounterKind::CouponUse,
        ];
        let to = Span::Member(self.into.id).text();
        for some in offers.chunks(MANY) {
            let theirs = |span: String| {
                Column::Kind
                    .is_in(kinds)
                    .and(Column::OfferId.is_in(some.iter().copied()))
                    .and(Column::Span.eq(span))
            };
            let from = Span::Member(self.from.id).text();
            let rows = Entity::of(self.merchant_id())
                .filter(theirs(from.clone()))
                .all(self.txn)
                .await?;
            if rows.is_empty() {
                continue;
            }
            let known = |column: Column| Expr::col((Entity, column));
            let none = || Expr::value(Option::<i64>::None);
            let added = OnConflict::columns([
                Column::MerchantId,
                Column::Kind,
                Column::OfferId,
                Column::Span,
            ])
            .value(Column::Taken, sum(known(Column::Taken), Column::Taken))
            .value(
                Column::SpentMinor,
                sum(known(Column::SpentMinor), Column::SpentMinor),
            )
            .value(Column::Most, none())
            .value(Column::BudgetMinor, none())
            .to_owned();
            let rows = rows.into_iter().map(|row| offer_counter::ActiveModel {
                span: ActiveValue::Set(to.clone()),
                ..row.into_active_model().reset_all()
            });
            Entity::insert_many(rows)
                .on_conflict(added)
                .exec_without_returning(self.txn)
                .await?;
            Entity::delete_of(self.merchant_id())
                .filter(theirs(from))
                .exec(self.txn)
                .await?;
        }
        Ok(())
    }

    /// Adds what the one has bought by day to what the other has.
    pub(super) async fn move_days(&self) -> Result<(), DbErr> {
        use member_day::{Column, Entity};
        let rows = Entity::of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .all(self.txn)
            .await?;
        let known = |column: Column| Expr::col((Entity, column));
        let added = OnConflict::columns([Column::MerchantId, Column::MemberId, Column::Day])
            .value(Column::Orders, sum(known(Column::Orders), Column::Orders))
            .value(
                Column::SpentMinor,
                sum(known(Column::SpentMinor), Column::SpentMinor),
            )
            .value(Column::Points, sum(known(Column::Points), Column::Points))
            .to_owned();
        for some in rows.chunks(MANY) {
            let ours = some.iter().cloned().map(|row| member_day::ActiveModel {
                member_id: ActiveValue::Set(self.into.id),
                ..row.into_active_model().reset_all()
            });
            Entity::insert_many(ours)
                .on_conflict(added.clone())
                .exec_without_returning(self.txn)
                .await?;
        }
        Entity::delete_of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .exec(self.txn)
            .await?;
        Ok(())
    }
}
