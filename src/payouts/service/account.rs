//! Bank accounts that payouts go to.

use entity::{BankAccountId, MerchantId, bank_account};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::error::Error;

/// A payout's bank account; it is never deleted.
pub(super) async fn find_account(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    id: BankAccountId,
) -> Result<bank_account::Model, Error> {
    let found = bank_account::Entity::of(merchant_id)
        .filter(bank_account::Column::Id.eq(id))
        .one(connection)
        .await?;
    found.ok_or(Error::NotFound)
}
