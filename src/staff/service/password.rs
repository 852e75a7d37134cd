//! Changes one's own password, which ends whatever else was signed in with the one before.

use entity::membership::Role;
use entity::staff;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::audit::{self, Deed};
use crate::auth::accounts::is_password;
use crate::auth::model::{Actor, Who};
use crate::auth::refresh::{SignedIn, create, end_all};
use crate::auth::service::{Auth, Session};
use crate::error::{Error, Failure};
use crate::staff::model::PasswordRefusal;

/// Gives whoever asks another password, and a new sign-in: all others are over. Attempts to guess the one of now
/// count as those to sign in do.
pub async fn change_password(
    auth: &Auth,
    actor: &Actor,
    (current, wanted): (&str, &str),
) -> Result<Session, Failure<PasswordRefusal>> {
    let app = auth.app();
    let proven = prove(auth, actor, current, wanted).await;
    let tried = Deed::of("passwordChange");
    let (person, role) = audit::deny_refused(app, actor, tried, proven).await?;
    let hash = &auth.passwords().hash(wanted).await?;
    let id = person.id;
    let (signed_in, refresh_token) = app
        .write_across(actor.merchant_id, |txn| async move {
            end_all(app, &txn, id).await?;
            staff::Entity::update_many()
                .filter(staff::Column::Id.eq(id))
                .col_expr(staff::Column::PasswordHash, Expr::value(hash.clone()))
                .exec(&*txn)
                .await?;
            let deed = Deed::of("passwordChange").on(id);
            audit::record(app, &txn, actor, deed).await?;
            // Made after all others have ended, or it would have ended with them.
            let signed_in = SignedIn {
                staff_id: id,
                merchant_id: actor.merchant_id,
                role,
                family_id: app.ids.next(),
            };
            let text = create(app, &txn, signed_in).await?;
            Ok::<_, Error>((signed_in, text))
        })
        .await?;
    auth.access().memberships_changed();
    Ok(auth.session(signed_in, refresh_token).await?)
}

async fn prove(
    auth: &Auth,
    actor: &Actor,
    current: &str,
    wanted: &str,
) -> Result<(staff::Model, Role), Failure<PasswordRefusal>> {
    let Who::Staff { staff_id, role } = actor.who else {
        return Err(Failure::Refused(PasswordRefusal::StaffOnly));
    };
    if !is_password(wanted) {
        return Err(Failure::Refused(PasswordRefusal::InvalidPassword));
    }
    let known = auth.maybe_find_staff(actor.merchant_id, staff_id).await?;
    let email = known.ok_or(Error::NotFound)?.staff.email;
    let origin = actor.origin.as_deref().cloned().unwrap_or_default();
    let found = auth.by_password(&email, current, &origin).await?;
    let person = found.ok_or(Failure::Refused(PasswordRefusal::WrongPassword))?;
    Ok((person, role))
}
