//! Invites people, renews invitations, and takes them back.

use entity::event::EventKind;
use entity::membership::Role;
use entity::staff_invitation::{Column, Entity, Model};
use entity::{Instant, InvitationId, MerchantId, StaffId, membership, merchant, staff};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::accounts::is_address;
use crate::auth::model::{Actor, mask_email};
use crate::auth::secret;
use crate::auth::service::normal_email;
use crate::db::Txn;
use crate::error::{Error, Failure};
use crate::events;
use crate::second_factor::service::{Code, prove_among, with_code_if_any};
use crate::staff::model::{
    InviteRefusal, MOST_INVITATIONS, OPEN, RevokeRefusal, check_above, check_still, stake_of,
};

/// Invites somebody, or renews the open invitation of an address; returns the secret's text, which is not kept and
/// cannot be shown again.
pub async fn invite(
    app: &App,
    actor: &Actor,
    (email, role): (&str, Role),
    code: Option<&str>,
) -> Result<(Model, String), Failure<InviteRefusal>> {
    let email = normal_email(email);
    let tried = Deed::of("staffInvite").made(shown(&email, role));
    let invited = async {
        check_above(actor, role).map_err(|no| Failure::Refused(no.into()))?;
        if !is_address(&email) {
            return Err(Failure::Refused(InviteRefusal::InvalidEmail));
        }
        let wanted = (email.as_str(), role);
        let work = |txn: Txn, code: Option<Code>| async move {
            invite_in(app, &txn, actor, wanted, code).await
        };
        with_code_if_any(app, actor, code, "staffInvite", work).await
    };
    audit::deny_refused(app, actor, tried, invited.await).await
}

async fn invite_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (email, role): (&str, Role),
    code: Option<Code>,
) -> Result<(Model, String), Failure<InviteRefusal>> {
    let merchant_id = actor.merchant_id;
    let members = lock(txn, merchant_id).await?;
    check_still(actor, &members).map_err(|no| Failure::Refused(no.into()))?;
    let known = staff::Entity::of_email(email).one(txn).await?;
    let is_member = |person: staff::Model| members.iter().any(|it| it.staff_id == person.id);
    if known.is_some_and(is_member) {
        return Err(Failure::Refused(InviteRefusal::AlreadyMember));
    }
    let before = open(merchant_id)
        .filter(Column::Email.eq(email))
        .one(txn)
        .await?;
    let now = app.clock.instant();
    if before.is_none() {
        // Those that nobody accepted in time take nobody's place.
        let living = open(merchant_id).filter(Column::ExpiresAt.gt(now));
        if living.count(txn).await? >= MOST_INVITATIONS {
            return Err(Failure::Refused(InviteRefusal::TooManyInvitations));
        }
    }
    let staff = members.iter().map(|it| it.staff_id).collect();
    prove_among::<InviteRefusal>(txn, actor, staff, code.as_ref(), stake_of(role)).await?;
    let id: InvitationId = before.as_ref().map_or_else(|| app.ids.next(), |row| row.id);
    let made = secret::make(secret::INVITATION, merchant_id, id)?;
    let row = Model {
        merchant_id,
        id,
        email: email.to_owned(),
        role,
        secret_hash: made.hash,
        invited_by: actor.name(),
        created_at: before.as_ref().map_or(now, |row| row.created_at),
        expires_at: Instant(now.0 + OPEN),
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
    };
    match before {
        None => {
            Entity::insert(row.clone().into_active_model())
                .exec_without_returning(txn)
                .await?;
        }
        Some(_) => renew(txn, &row).await?,
    }
    events::record(txn, &app.ids, now, merchant_id, EventKind::StaffInvited, id).await?;
    let deed = Deed::of("staffInvite").on(id).made(shown(email, role));
    audit::record(app, txn, actor, deed).await?;
    Ok((row, made.text))
}

/// Gives an open invitation another secret, role and end.
async fn renew(txn: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .col_expr(Column::SecretHash, Expr::value(row.secret_hash.clone()))
        .col_expr(Column::Role, Expr::value(row.role))
        .col_expr(Column::InvitedBy, Expr::value(row.invited_by.clone()))
        .col_expr(Column::ExpiresAt, Expr::value(row.expires_at))
        .exec(txn)
        .await?;
    Ok(())
}

/// Takes an invitation back; one that was taken back already stays so.
pub async fn revoke(
    app: &App,
    actor: &Actor,
    id: InvitationId,
) -> Result<Model, Failure<RevokeRefusal>> {
    let tried = Deed::of("staffInvitationRevoke").on(id);
    let revoked = app.write(actor.merchant_id, |txn| async move {
        let members = lock(&txn, actor.merchant_id).await?;
        let row = Entity::of(actor.merchant_id)
            .filter(Column::Id.eq(id))
            .one(&*txn)
            .await?;
        let row = row.ok_or(Failure::Refused(RevokeRefusal::NotFound))?;
        check_above(actor, row.role).map_err(|no| Failure::Refused(no.into()))?;
        check_still(actor, &members).map_err(|no| Failure::Refused(no.into()))?;
        if row.accepted_at.is_some() {
            return Err(Failure::Refused(RevokeRefusal::AlreadyAccepted));
        }
        if row.revoked_at.is_some() {
            return Ok(row);
        }
        let now = app.clock.instant();
        end(&txn, &row, now).await?;
        let deed = Deed::of("staffInvitationRevoke").on(id);
        let deed = deed.gone(shown(&row.email, row.role));
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<RevokeRefusal>>(Model {
            revoked_at: Some(now),
            ..row
        })
    });
    audit::deny_refused(app, actor, tried, revoked.await).await
}

async fn end(txn: &DatabaseTransaction, row: &Model, now: Instant) -> Result<(), Error> {
    Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .col_expr(Column::RevokedAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}

/// Ends the open invitations that somebody sent, who must send none any more.
pub(super) async fn end_those_of(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    staff_id: StaffId,
    now: Instant,
) -> Result<(), Error> {
    let rows = open(merchant_id).filter(Column::InvitedBy.eq(staff_id.to_string()));
    for row in rows.all(txn).await? {
        end(txn, &row, now).await?;
    }
    Ok(())
}

/// A merchant's invitations that are neither accepted nor taken back, the newest first; those that have ended by
/// themselves, too, which can be renewed.
pub async fn list_invitations(app: &App, merchant_id: MerchantId) -> Result<Vec<Model>, Error> {
    Ok(open(merchant_id)
        .order_by_desc(Column::Id)
        .limit(MOST_INVITATIONS)
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// An invitation, whatever its state.
pub async fn maybe_find_invitation(
    app: &App,
    merchant_id: MerchantId,
    id: InvitationId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

fn open(merchant_id: MerchantId) -> Select<Entity> {
    Entity::of(merchant_id)
        .filter(Column::AcceptedAt.is_null())
        .filter(Column::RevokedAt.is_null())
}

/// Who works for a merchant, under the lock of the merchant's row: nobody else changes that until this transaction
/// ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Vec<membership::Model>, Error> {
    let merchant = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    merchant.ok_or(Error::NotFound)?;
    Ok(membership::Entity::of(merchant_id).all(txn).await?)
}

/// An invitation as the audit log shows it.
fn shown(email: &str, role: Role) -> Value {
    json!({ "email": mask_email(email), "role": role.name() })
}
