//! Rows of rewards and redemptions under their locks, and what is told of them.

use entity::event::EventKind;
use entity::reward_redemption::{self, RewardRedemptionState};
use entity::{MemberId, MerchantId, RewardId, RewardRedemptionId, member, reward};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, DatabaseTransaction, DbErr,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::db::share;
use crate::events;
use crate::members::service::lock;

/// How often a member that became a part of another is followed.
const MERGES: usize = 8;

/// A reward that nobody changes until the transaction ends. Who redeems it does not wait for others who do, only for who
/// changes it, or waits to.
pub(super) async fn share_reward(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RewardId,
) -> Result<Option<reward::Model>, DbErr> {
    share(txn, &[id]).await?;
    reward::Entity::of(merchant_id)
        .filter(reward::Column::Id.eq(id))
        .one(txn)
        .await
}

/// Locks a member, or who they have become a part of. Who was erased is nobody any more.
pub(super) async fn lock_member(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<member::Model>, DbErr> {
    let mut id = id;
    for _ in 0..MERGES {
        let Some(row) = lock(txn, merchant_id, id).await? else {
            return Ok(None);
        };
        match row.merged_into {
            Some(other) => id = other,
            None => return Ok(Some(row)),
        }
    }
    Ok(None)
}

/// A redemption; the member's row is locked before it.
pub(super) async fn lock_redemption(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RewardRedemptionId,
) -> Result<Option<reward_redemption::Model>, DbErr> {
    reward_redemption::Entity::of(merchant_id)
        .filter(reward_redemption::Column::Id.eq(id))
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await
}

/// Whose redemption it is: read without a lock, since the member's comes first.
pub(super) async fn member_of(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RewardRedemptionId,
) -> Result<Option<MemberId>, DbErr> {
    reward_redemption::Entity::of(merchant_id)
        .filter(reward_redemption::Column::Id.eq(id))
        .select_only()
        .column(reward_redemption::Column::MemberId)
        .into_tuple()
        .one(txn)
        .await
}

/// Takes one more of a reward, where one is left: comes last in its transaction. False where none is.
pub(super) async fn take_one(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RewardId,
) -> Result<bool, DbErr> {
    use reward::Column;
    let is_left = Condition::any()
        .add(Column::Stock.is_null())
        .add(Expr::col(Column::Taken).lt(Expr::col(Column::Stock)));
    let taken = reward::Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(is_left)
        .col_expr(Column::Taken, Expr::col(Column::Taken).add(1))
        .exec(txn)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Puts one of a reward back: comes last in its transaction.
pub(super) async fn put_back(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RewardId,
) -> Result<(), DbErr> {
    use reward::Column;
    reward::Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::Taken.gt(0))
        .col_expr(Column::Taken, Expr::col(Column::Taken).sub(1))
        .exec(txn)
        .await?;
    Ok(())
}

/// Keeps a redemption as it is now.
pub(super) async fn keep(
    txn: &DatabaseTransaction,
    row: &reward_redemption::Model,
) -> Result<(), DbErr> {
    let mut after = row.clone().into_active_model().reset_all();
    (after.merchant_id, after.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    reward_redemption::Entity::update_of(row.merchant_id)
        .filter(reward_redemption::Column::Id.eq(row.id))
        .set(after)
        .exec(txn)
        .await?;
    Ok(())
}

/// How many of a reward a locked member has: those that were called off do not count.
pub(super) async fn had(
    txn: &DatabaseTransaction,
    reward: &reward::Model,
    member_id: MemberId,
) -> Result<i64, DbErr> {
    use reward_redemption::Column;
    let count: Option<i64> = reward_redemption::Entity::of(reward.merchant_id)
        .filter(Column::RewardId.eq(reward.id))
        .filter(Column::MemberId.eq(member_id))
        .filter(Column::State.ne(RewardRedemptionState::Canceled))
        .select_only()
        .column_as(Column::Id.count(), "count")
        .into_tuple()
        .one(txn)
        .await?;
    Ok(count.unwrap_or_default())
}

/// Tells of a reward or a redemption, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: EventKind,
    subject_id: impl Into<i64> + Send,
) -> Result<(), DbErr> {
    let now = app.clock.instant();
    events::record(txn, &app.ids, now, merchant_id, kind, subject_id).await
}

/// What the audit log is told of a redemption.
pub(super) fn shown(row: &reward_redemption::Model) -> Value {
    json!({
        "rewardId": row.reward_id.to_string(),
        "memberId": row.member_id.to_string(),
        "state": row.state.to_value(),
        "points": row.points,
        "couponId": row.coupon_id.map(|id| id.to_string()),
        "note": row.note,
        "cancelReason": row.cancel_reason,
    })
}
