//! Lets in who has an invitation's secret: with a new account, or with the one that the address has.

use entity::event::EventKind;
use entity::staff_invitation::{Column, Entity, Model};
use entity::{Instant, InvitationId, MerchantId, membership, staff};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::json;

use super::invite::lock;
use crate::audit::{self, By, Deed};
use crate::auth::accounts::{LONGEST_NAME, is_password};
use crate::auth::members::LONGEST;
use crate::auth::model::Origin;
use crate::auth::refresh::{SignedIn, create, is_still_proven};
use crate::auth::secret::{self, Claimed};
use crate::auth::service::{Auth, Session};
use crate::db::violates_unique;
use crate::error::{Error, Failure};
use crate::events;
use crate::staff::model::{AcceptRefusal, InvitationState, state};

type Outcome<T> = Result<T, Failure<AcceptRefusal>>;
type Text = Claimed<MerchantId, InvitationId>;

/// How somebody accepts an invitation.
#[derive(Clone)]
pub struct Acceptance {
    /// The invitation's secret.
    pub token: String,
    /// What colleagues are to call them; an account that is there keeps its name.
    pub name: String,
    /// The password of the account: a new one's, or the one that the address has.
    pub password: String,
}

/// Lets somebody in who was invited, and signs them in.
pub async fn accept(auth: &Auth, wanted: &Acceptance, origin: &Origin) -> Outcome<Session> {
    let app = auth.app();
    let invalid = || Failure::Refused(AcceptRefusal::InvalidToken);
    let (owner, id) = (MerchantId::PREFIX, InvitationId::PREFIX);
    let claimed: Text =
        secret::read(secret::INVITATION, owner, id, &wanted.token).ok_or_else(invalid)?;
    let invitation = open(&app.db.reads(claimed.owner), &claimed, app.clock.instant()).await?;
    if !auth.access().is_open(claimed.owner).await? {
        return Err(invalid());
    }
    let person = match auth.maybe_find_account(&invitation.email).await? {
        Some(_) => known(auth, &invitation, &wanted.password, origin).await?,
        None => new(auth, &invitation, wanted).await?,
    };
    let claimed = &claimed;
    let person = &person;
    let joined = app.write_across(claimed.owner, |txn| async move {
        join(auth, &txn, claimed, person, origin).await
    });
    let (signed_in, refresh_token) = joined.await.map_err(taken)?;
    auth.access().memberships_changed();
    Ok(auth.session(signed_in, refresh_token).await?)
}

/// The open invitation that a text proves.
async fn open(db: &impl ConnectionTrait, claimed: &Text, now: Instant) -> Outcome<Model> {
    let row = Entity::of(claimed.owner)
        .filter(Column::Id.eq(claimed.id))
        .one(db)
        .await?;
    row.filter(|row| claimed.is_proven_by(&row.secret_hash))
        .filter(|row| state(row, now.0) == InvitationState::Open)
        .ok_or(Failure::Refused(AcceptRefusal::InvalidToken))
}

/// The account that the address has, proven by its password. Attempts count as those to sign in do.
async fn known(
    auth: &Auth,
    invitation: &Model,
    password: &str,
    origin: &Origin,
) -> Outcome<Joining> {
    let found = auth
        .by_password(&invitation.email, password, origin)
        .await?;
    let person = found.ok_or(Failure::Refused(AcceptRefusal::WrongPassword))?;
    Ok(Joining {
        person,
        is_new: false,
    })
}

async fn new(auth: &Auth, invitation: &Model, wanted: &Acceptance) -> Outcome<Joining> {
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)
    {
        return Err(Failure::Refused(AcceptRefusal::InvalidName));
    }
    if !is_password(&wanted.password) {
        return Err(Failure::Refused(AcceptRefusal::InvalidPassword));
    }
    let app = auth.app();
    Ok(Joining {
        person: staff::Model {
            id: app.ids.next(),
            email: invitation.email.clone(),
            name: name.to_owned(),
            password_hash: auth.passwords().hash(&wanted.password).await?,
            created_at: app.clock.instant(),
            signed_out_at: None,
        },
        is_new: true,
    })
}

/// Who is about to work for a merchant.
struct Joining {
    person: staff::Model,
    is_new: bool,
}

/// Makes somebody a member, under the lock of the merchant's row: of two who have the same secret, one.
async fn join(
    auth: &Auth,
    txn: &DatabaseTransaction,
    claimed: &Text,
    joining: &Joining,
    origin: &Origin,
) -> Outcome<(SignedIn, String)> {
    let (app, merchant_id, person) = (auth.app(), claimed.owner, &joining.person);
    let members = lock(txn, merchant_id).await?;
    let now = app.clock.instant();
    let invitation = open(txn, claimed, now).await?;
    if members.iter().any(|member| member.staff_id == person.id) {
        return Err(Failure::Refused(AcceptRefusal::AlreadyMember));
    }
    if members.len() as u64 >= LONGEST {
        return Err(Failure::Refused(AcceptRefusal::TooManyStaff));
    }
    if joining.is_new {
        staff::Entity::insert(person.clone().into_active_model())
            .exec_without_returning(txn)
            .await?;
    } else if !is_still_proven(txn, person).await? {
        return Err(Failure::Refused(AcceptRefusal::WrongPassword));
    }
    let member = membership::Model {
        merchant_id,
        staff_id: person.id,
        role: invitation.role,
        created_at: now,
    };
    membership::Entity::insert(member.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Entity::update_of(merchant_id)
        .filter(Column::Id.eq(invitation.id))
        .col_expr(Column::AcceptedAt, Expr::value(now))
        .col_expr(Column::AcceptedBy, Expr::value(person.id))
        .exec(txn)
        .await?;
    events::record(
        txn,
        &app.ids,
        now,
        merchant_id,
        EventKind::StaffJoined,
        person.id,
    )
    .await?;
    let by = By::staff(merchant_id, person.id, origin);
    let joined = json!({ "role": invitation.role.name(), "invitedBy": invitation.invited_by });
    let deed = Deed::of("staffInvitationAccept")
        .on(invitation.id)
        .made(joined);
    audit::record(app, txn, by, deed).await?;
    let signed_in = SignedIn {
        staff_id: person.id,
        merchant_id,
        role: invitation.role,
        family_id: app.ids.next(),
    };
    Ok((signed_in, create(app, txn, signed_in).await?))
}

/// Somebody has made an account with the address meanwhile: its password counts.
fn taken(failure: Failure<AcceptRefusal>) -> Failure<AcceptRefusal> {
    match failure {
        Failure::Failed(Error::Database(error)) if violates_unique(&error, "email") => {
            Failure::Refused(AcceptRefusal::WrongPassword)
        }
        other => other,
    }
}
