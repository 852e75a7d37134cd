//! A piece of an export's file, as it is kept: any instance hands the file out from here.

use sea_orm::entity::prelude::*;

use crate::{ExportId, MerchantId};

/// A piece of an export's file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "export_pieces")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The export.
    #[sea_orm(primary_key, auto_increment = false)]
    pub export_id: ExportId,
    /// Its place in the file, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i32,
    /// Its bytes; texts are compressed.
    pub bytes: Vec<u8>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
