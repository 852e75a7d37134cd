//! A member of staff 员工: one person, one login, in any number of merchants.

use sea_orm::entity::prelude::*;

use crate::{Instant, StaffId};

/// A member of staff 员工: one person, one login, in any number of merchants.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "staff")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StaffId,
    /// The e-mail address, in lower case; signs in.
    #[sea_orm(unique)]
    pub email: String,
    /// What colleagues call them.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// When the account was made.
    pub created_at: Instant,
    /// When it was signed out everywhere: what was signed in before is over.
    pub signed_out_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The account that an e-mail address signs in to.
    #[must_use]
    pub fn of_email(email: &str) -> sea_orm::Select<Self> {
        Self::find().filter(Column::Email.eq(email))
    }

    /// Accounts by id. Callers hold the ids from a membership or a token.
    #[must_use]
    pub fn of_ids(ids: impl IntoIterator<Item = StaffId>) -> sea_orm::Select<Self> {
        Self::find().filter(Column::Id.is_in(ids))
    }
}
