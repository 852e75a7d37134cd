//! How often signing in to an account has failed, and until when nobody may try again.

use sea_orm::entity::prelude::*;

use crate::Instant;

/// How often signing in to an account has failed, and until when nobody may try again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_delays")]
pub struct Model {
    /// A keyed hash of the login name; there need be no such account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub login_hash: Vec<u8>,
    /// Attempts that failed, or are under way.
    pub failures: i64,
    /// When the last one began.
    pub last_at: Instant,
    /// From when on there may be another one.
    pub free_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// The row of one login name.
    #[must_use]
    pub fn of_login(login_hash: Vec<u8>) -> sea_orm::Select<Self> {
        Self::find().filter(Column::LoginHash.eq(login_hash))
    }
}
