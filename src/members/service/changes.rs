//! Writes down what was done with a member.

use entity::member_change::{self, MemberChangeKind};
use entity::{MemberId, MerchantId};
use sea_orm::{ActiveValue, DatabaseTransaction, DbErr, EntityTrait};

use crate::app::App;
use crate::auth::model::Actor;

/// What was done with a member.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The member.
    pub member_id: MemberId,
    /// What was done.
    pub kind: MemberChangeKind,
    /// Which fields have changed: their names, never what is in them.
    pub fields: &'a [&'a str],
    /// What is worth knowing beside it; nothing that names a person.
    pub note: Option<&'a str>,
}

/// How many changes one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 2_000;

/// Writes down what was done with a member, in the transaction in which it is done.
pub async fn note(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    change: Change<'_>,
) -> Result<(), DbErr> {
    note_many(app, txn, actor, &[change]).await
}

/// As [`note`], of many at once.
pub async fn note_many(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    changes: &[Change<'_>],
) -> Result<(), DbErr> {
    note_as(app, txn, (actor.merchant_id, &actor.name()), changes).await
}

/// As [`note_many`], by whom timelines name so: not everything is done by somebody who has signed in.
pub(super) async fn note_as(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, actor): (MerchantId, &str),
    changes: &[Change<'_>],
) -> Result<(), DbErr> {
    for some in changes.chunks(MANY) {
        let rows = some.iter().map(|change| member_change::ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            id: ActiveValue::Set(app.ids.next()),
            member_id: ActiveValue::Set(change.member_id),
            kind: ActiveValue::Set(change.kind),
            fields: ActiveValue::Set(change.fields.join(",")),
            actor: ActiveValue::Set(actor.to_owned()),
            note: ActiveValue::Set(change.note.map(str::to_owned)),
        });
        member_change::Entity::insert_many(rows)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}
