//! Reads what has happened to a member from each table that tells of it.

use std::collections::BTreeSet;

use entity::member_change::MemberChangeKind;
use entity::message_recipient::MessageOutcome;
use entity::point_entry::PointKind;
use entity::refund::RefundStatus;
use entity::{
    CouponId, Instant, MemberId, MessageId, OrderId, RefundId, coupon, member_change, member_grant,
    message_recipient, order, point_entry, refund, reward_redemption, tier_change,
};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};

use super::{Happened, Reading, What};
use crate::members::model::{Place, Source};

/// What a source's rows are read as.
fn by_id(source: Source, id: i64, what: What) -> Happened {
    let at_ms = MemberId(id).made_at_ms();
    Happened {
        place: Place { at_ms, source, id },
        what,
    }
}

fn by_time(source: Source, at: Instant, id: i64, what: What) -> Happened {
    let at_ms = at.0.timestamp_millis();
    Happened {
        place: Place { at_ms, source, id },
        what,
    }
}

impl Reading<'_> {
    pub(super) async fn paid(&self) -> Result<Vec<Happened>, DbErr> {
        use order::{Column, Entity};
        let select = Entity::of(self.merchant_id)
            .filter(Column::MemberId.eq(self.member_id))
            .filter(Column::PaidAt.is_not_null());
        let rows: Vec<(OrderId, Instant)> = self
            .page_by_time(Source::Paid, select, (Column::PaidAt, Column::Id))
            .select_only()
            .columns([Column::Id, Column::PaidAt])
            .into_tuple()
            .all(&self.db)
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(id, at)| by_time(Source::Paid, at, id.0, What::Paid(id)))
            .collect())
    }

    pub(super) async fn refunded(&self) -> Result<Vec<Happened>, DbErr> {
        use refund::{Column, Entity};
        let select = Entity::of(self.merchant_id)
            .filter(Column::MemberId.eq(self.member_id))
            .filter(Column::State.eq(RefundStatus::Succeeded))
            .filter(Column::SucceededAt.is_not_null());
        let rows: Vec<(RefundId, OrderId, Instant)> = self
            .page_by_time(Source::Refunded, select, (Column::SucceededAt, Column::Id))
            .select_only()
            .columns([Column::Id, Column::OrderId, Column::SucceededAt])
            .into_tuple()
            .all(&self.db)
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(id, order_id, at)| {
                by_time(Source::Refunded, at, id.0, What::Refunded(id, order_id))
            })
            .collect())
    }

    pub(super) async fn coupons_given(&self) -> Result<Vec<Happened>, DbErr> {
        use coupon::{Column, Entity};
        let select = Entity::of(self.merchant_id).filter(Column::MemberId.eq(self.member_id));
        let rows: Vec<CouponId> = self
            .page_by_id(Source::CouponGiven, select, Column::Id)
            .select_only()
            .column(Column::Id)
            .into_tuple()
            .all(&self.db)
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|id| by_id(Source::CouponGiven, id.0, What::CouponGiven(id)))
            .collect())
    }

    pub(super) async fn coupons_used(&self) -> Result<Vec<Happened>, DbErr> {
        use coupon::{Column, Entity};
        let select = Entity::of(self.merchant_id)
            .filter(Column::MemberId.eq(self.member_id))
            .filter(Column::UsedAt.is_not_null());
        let rows: Vec<(CouponId, Option<OrderId>, Instant)> = self
            .page_by_time(Source::CouponUsed, select, (Column::UsedAt, Column::Id))
            .select_only()
            .columns([Column::Id, Column::OrderId, Column::UsedAt])
            .into_tuple()
            .all(&self.db)
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(id, order_id, at)| {
                by_time(Source::CouponUsed, at, id.0, What::CouponUsed(id, order_id))
            })
            .collect())
    }

    /// Of who has become a part of them, not that their points went to them: it is told once, as what came.
    pub(super) async fn points(&self) -> Result<Vec<Happened>, DbErr> {
        use point_entry::{Column, Entity};
        let whose = |member: MemberId| {
            let theirs = Column::MemberId.eq(member);
            if member == self.member_id {
                theirs
            } else {
                theirs.and(Column::Kind.ne(PointKind::Merged))
            }
        };
        let of = || Entity::of(self.merchant_id);
        let mut told = Vec::new();
        for page in self.pages(Source::Points, &self.whose, of, (whose, Column::Id)) {
            let rows = page.all(&self.db).await?.into_iter();
            told.extend(rows.map(|row| by_id(Source::Points, row.id.0, What::Points(row))));
        }
        Ok(told)
    }

    pub(super) async fn tiers(&self) -> Result<Vec<Happened>, DbErr> {
        use tier_change::{Column, Entity};
        let whose = |member: MemberId| Column::MemberId.eq(member);
        let of = || Entity::of(self.merchant_id);
        let mut told = Vec::new();
        for page in self.pages(Source::Tier, &self.whose, of, (whose, Column::Id)) {
            let rows = page.all(&self.db).await?.into_iter();
            told.extend(rows.map(|row| by_id(Source::Tier, row.id.0, What::Tier(row, None))));
        }
        Ok(told)
    }

    pub(super) async fn rewards(&self) -> Result<Vec<Happened>, DbErr> {
        use reward_redemption::{Column, Entity};
        let whose = |member: MemberId| Column::MemberId.eq(member);
        let (of, ours) = (|| Entity::of(self.merchant_id), [self.member_id]);
        let mut told = Vec::new();
        for page in self.pages(Source::Reward, &ours, of, (whose, Column::Id)) {
            let rows = page.all(&self.db).await?.into_iter();
            told.extend(rows.map(|row| by_id(Source::Reward, row.id.0, What::Reward(row, None))));
        }
        Ok(told)
    }

    pub(super) async fn grants(&self) -> Result<Vec<Happened>, DbErr> {
        use member_grant::{Column, Entity};
        let whose = |member: MemberId| Column::MemberId.eq(member);
        let of = || Entity::of(self.merchant_id);
        let mut told = Vec::new();
        for page in self.pages(Source::Granted, &self.whose, of, (whose, Column::Id)) {
            let rows = page.all(&self.db).await?.into_iter();
            told.extend(rows.map(|row| by_id(Source::Granted, row.id.0, What::Granted(row))));
        }
        Ok(told)
    }

    pub(super) async fn messages(&self) -> Result<Vec<Happened>, DbErr> {
        use message_recipient::{Column, Entity};
        let whose = |member: MemberId| {
            let theirs = Column::MemberId.eq(member);
            theirs.and(Column::Outcome.eq(MessageOutcome::Sent))
        };
        let of = || Entity::of(self.merchant_id);
        let mut rows: Vec<(i64, MessageId)> = Vec::new();
        for page in self.pages(Source::Message, &self.whose, of, (whose, Column::Id)) {
            let page = page
                .select_only()
                .columns([Column::Id, Column::MessageId])
                .into_tuple::<(i64, MessageId)>();
            rows.extend(page.all(&self.db).await?);
        }
        let ids: BTreeSet<MessageId> = rows.iter().map(|(_, message)| *message).collect();
        let names = self.names_of_messages(ids.into_iter().collect()).await?;
        let rows = rows.into_iter().map(|(id, message)| {
            let name = names.get(&message).map(|name| (name.clone(), None));
            by_id(Source::Message, id, What::Message(name))
        });
        Ok(rows.collect())
    }

    /// Of who has become a part of them, not that they did: it is told once.
    pub(super) async fn profile(&self) -> Result<Vec<Happened>, DbErr> {
        use member_change::{Column, Entity};
        let whose = |member: MemberId| {
            let theirs = Column::MemberId.eq(member);
            if member == self.member_id {
                theirs
            } else {
                theirs.and(Column::Kind.ne(MemberChangeKind::Merged))
            }
        };
        let of = || Entity::of(self.merchant_id);
        let mut told = Vec::new();
        for page in self.pages(Source::Profile, &self.whose, of, (whose, Column::Id)) {
            let rows = page.all(&self.db).await?.into_iter();
            told.extend(rows.map(|row| by_id(Source::Profile, row.id.0, What::Profile(row))));
        }
        Ok(told)
    }
}
