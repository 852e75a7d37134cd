//! Refresh tokens: each is used once and replaced; one that is used again ends its whole family.
//!
//! There is no grace for a client that lost the answer: a second use looks the same whether a tab or
//! a thief makes it, so both sign in again. A client keeps one refresh in flight at a time.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{
    Instant, MerchantId, RefreshTokenId, StaffId, TokenFamilyId, membership, refresh_token, staff,
};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use serde_json::json;

use super::members::{self, NoMerchant};
use super::model::{Actor, Origin, Scopes, Who};
use super::refusal::{RefreshRefusal, SignOutRefusal};
use super::secret::{self, Claimed};
use super::service::{Auth, Session};
use crate::app::App;
use crate::audit::{self, By, Deed};
use crate::error::{Error, Failure};

type Text = Claimed<StaffId, RefreshTokenId>;

/// What a sign-in is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedIn {
    pub(crate) staff_id: StaffId,
    pub(crate) merchant_id: MerchantId,
    pub(crate) role: Role,
    pub(crate) family_id: TokenFamilyId,
}

impl SignedIn {
    pub(super) fn actor(self) -> Actor {
        Actor {
            merchant_id: self.merchant_id,
            who: Who::Staff {
                staff_id: self.staff_id,
                role: self.role,
            },
            scopes: Scopes::of_role(self.role),
            origin: None,
        }
    }
}

/// What became of a refresh token. Both are committed.
enum Outcome {
    Rotated(SignedIn, String),
    Reused,
}

fn read(text: &str) -> Option<Text> {
    secret::read(
        secret::REFRESH_TOKEN,
        StaffId::PREFIX,
        RefreshTokenId::PREFIX,
        text,
    )
}

impl Auth {
    /// Exchanges a refresh token for its successor and a new access token, for the same merchant or
    /// another one that the person works for. Used a second time, it ends everything that descends
    /// from its sign-in.
    pub async fn refresh(
        &self,
        text: &str,
        merchant_id: Option<MerchantId>,
        origin: &Origin,
    ) -> Result<Session, Failure<RefreshRefusal>> {
        let claimed = read(text).ok_or(Failure::Refused(RefreshRefusal::InvalidToken))?;
        let app = self.app();
        let claimed = &claimed;
        let outcome = app
            .db
            .transaction_across(|txn| async move {
                rotate(app, &txn, claimed, (merchant_id, origin)).await
            })
            .await?;
        app.audited.committed();
        match outcome {
            Outcome::Rotated(signed_in, refresh_token) => {
                Ok(self.session(signed_in, refresh_token).await?)
            }
            Outcome::Reused => Err(Failure::Refused(RefreshRefusal::TokenReused)),
        }
    }

    /// Ends the sign-in that a refresh token descends from, or all of the person's; used and expired tokens do
    /// as well. Access tokens of one sign-in end by themselves, within minutes; those of all, within seconds.
    pub async fn sign_out(
        &self,
        text: &str,
        everywhere: bool,
        origin: &Origin,
    ) -> Result<(), Failure<SignOutRefusal>> {
        let claimed = read(text).ok_or(Failure::Refused(SignOutRefusal::InvalidToken))?;
        let app = self.app();
        let (now, claimed) = (app.clock.instant(), &claimed);
        app.db
            .transaction_across(|txn| async move {
                lock_staff(&txn, claimed.owner).await?;
                let row = maybe_find(&txn, claimed).await?;
                let row = row.ok_or(Failure::Refused(SignOutRefusal::InvalidToken))?;
                let mut deed = Deed::of("signOut");
                // A token that is over ends nothing but its own sign-in: it may be a thief's.
                let is_alive = revoke_family(&txn, &row, now).await?;
                if is_alive && everywhere {
                    end_all(app, &txn, row.staff_id).await?;
                    deed = deed.made(json!({ "everywhere": true }));
                }
                if is_alive {
                    let by = By::staff(row.merchant_id, row.staff_id, origin);
                    audit::record(app, &txn, by, deed).await?;
                }
                Ok::<_, Failure<SignOutRefusal>>(())
            })
            .await?;
        app.audited.committed();
        if everywhere {
            self.access().memberships_changed();
        }
        Ok(())
    }

    /// Begins a family of refresh tokens for whoever signs in, while their password is the one that they proved;
    /// none where it is another one by now. The family is made under the lock under which others are ended.
    pub(super) async fn begin_family(
        &self,
        proven: &staff::Model,
        membership: &membership::Model,
        origin: &Origin,
    ) -> Result<Option<(SignedIn, String)>, Error> {
        let app = self.app();
        app.write(membership.merchant_id, |txn| async move {
            if !is_still_proven(&txn, proven).await? {
                return Ok(None);
            }
            let signed_in = SignedIn {
                staff_id: proven.id,
                merchant_id: membership.merchant_id,
                role: membership.role,
                family_id: app.ids.next(),
            };
            let by = By::staff(signed_in.merchant_id, signed_in.staff_id, origin);
            audit::record(app, &txn, by, Deed::of("signIn")).await?;
            let text = create(app, &txn, signed_in).await?;
            Ok::<_, Error>(Some((signed_in, text)))
        })
        .await
    }

    /// Removes refresh tokens that have ended; until then they are kept, to notice a second use.
    pub async fn prune_refresh_tokens(&self) -> Result<u64, Error> {
        let app = self.app();
        let now = app.clock.instant();
        app.db
            .transaction_across(move |txn| async move {
                let removed = refresh_token::Entity::delete_many()
                    .filter(refresh_token::Column::ExpiresAt.lte(now))
                    .exec(&*txn)
                    .await?;
                Ok(removed.rows_affected)
            })
            .await
    }
}

async fn rotate(
    app: &App,
    txn: &DatabaseTransaction,
    claimed: &Text,
    (wanted, origin): (Option<MerchantId>, &Origin),
) -> Result<Outcome, Failure<RefreshRefusal>> {
    let invalid = Failure::Refused(RefreshRefusal::InvalidToken);
    let now = app.clock.instant();
    lock_staff(txn, claimed.owner).await?;
    let Some(row) = maybe_find(txn, claimed).await? else {
        return Err(invalid);
    };
    if row.revoked_at.is_some() {
        return Err(invalid);
    }
    if row.used_at.is_some() {
        revoke_family(txn, &row, now).await?;
        tracing::warn!(staff_id = %row.staff_id, family_id = %row.family_id, "a refresh token was used twice");
        let by = By::staff(row.merchant_id, row.staff_id, origin);
        let deed = Deed::of("tokenRefresh").denied("TOKEN_REUSED");
        audit::record(app, txn, by, deed).await?;
        return Ok(Outcome::Reused);
    }
    if row.expires_at.0 <= now.0 {
        return Err(invalid);
    }
    let memberships = members::memberships(txn, row.staff_id).await?;
    let chosen = members::choose(&memberships, Some(wanted.unwrap_or(row.merchant_id)));
    let (membership, _) = chosen.map_err(|no| {
        Failure::Refused(match no {
            NoMerchant::NotAMember => RefreshRefusal::NotAMember,
            NoMerchant::Closed => RefreshRefusal::MerchantClosed,
        })
    })?;
    if !mark_used(txn, &row, now).await? {
        // The lock on the person makes this impossible; should it ever be wrong, this is the answer.
        revoke_family(txn, &row, now).await?;
        return Ok(Outcome::Reused);
    }
    let signed_in = SignedIn {
        staff_id: row.staff_id,
        merchant_id: membership.merchant_id,
        role: membership.role,
        family_id: row.family_id,
    };
    if signed_in.merchant_id != row.merchant_id {
        // As good as a sign-in there.
        let by = By::staff(signed_in.merchant_id, signed_in.staff_id, origin);
        audit::record(app, txn, by, Deed::of("tokenRefresh")).await?;
    }
    let text = create(app, txn, signed_in).await?;
    Ok(Outcome::Rotated(signed_in, text))
}

/// Locks a person's sign-ins, so that a rotation and a revocation never pass each other: a family
/// that is revoked has no successor on its way.
pub(crate) async fn lock_staff(txn: &DatabaseTransaction, staff_id: StaffId) -> Result<(), DbErr> {
    staff::Entity::of_ids([staff_id])
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    Ok(())
}

/// Locks a person's sign-ins; whether the password that was proven is still theirs.
pub(crate) async fn is_still_proven(
    txn: &DatabaseTransaction,
    proven: &staff::Model,
) -> Result<bool, DbErr> {
    let row = staff::Entity::of_ids([proven.id])
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    Ok(row.is_some_and(|row| row.password_hash == proven.password_hash))
}

/// The row that a text names, if its secret proves it.
async fn maybe_find(
    txn: &DatabaseTransaction,
    claimed: &Text,
) -> Result<Option<refresh_token::Model>, DbErr> {
    let row = refresh_token::Entity::of_staff(claimed.owner)
        .filter(refresh_token::Column::Id.eq(claimed.id))
        .one(txn)
        .await?;
    Ok(row.filter(|row| claimed.is_proven_by(&row.secret_hash)))
}

/// Marks a token as used; of two that try, one does.
async fn mark_used(
    txn: &DatabaseTransaction,
    row: &refresh_token::Model,
    now: Instant,
) -> Result<bool, DbErr> {
    let used = refresh_token::ActiveModel {
        used_at: ActiveValue::Set(Some(now)),
        ..Default::default()
    };
    let result = refresh_token::Entity::update_many()
        .set(used)
        .filter(refresh_token::Column::StaffId.eq(row.staff_id))
        .filter(refresh_token::Column::Id.eq(row.id))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Ends a sign-in; whether any of its tokens was alive.
async fn revoke_family(
    txn: &DatabaseTransaction,
    row: &refresh_token::Model,
    now: Instant,
) -> Result<bool, DbErr> {
    let revoked = refresh_token::ActiveModel {
        revoked_at: ActiveValue::Set(Some(now)),
        ..Default::default()
    };
    let result = refresh_token::Entity::update_many()
        .set(revoked)
        .filter(refresh_token::Column::StaffId.eq(row.staff_id))
        .filter(refresh_token::Column::FamilyId.eq(row.family_id))
        .filter(refresh_token::Column::RevokedAt.is_null())
        .exec(txn)
        .await?;
    Ok(result.rows_affected > 0)
}

/// Ends every sign-in of a person, wherever it is: with its refresh tokens at once, with its access tokens and
/// connections within five seconds. Whoever signs in from here on stays.
pub(crate) async fn end_all(
    app: &App,
    txn: &DatabaseTransaction,
    staff_id: StaffId,
) -> Result<(), DbErr> {
    let now = app.clock.instant();
    lock_staff(txn, staff_id).await?;
    staff::Entity::update_many()
        .filter(staff::Column::Id.eq(staff_id))
        .col_expr(staff::Column::SignedOutAt, Expr::value(now))
        .exec(txn)
        .await?;
    refresh_token::Entity::update_many()
        .filter(refresh_token::Column::StaffId.eq(staff_id))
        .filter(refresh_token::Column::RevokedAt.is_null())
        .col_expr(refresh_token::Column::RevokedAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}

/// Writes a refresh token and returns its text.
pub(crate) async fn create(
    app: &App,
    txn: &DatabaseTransaction,
    signed_in: SignedIn,
) -> Result<String, Error> {
    let id: RefreshTokenId = app.ids.next();
    let made = secret::make(secret::REFRESH_TOKEN, signed_in.staff_id, id)?;
    let now = app.clock.instant();
    let life = TimeDelta::seconds(app.settings.auth.refresh_token_s);
    let row = refresh_token::Model {
        staff_id: signed_in.staff_id,
        id,
        family_id: signed_in.family_id,
        merchant_id: signed_in.merchant_id,
        secret_hash: made.hash,
        created_at: now,
        expires_at: Instant(now.0 + life),
        used_at: None,
        revoked_at: None,
    };
    refresh_token::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(made.text)
}
