//! Moves the points of a member who becomes a part of another.

use entity::point_entry::PointKind;
use entity::point_lot::{Column, Entity, Model};
use entity::{MemberId, point_entry};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::super::erase::with_parts;
use super::Merging;
use crate::members::model::{NewEntry, Standing, move_points};

/// How many entries one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 2_000;

impl Merging<'_> {
    /// Moves all lots, also those of which nothing is left: what is given back fills them again. Entries name them: of who
    /// goes, or of somebody who had become a part of them before.
    pub(super) async fn move_points(&self) -> Result<Standing, DbErr> {
        let (from, into) = (self.from, self.into);
        let (theirs, ours) = (self.lots(from.id).await?, self.lots(into.id).await?);
        let moved = move_points((from, &theirs), (into, &ours));
        let whose = with_parts(self.txn, self.merchant_id(), from.id).await?;
        let entered = point_entry::Entity::of(self.merchant_id())
            .filter(point_entry::Column::MemberId.is_in(whose.iter().copied()))
            .filter(point_entry::Column::LotId.is_not_null())
            .select_only()
            .column(point_entry::Column::LotId)
            .into_query();
        Entity::update_of(self.merchant_id())
            .filter(Column::Id.in_subquery(entered))
            .filter(Column::MemberId.is_in(whose))
            .col_expr(Column::MemberId, Expr::value(into.id))
            .exec(self.txn)
            .await?;
        for (id, left) in &moved.left {
            Entity::update_of(self.merchant_id())
                .filter(Column::Id.eq(*id))
                .col_expr(Column::Remaining, Expr::value(*left))
                .exec(self.txn)
                .await?;
        }
        self.write_entries(&moved.entries).await?;
        Ok(moved.standing)
    }

    async fn lots(&self, id: MemberId) -> Result<Vec<Model>, DbErr> {
        Entity::of(self.merchant_id())
            .filter(Column::MemberId.eq(id))
            .filter(Column::Remaining.gt(0))
            .order_by_asc(Column::Id)
            .all(self.txn)
            .await
    }

    /// Notes name the other by the id: entries are never written again, and a number may be erased.
    async fn write_entries(&self, entries: &[NewEntry]) -> Result<(), DbErr> {
        let theirs = |entry: &NewEntry| match entry.kind {
            PointKind::Merged if entry.member_id == self.from.id => self.into.id,
            _ => self.from.id,
        };
        for some in entries.chunks(MANY) {
            let rows = some.iter().map(|entry| point_entry::ActiveModel {
                merchant_id: ActiveValue::Set(self.merchant_id()),
                id: ActiveValue::Set(self.app.ids.next()),
                member_id: ActiveValue::Set(entry.member_id),
                lot_id: ActiveValue::Set(entry.lot_id),
                kind: ActiveValue::Set(entry.kind),
                points: ActiveValue::Set(entry.by.points),
                pending: ActiveValue::Set(entry.by.pending),
                owed: ActiveValue::Set(entry.by.owed),
                balance: ActiveValue::Set(entry.balance),
                source_id: ActiveValue::Set(None),
                round: ActiveValue::Set(0),
                actor: ActiveValue::Set(self.actor.name()),
                note: ActiveValue::Set(Some(theirs(entry).to_string())),
            });
            point_entry::Entity::insert_many(rows)
                .exec_without_returning(self.txn)
                .await?;
        }
        Ok(())
    }
}
