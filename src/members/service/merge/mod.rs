//! Makes two members one: all that the one has becomes the other's, in somebody else's transaction.

mod consent;
mod figures;
mod points;
mod things;

use entity::event::EventKind;
use entity::member::{Column, Entity, Model};
use entity::member_change::MemberChangeKind;
use entity::{MemberId, MerchantId, order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::changes::{Change, note};
use super::windows::SUMMED_WINDOWS;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
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

/// Makes one member a part of another, in that transaction. Orders of the one who goes are locked before either of them,
/// as by whoever pays or refunds; then both, in the order of their ids. The number of the one who goes leads to the other
/// from then on. Returns the one who goes as they were, and the one who stays as they are: with the tier that they had,
/// which is looked at behind it.
pub async fn merge(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    merger: Merger,
) -> Outcome<(Model, Model)> {
    let Merger {
        from,
        into,
        expected,
    } = merger;
    if from == into {
        return Err(Failure::Refused(MergeRefusal::SameMember));
    }
    let merchant_id = actor.merchant_id;
    lock_orders(txn, merchant_id, from).await?;
    let both = lock_both(txn, merchant_id, [from, into]).await?;
    let found = |id| both.iter().find(|row| row.id == id);
    let from = found(from).ok_or(Failure::Refused(MergeRefusal::FromNotFound))?;
    let into = found(into).ok_or(Failure::Refused(MergeRefusal::IntoNotFound))?;
    check_merge(from, into, expected).map_err(Failure::Refused)?;
    let merging = Merging {
        app,
        txn,
        actor,
        from,
        into,
    };
    let one = merging.run().await?;
    Ok((from.clone(), one))
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

    async fn run(self) -> Result<Model, Error> {
        let mut one = become_one(self.from, self.into);
        if self.withdraws().await? {
            one.consented_at = None;
        }
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
        self.tell(&one).await?;
        Ok(one)
    }

    /// Writes what is told of the two: changes, events, and who did it.
    async fn tell(&self, one: &Model) -> Result<(), Error> {
        let (app, txn, from, into) = (self.app, self.txn, self.from, self.into);
        for (member, other) in [(into, from), (from, into)] {
            let change = Change {
                member_id: member.id,
                kind: MemberChangeKind::Merged,
                fields: &[],
                note: Some(&other.id.to_string()),
            };
            note(app, txn, self.actor, change).await?;
        }
        let mut kinds = vec![EventKind::MemberMerged];
        if one.consented_at.is_none() && into.consented_at.is_some() {
            let change = Change {
                member_id: into.id,
                kind: MemberChangeKind::Withdrawn,
                fields: &["consent"],
                note: Some(&from.id.to_string()),
            };
            note(app, txn, self.actor, change).await?;
            kinds.push(EventKind::MemberConsentChanged);
        }
        if Standing::of(one) != Standing::of(into) {
            kinds.push(EventKind::MemberPointsChanged);
        }
        let now = app.clock.instant();
        for kind in kinds {
            events::record(txn, &app.ids, now, self.merchant_id(), kind, into.id).await?;
        }
        let made = json!({ "from": from.id.to_string() });
        let deed = Deed::of("memberMerge").on(into.id).made(made);
        audit::record(app, txn, self.actor, deed).await
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
            .col_expr(Column::FirstTierId, Expr::value(one.first_tier_id))
            .col_expr(Column::JoinedAt, Expr::value(one.joined_at))
            .col_expr(Column::PaidOrders, Expr::value(one.paid_orders))
            .col_expr(Column::SpentMinor, Expr::value(one.spent_minor))
            .col_expr(Column::LastPaidAt, Expr::value(one.last_paid_at))
            // No window holds any more: the worker sums them.
            .col_expr(Column::WindowsUntil, Expr::value(0))
            .col_expr(Column::Points, Expr::value(one.points))
            .col_expr(Column::PointsPending, Expr::value(one.points_pending))
            .col_expr(Column::PointsOwed, Expr::value(one.points_owed))
            .col_expr(Column::Birthday, Expr::value(one.birthday))
            .col_expr(Column::ConsentedAt, Expr::value(one.consented_at))
            .col_expr(Column::Locale, Expr::value(one.locale.clone()))
            .col_expr(Column::Version, Expr::value(one.version))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// Writes the one who goes, who has nothing any more, and all who had become a part of them.
    async fn write_gone(&self) -> Result<(), DbErr> {
        let none = || Expr::value(Option::<i64>::None);
        let mut gone = Entity::update_of(self.merchant_id());
        for window in &SUMMED_WINDOWS {
            gone = gone
                .col_expr(window.orders, Expr::value(0))
                .col_expr(window.spent, Expr::value(0));
        }
        gone.filter(Column::Id.eq(self.from.id))
            .col_expr(Column::FirstOrderId, none())
            .col_expr(Column::FirstPaidAt, none())
            .col_expr(Column::FirstChannelId, none())
            .col_expr(Column::FirstMethod, Expr::value(Option::<String>::None))
            .col_expr(Column::FirstCountry, Expr::value(Option::<String>::None))
            .col_expr(Column::FirstTierId, none())
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
