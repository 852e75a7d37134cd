//! Looks whether who becomes a part of another has said since that they do not want to be written to.

use entity::member_change::{Column, Entity, MemberChangeKind};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};

use super::super::erase::with_parts;
use super::Merging;

impl Merging<'_> {
    /// Whether the one who stays agreed, and the one who goes, or who has become a part of them, took it back since: they
    /// are one person, and said so last. That they agreed is said for nobody else.
    pub(super) async fn withdraws(&self) -> Result<bool, DbErr> {
        let Some(agreed) = self.into.consented_at else {
            return Ok(false);
        };
        let theirs = with_parts(self.txn, self.merchant_id(), self.from.id).await?;
        let said = [MemberChangeKind::Consented, MemberChangeKind::Withdrawn];
        let last = Entity::of(self.merchant_id())
            .filter(Column::MemberId.is_in(theirs))
            .filter(Column::Kind.is_in(said))
            .order_by_desc(Column::Id)
            .one(self.txn)
            .await?;
        Ok(last.is_some_and(|last| {
            last.kind == MemberChangeKind::Withdrawn
                && last.id.made_at_ms() >= agreed.0.timestamp_millis()
        }))
    }
}
