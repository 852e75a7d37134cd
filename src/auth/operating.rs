//! What whoever runs the gateway does with accounts: an owner for a new merchant, and another password.

use entity::{StaffId, staff};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::refresh::end_all;
use super::refusal::StaffCreateRefusal;
use super::service::Auth;
use crate::error::{Error, Failure};

impl Auth {
    /// The account that is to own a new merchant, and whether it was made now. An account that the address has is
    /// only taken where it is named: whoever was invited by the address chose its password, and nobody has proven
    /// that the address is theirs.
    pub async fn owner_account(
        &self,
        email: &str,
        password: &str,
        existing: Option<StaffId>,
    ) -> Result<(staff::Model, bool), Failure<StaffCreateRefusal>> {
        let Some(id) = existing else {
            let name = email.split('@').next().unwrap_or(email);
            return Ok((self.staff_create(email, name, password).await?, true));
        };
        let known = self.maybe_find_account(email).await?;
        let known = known.filter(|known| known.id == id);
        let known = known.ok_or(Failure::Refused(StaffCreateRefusal::EmailTaken))?;
        Ok((known, false))
    }

    /// Gives an account another password, and ends all its sign-ins. It stays whatever it was in each merchant.
    pub async fn password_reset(&self, id: StaffId, password: &str) -> Result<(), Error> {
        let app = self.app();
        let hash = &self.passwords().hash(password).await?;
        app.db
            .transaction_across(|txn| async move {
                end_all(app, &txn, id).await?;
                staff::Entity::update_many()
                    .filter(staff::Column::Id.eq(id))
                    .col_expr(staff::Column::PasswordHash, Expr::value(hash.clone()))
                    .exec(&*txn)
                    .await?;
                Ok::<_, Error>(())
            })
            .await?;
        self.access().memberships_changed();
        Ok(())
    }
}
