//! Gives people another role, lets them go, and signs them out everywhere.

use entity::event::EventKind;
use entity::membership::{self, Column, Entity, Role};
use entity::{MerchantId, StaffId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};
use serde_json::json;

use super::invite::{end_those_of, lock};
use crate::audit::{self, Deed};
use crate::auth::members::Colleague;
use crate::auth::model::Actor;
use crate::auth::refresh::end_all;
use crate::auth::service::Auth;
use crate::db::Txn;
use crate::error::{Error, Failure};
use crate::events;
use crate::second_factor::service::{Code, Stake, prove_among, with_code_if_any};
use crate::staff::model::{
    ChangeRefusal, EndRefusal, Forbidden, check_above, check_still, is_last_owner, stake_of,
};

type Outcome<T> = Result<T, Failure<ChangeRefusal>>;

/// Gives somebody another role. Of two owners who take it from each other at once, one is told that they are the
/// last.
pub async fn update(
    auth: &Auth,
    actor: &Actor,
    (id, role): (StaffId, Role),
    code: Option<&str>,
) -> Outcome<Colleague> {
    let (app, merchant_id) = (auth.app(), actor.merchant_id);
    let tried = Deed::of("staffUpdate")
        .on(id)
        .made(json!({ "role": role.name() }));
    let work = |txn: Txn, code: Option<Code>| async move {
        let known = about(&txn, actor, id).await?;
        check_above(actor, role).map_err(|no| Failure::Refused(no.into()))?;
        if known.member.role == role {
            return Ok(());
        }
        if known.is_last_owner {
            return Err(Failure::Refused(ChangeRefusal::LastOwner));
        }
        let stake = stake_of(role);
        prove_among::<ChangeRefusal>(&txn, actor, known.staff, code.as_ref(), stake).await?;
        Entity::update_of(merchant_id)
            .filter(Column::StaffId.eq(id))
            .col_expr(Column::Role, Expr::value(role))
            .exec(&*txn)
            .await?;
        let now = app.clock.instant();
        end_those_of(&txn, merchant_id, id, now).await?;
        events::record(
            &txn,
            &app.ids,
            now,
            merchant_id,
            EventKind::StaffUpdated,
            id,
        )
        .await?;
        let deed = Deed::of("staffUpdate").on(id).changed(
            json!({ "role": known.member.role.name() }),
            json!({ "role": role.name() }),
        );
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<ChangeRefusal>>(())
    };
    let changed = with_code_if_any(app, actor, code, "staffUpdate", work).await;
    audit::deny_refused(app, actor, tried, changed).await?;
    auth.access().memberships_changed();
    Ok(find(auth, merchant_id, id).await?)
}

/// Lets somebody go, oneself included: they may do nothing here any more. What they made stays.
pub async fn remove(
    auth: &Auth,
    actor: &Actor,
    id: StaffId,
    code: Option<&str>,
) -> Outcome<StaffId> {
    let (app, merchant_id) = (auth.app(), actor.merchant_id);
    let tried = Deed::of("staffRemove").on(id);
    let work = |txn: Txn, code: Option<Code>| async move {
        let known = about(&txn, actor, id).await?;
        if known.is_last_owner {
            return Err(Failure::Refused(ChangeRefusal::LastOwner));
        }
        let stake = Stake::Ordinary;
        prove_among::<ChangeRefusal>(&txn, actor, known.staff, code.as_ref(), stake).await?;
        Entity::delete_of(merchant_id)
            .filter(Column::StaffId.eq(id))
            .exec(&*txn)
            .await?;
        let now = app.clock.instant();
        end_those_of(&txn, merchant_id, id, now).await?;
        events::record(
            &txn,
            &app.ids,
            now,
            merchant_id,
            EventKind::StaffRemoved,
            id,
        )
        .await?;
        let deed = Deed::of("staffRemove").on(id);
        let deed = deed.gone(json!({ "role": known.member.role.name() }));
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<ChangeRefusal>>(())
    };
    let removed = with_code_if_any(app, actor, code, "staffRemove", work).await;
    audit::deny_refused(app, actor, tried, removed).await?;
    auth.access().memberships_changed();
    Ok(id)
}

/// Signs a colleague out everywhere: whoever holds a token of theirs holds nothing any more.
pub async fn sign_out(
    auth: &Auth,
    actor: &Actor,
    id: StaffId,
) -> Result<Colleague, Failure<EndRefusal>> {
    let (app, merchant_id) = (auth.app(), actor.merchant_id);
    let tried = Deed::of("staffSignOut").on(id);
    let ended = app.write_across(merchant_id, |txn| async move {
        let members = lock(&txn, merchant_id).await?;
        allowed(&members, actor, id)?;
        end_all(app, &txn, id).await?;
        let deed = Deed::of("staffSignOut").on(id);
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<EndRefusal>>(())
    });
    audit::deny_refused(app, actor, tried, ended.await).await?;
    auth.access().memberships_changed();
    Ok(find(auth, merchant_id, id).await?)
}

/// Somebody who is decided about.
struct About {
    member: membership::Model,
    is_last_owner: bool,
    /// Everybody who works for the merchant.
    staff: Vec<StaffId>,
}

/// Whom an actor wants to decide about, under the lock of the merchant's row.
async fn about(txn: &DatabaseTransaction, actor: &Actor, id: StaffId) -> Outcome<About> {
    let members = lock(txn, actor.merchant_id).await?;
    let member = allowed(&members, actor, id).map_err(|no| match no {
        Failure::Refused(EndRefusal::NotFound) => Failure::Refused(ChangeRefusal::NotFound),
        Failure::Refused(EndRefusal::StaffOnly) => Failure::Refused(Forbidden::StaffOnly.into()),
        Failure::Refused(EndRefusal::AboveYou) => Failure::Refused(ChangeRefusal::AboveYou),
        Failure::Failed(error) => Failure::Failed(error),
    })?;
    Ok(About {
        is_last_owner: is_last_owner(&members, member),
        member: member.clone(),
        staff: members.iter().map(|it| it.staff_id).collect(),
    })
}

/// The member of an id, where an actor may decide about them.
fn allowed<'a>(
    members: &'a [membership::Model],
    actor: &Actor,
    id: StaffId,
) -> Result<&'a membership::Model, Failure<EndRefusal>> {
    let member = members.iter().find(|member| member.staff_id == id);
    let member = member.ok_or(Failure::Refused(EndRefusal::NotFound))?;
    check_above(actor, member.role).map_err(|no| Failure::Refused(no.into()))?;
    check_still(actor, members).map_err(|no| Failure::Refused(no.into()))?;
    Ok(member)
}

async fn find(auth: &Auth, merchant_id: MerchantId, id: StaffId) -> Result<Colleague, Error> {
    let found = auth.maybe_find_staff(merchant_id, id).await?;
    found.ok_or(Error::NotFound)
}
