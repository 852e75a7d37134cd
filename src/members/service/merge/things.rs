//! Moves what a member has who becomes a part of another.

use std::collections::HashSet;

use entity::grant_rule::GrantKind;
use entity::{
    MemberGrantId, MemberId, SegmentId, coupon, member_grant, member_tag, message_recipient, order,
    order_point, redemption, refund, reward_redemption, segment, segment_member,
};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::super::profile::{read_profile, write_profile};
use super::Merging;
use crate::error::Error;
use crate::members::model::{Profile, join_profiles};

/// What names its member in a column becomes the other's.
macro_rules! give {
    ($merging:ident, $($table:ident),+ $(,)?) => {$(
        $table::Entity::update_of($merging.merchant_id())
            .filter($table::Column::MemberId.eq($merging.from.id))
            .col_expr($table::Column::MemberId, Expr::value($merging.into.id))
            .exec($merging.txn)
            .await?;
    )+};
}

impl Merging<'_> {
    /// Moves orders and what hangs on them, coupons, rewards, gifts and messages.
    pub(super) async fn move_things(&self) -> Result<(), DbErr> {
        let merchant_id = self.merchant_id();
        // By its orders: redemptions have no index by member.
        let orders = order::Entity::of(merchant_id)
            .filter(order::Column::MemberId.eq(self.from.id))
            .select_only()
            .column(order::Column::Id)
            .into_query();
        redemption::Entity::update_of(merchant_id)
            .filter(redemption::Column::OrderId.in_subquery(orders))
            .filter(redemption::Column::MemberId.eq(self.from.id))
            .col_expr(redemption::Column::MemberId, Expr::value(self.into.id))
            .exec(self.txn)
            .await?;
        // Whoever asks for a refund has its order's lock: refunds come behind their orders.
        give!(self, order_point, order, refund, coupon, reward_redemption);
        self.move_grants().await?;
        self.move_messages().await
    }

    /// A gift of a year for which the other has one as well stays where it is.
    async fn move_grants(&self) -> Result<(), DbErr> {
        use member_grant::{Column, Entity};
        let both = [self.from.id, self.into.id];
        let rows: Vec<(MemberGrantId, MemberId, GrantKind, i32)> = Entity::of(self.merchant_id())
            .filter(Column::MemberId.is_in(both))
            .select_only()
            .columns([Column::Id, Column::MemberId, Column::Kind, Column::Year])
            .into_tuple()
            .all(self.txn)
            .await?;
        let ours: HashSet<(GrantKind, i32)> = rows
            .iter()
            .filter(|row| row.1 == self.into.id)
            .map(|row| (row.2, row.3))
            .collect();
        let theirs = rows.iter().filter(|row| row.1 == self.from.id);
        let moved = theirs.filter(|row| !ours.contains(&(row.2, row.3)));
        let moved: Vec<MemberGrantId> = moved.map(|row| row.0).collect();
        if moved.is_empty() {
            return Ok(());
        }
        Entity::update_of(self.merchant_id())
            .filter(Column::Id.is_in(moved))
            .col_expr(Column::MemberId, Expr::value(self.into.id))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// A message that both were sent stays with each of them.
    async fn move_messages(&self) -> Result<(), DbErr> {
        use message_recipient::{Column, Entity};
        let ours = Entity::of(self.merchant_id())
            .filter(Column::MemberId.eq(self.into.id))
            .select_only()
            .column(Column::MessageId)
            .into_query();
        Entity::update_of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .filter(Column::MessageId.not_in_subquery(ours))
            .col_expr(Column::MemberId, Expr::value(self.into.id))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// Nothing names the one who goes any more.
    pub(super) async fn move_profile(&self) -> Result<(), Error> {
        let (app, txn, merchant_id) = (self.app, self.txn, self.merchant_id());
        let theirs = read_profile(&app.key, txn, merchant_id, self.from.id).await?;
        if theirs.is_empty() {
            return Ok(());
        }
        let ours = read_profile(&app.key, txn, merchant_id, self.into.id).await?;
        let joined = join_profiles(&theirs, &ours, self.into.birthday.is_none());
        write_profile(app, txn, merchant_id, self.into.id, &joined).await?;
        write_profile(app, txn, merchant_id, self.from.id, &Profile::default()).await
    }

    /// Who stays has the tags of both.
    pub(super) async fn move_tags(&self) -> Result<(), DbErr> {
        use member_tag::{Column, Entity};
        let rows = Entity::of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .all(self.txn)
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let ours = rows.into_iter().map(|row| member_tag::ActiveModel {
            merchant_id: ActiveValue::Set(row.merchant_id),
            member_id: ActiveValue::Set(self.into.id),
            tag: ActiveValue::Set(row.tag),
        });
        let mut or_nothing =
            OnConflict::columns([Column::MerchantId, Column::MemberId, Column::Tag]);
        Entity::insert_many(ours)
            .on_conflict(or_nothing.do_nothing().to_owned())
            .exec_without_returning(self.txn)
            .await?;
        Entity::delete_of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// Who stays is in the snapshots of both; of those that had both, there is one less.
    pub(super) async fn move_segments(&self) -> Result<(), DbErr> {
        use segment_member::{Column, Entity};
        let both = [self.from.id, self.into.id];
        let rows: Vec<(SegmentId, MemberId)> = Entity::of(self.merchant_id())
            .filter(Column::MemberId.is_in(both))
            .select_only()
            .columns([Column::SegmentId, Column::MemberId])
            .into_tuple()
            .all(self.txn)
            .await?;
        let of = |id| {
            let rows = rows.iter().filter(move |row| row.1 == id);
            rows.map(|row| row.0).collect::<HashSet<SegmentId>>()
        };
        let (theirs, ours) = (of(self.from.id), of(self.into.id));
        if theirs.is_empty() {
            return Ok(());
        }
        Entity::delete_of(self.merchant_id())
            .filter(Column::MemberId.eq(self.from.id))
            .exec(self.txn)
            .await?;
        let new = theirs.difference(&ours);
        let new: Vec<segment_member::ActiveModel> = new
            .map(|id| segment_member::ActiveModel {
                merchant_id: ActiveValue::Set(self.merchant_id()),
                segment_id: ActiveValue::Set(*id),
                member_id: ActiveValue::Set(self.into.id),
            })
            .collect();
        if !new.is_empty() {
            Entity::insert_many(new)
                .exec_without_returning(self.txn)
                .await?;
        }
        let twice: Vec<SegmentId> = theirs.intersection(&ours).copied().collect();
        if twice.is_empty() {
            return Ok(());
        }
        segment::Entity::update_of(self.merchant_id())
            .filter(segment::Column::Id.is_in(twice))
            .filter(segment::Column::Members.gt(0))
            .col_expr(
                segment::Column::Members,
                Expr::col(segment::Column::Members).sub(1),
            )
            .exec(self.txn)
            .await?;
        Ok(())
    }
}
