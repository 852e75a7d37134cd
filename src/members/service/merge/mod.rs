//! Makes two members one: all that the one has becomes the other's, in one transaction.

mod figures;
mod points;
mod things;

use entity::event::EventKind;
use entity::member::{Column, Entity, Model};
use entity::member_change::MemberChangeKind;
use entity::tier_change::{self, TierChangeReason};
use entity::{MemberId, MerchantId, TierId, order, tier};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;

use super::changes::{Change, note};
use super::list::maybe_find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::idempotency::{Claim, Key};
use crate::members::model::{MergeRefusal, Standing, Versions, become_one, check_merge};

type Outcome<T> = Result<T, Failure<MergeRefusal>>;

/// Who becomes a part of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merger {
    /// Who goes.
    pub from: MemberId,
    /// Who stays.
    pub into: MemberId,
    /// The versions in which both were read.
    pub expected: Versions,
}

/// What the transaction works with.
#[derive(Clone, Copy)]
struct Merging<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    actor: &'a Actor,
    /// Who goes, locked, as they were.
    from: &'a Model,
    /// Who stays, locked, as they were.
    into: &'a Model,
}

/// Makes one member a part of another. Orders of the one who goes are locked before either of them, as by whoever pays
/// or refunds; then both, in the order of their ids. The number of the one who goes leads to the other from then on. The
/// same key with the same two returns the one who stayed, as they are now.
pub async fn merge(app: &App, actor: &Actor, key: &str, merger: Merger) -> Outcome<Model> {
    let Merger {
        from,
        into,
        expected,
    } = merger;
    if from == into {
        return Err(Failure::Refused(MergeRefusal::SameMember));
    }
    let key = &Key::read(key, "memberMerge", &(from, into, expected))?;
    let merchant_id = actor.merchant_id;
    app.write::<_, Failure<MergeRefusal>, _>(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, into).await? {
            Claim::New => {}
            Claim::Known(_) => return Ok(()),
            Claim::Reused => return Err(Failure::Refused(MergeRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(MergeRefusal::InProgress)),
        }
        lock_orders(&txn, merchant_id, from).await?;
        let both = lock_both(&txn, merchant_id, [from, into]).await?;
        let found = |id| both.iter().find(|row| row.id == id);
        let from = found(from).ok_or(Failure::Refused(MergeRefusal::FromNotFound))?;
        let into = found(into).ok_or(Failure::Refused(MergeRefusal::IntoNotFound))?;
        check_merge(from, into, expected).map_err(Failure::Refused)?;
        let merging = Merging {
            app,
            txn: &txn,
            actor,
            from,
            into,
        };
        Ok(merging.run().await?)
    })
    .await?;
    let found = maybe_find(app, merchant_id, into).await?;
    Ok(found.ok_or(Error::NotFound)?)
}

/// Whoever pays or refunds an order locks it before its member.
async fn lock_orders(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    from: MemberId,
) -> Result<(), DbErr> {
    order::Entity::of(merchant_id)
        .filter(order::Column::MemberId.eq(from))
        .select_only()
        .column(order::Column::Id)
        .order_by_asc(order::Column::Id)
        .lock_exclusive()
        .into_tuple::<i64>()
        .all(txn)
        .await?;
    Ok(())
}

/// Nobody orders for either of them, or is given anything, until the transaction ends.
async fn lock_both(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    ids: [MemberId; 2],
) -> Result<Vec<Model>, DbErr> {
    Entity::of(merchant_id)
        .filter(Column::Id.is_in(ids))
        .order_by_asc(Column::Id)
        .lock_exclusive()
        .all(txn)
        .await
}

impl Merging<'_> {
    fn merchant_id(&self) -> MerchantId {
        self.into.merchant_id
    }

    async fn run(self) -> Result<(), Error> {
        let mut one = become_one(self.from, self.into, self.ranks().await?);
        let offers = self.offers().await?;
        self.move_things().await?;
        self.move_profile().await?;
        self.move_tags().await?;
        self.move_segments().await?;
        self.move_days().await?;
        let standing = self.move_points().await?;
        (one.points, one.points_pending, one.points_owed) =
            (standing.points, standing.pending, standing.owed);
        self.write_one(&one).await?;
        self.write_gone().await?;
        self.move_counters(&offers).await?;
        self.tell(&one).await
    }

    /// The ranks of their tiers; one that was taken away ranks below all others.
    async fn ranks(&self) -> Result<(Option<i32>, Option<i32>), DbErr> {
        let ids = [self.from.tier_id, self.into.tier_id];
        let ids: Vec<TierId> = ids.into_iter().flatten().collect();
        if ids.is_empty() {
            return Ok((None, None));
        }
        let tiers = tier::Entity::of(self.merchant_id())
            .filter(tier::Column::Id.is_in(ids))
            .all(self.txn)
            .await?;
        let rank = |id: Option<TierId>| {
            let row = tiers.iter().find(|row| Some(row.id) == id)?;
            Some(row.removed_at.map_or(row.rank, |_| 0))
        };
        Ok((rank(self.from.tier_id), rank(self.into.tier_id)))
    }

    /// Writes what is told of the two: changes, events, and who did it.
    async fn tell(&self, one: &Model) -> Result<(), Error> {
        let (app, txn, from, into) = (self.app, self.txn, self.from, self.into);
        for (member, other) in [(into, from), (from, into)] {
            let change = Change {
                member_id: member.id,
                kind: MemberChangeKind::Merged,
                fields: &[],
                note: Some(&other.member_no),
            };
            note(app, txn, self.actor, change).await?;
        }
        let mut kinds = vec![EventKind::MemberMerged];
        if one.tier_id != into.tier_id {
            self.write_tier(one).await?;
            kinds.push(EventKind::MemberTierChanged);
        }
        if Standing::of(one) != Standing::of(into) {
            kinds.push(EventKind::MemberPointsChanged);
        }
        let now = app.clock.instant();
        for kind in kinds {
            events::record(txn, &app.ids, now, self.merchant_id(), kind, into.id).await?;
        }
        let made = json!({ "from": from.id.to_string(), "fromMemberNo": from.member_no });
        let deed = Deed::of("memberMerge").on(into.id).made(made);
        audit::record(app, txn, self.actor, deed).await
    }

    async fn write_tier(&self, one: &Model) -> Result<(), DbErr> {
        let change = tier_change::ActiveModel {
            merchant_id: ActiveValue::Set(one.merchant_id),
            id: ActiveValue::Set(self.app.ids.next()),
            member_id: ActiveValue::Set(one.id),
            from_tier_id: ActiveValue::Set(self.into.tier_id),
            to_tier_id: ActiveValue::Set(one.tier_id),
            reason: ActiveValue::Set(TierChangeReason::Merged),
            until: ActiveValue::Set(one.tier_until),
            actor: ActiveValue::Set(self.actor.name()),
            note: ActiveValue::Set(None),
        };
        tier_change::Entity::insert(change)
            .exec_without_returning(self.txn)
            .await?;
        Ok(())
    }

    /// Writes the one who stays.
    async fn write_one(&self, one: &Model) -> Result<(), DbErr> {
        Entity::update_of(one.merchant_id)
            .filter(Column::Id.eq(one.id))
            .col_expr(Column::FirstOrderId, Expr::value(one.first_order_id))
            .col_expr(Column::FirstPaidAt, Expr::value(one.first_paid_at))
            .col_expr(Column::FirstChannelId, Expr::value(one.first_channel_id))
            .col_expr(Column::FirstMethod, Expr::value(one.first_method))
            .col_expr(Column::FirstCountry, Expr::value(one.first_country.clone()))
            .col_expr(Column::JoinedAt, Expr::value(one.joined_at))
            .col_expr(Column::TierId, Expr::value(one.tier_id))
            .col_expr(Column::TierSince, Expr::value(one.tier_since))
            .col_expr(Column::TierUntil, Expr::value(one.tier_until))
            .col_expr(Column::PaidOrders, Expr::value(one.paid_orders))
            .col_expr(Column::SpentMinor, Expr::value(one.spent_minor))
            .col_expr(Column::LastPaidAt, Expr::value(one.last_paid_at))
            .col_expr(Column::Points, Expr::value(one.points))
            .col_expr(Column::PointsPending, Expr::value(one.points_pending))
            .col_expr(Column::PointsOwed, Expr::value(one.points_owed))
            .col_expr(Column::Birthday, Expr::value(one.birthday))
            .col_expr(Column::Locale, Expr::value(one.locale.clone()))
            .col_expr(Column::Version, Expr::value(one.version))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// Writes the one who goes, who has nothing any more, and all who had become a part of them.
    async fn write_gone(&self) -> Result<(), DbErr> {
        let none = || Expr::value(Option::<i64>::None);
        Entity::update_of(self.merchant_id())
            .filter(Column::Id.eq(self.from.id))
            .col_expr(Column::FirstOrderId, none())
            .col_expr(Column::FirstPaidAt, none())
            .col_expr(Column::FirstChannelId, none())
            .col_expr(Column::FirstMethod, Expr::value(Option::<String>::None))
            .col_expr(Column::FirstCountry, Expr::value(Option::<String>::None))
            .col_expr(Column::TierId, none())
            .col_expr(Column::TierSince, none())
            .col_expr(Column::TierUntil, none())
            .col_expr(Column::PaidOrders, Expr::value(0))
            .col_expr(Column::SpentMinor, Expr::value(0))
            .col_expr(Column::LastPaidAt, none())
            .col_expr(Column::Points, Expr::value(0))
            .col_expr(Column::PointsPending, Expr::value(0))
            .col_expr(Column::PointsOwed, Expr::value(0))
            .col_expr(Column::Birthday, Expr::value(Option::<i32>::None))
            .col_expr(Column::ConsentedAt, none())
            .col_expr(Column::Locale, Expr::value(Option::<String>::None))
            .col_expr(Column::Version, Expr::value(self.from.version + 1))
            .col_expr(Column::MergedInto, Expr::value(self.into.id))
            .exec(self.txn)
            .await?;
        Entity::update_of(self.merchant_id())
            .filter(Column::MergedInto.eq(self.from.id))
            .col_expr(Column::MergedInto, Expr::value(self.into.id))
            .exec(self.txn)
            .await?;
        Ok(())
    }
}
