//! Erases what names a member. Their orders, points and numbers stay: money has to be accounted for.

use entity::event::EventKind;
use entity::member::{Column, Entity, Model};
use entity::member_change::{self, MemberChangeKind};
use entity::{
    MemberId, MerchantId, member_profile, member_tag, message_recipient, order, reward_redemption,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QuerySelect, QueryTrait};
use serde_json::json;

use super::changes::{Change, note};
use super::list::maybe_find;
use super::survivor::lock_exclusively;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::members::model::{ERASED, EraseRefusal, read_reason};

type Outcome<T> = Result<T, Failure<EraseRefusal>>;

/// What is to be erased.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Of whom.
    pub member_id: MemberId,
    /// Why.
    pub reason: String,
    /// Whether the shop's own number goes as well.
    pub also_number: bool,
}

/// What a member's number is replaced by.
fn nobody(id: MemberId) -> String {
    format!("{ERASED}{id}")
}

/// Erases what names a member, and those who have become a part of them: the profile, birthday, tags and consent, the
/// buyers of their orders, what was written to them and what was noted of their rewards. Erasing once more changes
/// nothing, save that it takes the buyers of orders since then, and may take the number as well.
pub async fn erase(app: &App, actor: &Actor, erasure: Erasure) -> Outcome<Model> {
    let erasure = &erasure;
    let reason = read_reason(&erasure.reason).map_err(Failure::Refused)?;
    let (merchant_id, also_number) = (actor.merchant_id, erasure.also_number);
    let id = app
        .write::<_, Failure<EraseRefusal>, _>(merchant_id, |txn| async move {
            // Whoever pays or refunds an order locks it before its member.
            let before = erase_buyers(&txn, merchant_id, erasure.member_id).await?;
            let locked = lock_exclusively(&txn, merchant_id, erasure.member_id).await?;
            let member = locked.ok_or(Failure::Refused(EraseRefusal::NotFound))?;
            // Those of orders that were made until it was locked.
            let buyers = before + erase_buyers(&txn, merchant_id, member.id).await?;
            let renamed = also_number && member.member_no != nobody(member.id);
            if member.erased_at.is_some() && !renamed && buyers == 0 {
                return Ok(member.id);
            }
            let ids = with_parts(&*txn, merchant_id, member.id).await?;
            erase_rows(&txn, merchant_id, &ids).await?;
            erase_members(app, &txn, &member, &ids).await?;
            if also_number {
                erase_numbers(&txn, merchant_id, &ids).await?;
            }
            let change = Change {
                member_id: member.id,
                kind: MemberChangeKind::Erased,
                fields: if also_number { &["memberNo"] } else { &[] },
                note: None,
            };
            note(app, &txn, actor, change).await?;
            let (now, kind) = (app.clock.instant(), EventKind::MemberErased);
            events::record(&txn, &app.ids, now, merchant_id, kind, member.id).await?;
            let made = json!({ "reason": reason, "alsoNumber": also_number });
            let deed = Deed::of("memberErase").on(member.id).made(made);
            audit::record(app, &txn, actor, deed).await?;
            Ok(member.id)
        })
        .await?;
    let found = maybe_find(app, merchant_id, id).await?;
    Ok(found.ok_or(Error::NotFound)?)
}

async fn erase_buyers(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<u64, DbErr> {
    let whose = Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .select_only()
        .expr_as(Expr::cust("COALESCE(merged_into, id)"), "survivor")
        .into_query();
    let erased = order::Entity::update_of(merchant_id)
        .filter(order::Column::MemberId.in_subquery(whose))
        .filter(order::Column::SealedBuyer.is_not_null())
        .col_expr(
            order::Column::SealedBuyer,
            Expr::value(Option::<Vec<u8>>::None),
        )
        .exec(txn)
        .await?;
    Ok(erased.rows_affected)
}

/// A member, and all who have become a part of them.
pub(super) async fn with_parts(
    txn: &impl sea_orm::ConnectionTrait,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Vec<MemberId>, DbErr> {
    let parts: Vec<MemberId> = Entity::of(merchant_id)
        .filter(Column::MergedInto.eq(id))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(txn)
        .await?;
    Ok([id].into_iter().chain(parts).collect())
}

/// Erases what names them in other tables than their own.
async fn erase_rows(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<(), DbErr> {
    let whose = || ids.iter().copied();
    member_profile::Entity::delete_of(merchant_id)
        .filter(member_profile::Column::MemberId.is_in(whose()))
        .exec(txn)
        .await?;
    member_tag::Entity::delete_of(merchant_id)
        .filter(member_tag::Column::MemberId.is_in(whose()))
        .exec(txn)
        .await?;
    let no_text = || Expr::value(Option::<String>::None);
    member_change::Entity::update_of(merchant_id)
        .filter(member_change::Column::MemberId.is_in(whose()))
        .filter(member_change::Column::Note.is_not_null())
        .col_expr(member_change::Column::Note, no_text())
        .exec(txn)
        .await?;
    reward_redemption::Entity::update_of(merchant_id)
        .filter(reward_redemption::Column::MemberId.is_in(whose()))
        .col_expr(reward_redemption::Column::Note, no_text())
        .col_expr(reward_redemption::Column::CancelReason, no_text())
        .exec(txn)
        .await?;
    message_recipient::Entity::update_of(merchant_id)
        .filter(message_recipient::Column::MemberId.is_in(whose()))
        .col_expr(
            message_recipient::Column::Sealed,
            Expr::value(Option::<Vec<u8>>::None),
        )
        .exec(txn)
        .await?;
    Ok(())
}

async fn erase_members(
    app: &App,
    txn: &DatabaseTransaction,
    member: &Model,
    ids: &[MemberId],
) -> Result<(), DbErr> {
    let erased_at = member.erased_at.unwrap_or_else(|| app.clock.instant());
    Entity::update_of(member.merchant_id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .col_expr(Column::Birthday, Expr::value(Option::<i32>::None))
        .col_expr(Column::ConsentedAt, Expr::value(Option::<i64>::None))
        .col_expr(Column::Locale, Expr::value(Option::<String>::None))
        .col_expr(Column::ErasedAt, Expr::value(erased_at))
        .col_expr(Column::Version, Expr::cust("version + 1"))
        .exec(txn)
        .await?;
    Ok(())
}

async fn erase_numbers(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<(), DbErr> {
    for id in ids {
        Entity::update_of(merchant_id)
            .filter(Column::Id.eq(*id))
            .col_expr(Column::MemberNo, Expr::value(nobody(*id)))
            .exec(txn)
            .await?;
    }
    Ok(())
}
