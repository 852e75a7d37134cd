//! Bank accounts that payouts go to.

use entity::{BankAccountId, MerchantId, bank_account};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::app::App;
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

/// Holder and number of an account, to be told to a payment platform and to nobody else.
pub(super) fn open_account(
    app: &App,
    account: &bank_account::Model,
) -> Result<(String, String), Error> {
    let bound_to = format!("{} {}", account.merchant_id, account.id);
    let open = |sealed: &[u8]| {
        let plain = app.key.open(sealed, &bound_to)?;
        String::from_utf8(plain).map_err(|_| Error::internal("a bank account cannot be read"))
    };
    Ok((open(&account.sealed_holder)?, open(&account.sealed_number)?))
}
