//! What names a member, sealed, and the keyed hashes it is found by.

use sea_orm::entity::prelude::*;

use crate::{MemberId, MerchantId};

/// What names a member, sealed, and the keyed hashes it is found by.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_profiles")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// Name, telephone number, e-mail address, year of birth and remark, sealed.
    pub sealed: Vec<u8>,
    /// Of the name.
    pub name_hash: Option<Vec<u8>>,
    /// Of the telephone number.
    pub phone_hash: Option<Vec<u8>>,
    /// Of its last four digits.
    pub phone_tail_hash: Option<Vec<u8>>,
    /// Of the e-mail address.
    pub email_hash: Option<Vec<u8>>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// What names members, of all merchants: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        use sea_orm::EntityTrait;
        Self::find()
    }
}
