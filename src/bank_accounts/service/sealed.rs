//! Holder and number of a bank account: sealed, opened, and found by a keyed hash.

use entity::{BankAccountId, MerchantId, bank_account};

use crate::auth::model::mask_name;
use crate::bank_accounts::model::Request;
use crate::error::Error;
use crate::seal::MasterKey;

/// What an account's holder and number are sealed for.
#[must_use]
pub fn bound_to(merchant_id: MerchantId, id: BankAccountId) -> String {
    format!("bank account {merchant_id} {id}")
}

/// Holder and number as tables keep them.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// The holder's name.
    pub holder: Vec<u8>,
    /// The holder's name, as it is shown.
    pub masked_holder: String,
    /// The number.
    pub number: Vec<u8>,
    /// What the number is found by.
    pub number_hash: Vec<u8>,
    /// What of the number is shown.
    pub last_four: String,
}

/// Seals holder and number for one account of a merchant.
pub fn seal(
    key: &MasterKey,
    merchant_id: MerchantId,
    id: BankAccountId,
    request: &Request,
) -> Result<Sealed, Error> {
    let bound = bound_to(merchant_id, id);
    Ok(Sealed {
        holder: key.seal(request.holder.as_bytes(), &bound)?,
        masked_holder: mask_name(&request.holder),
        number: key.seal(request.number.as_bytes(), &bound)?,
        number_hash: number_hash(key, merchant_id, &request.number),
        last_four: request.last_four().to_owned(),
    })
}

/// What a merchant's number is found by.
pub(super) fn number_hash(key: &MasterKey, merchant_id: MerchantId, number: &str) -> Vec<u8> {
    key.keyed_hash(&format!("bank account\n{merchant_id}\n{number}"))
}

/// Holder and number in full: for a payment platform alone. `Debug` shows neither.
#[derive(Clone)]
pub struct Opened {
    /// The holder's name.
    pub holder: String,
    /// The number.
    pub number: String,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(…)")
    }
}

/// Opens an account's holder and number, for a payment platform alone.
pub fn open(key: &MasterKey, account: &bank_account::Model) -> Result<Opened, Error> {
    let bound = bound_to(account.merchant_id, account.id);
    let text = |sealed: &[u8]| {
        let plain = key.open(sealed, &bound)?;
        String::from_utf8(plain).map_err(|_| Error::internal("a bank account is no text"))
    };
    Ok(Opened {
        holder: text(&account.sealed_holder)?,
        number: text(&account.sealed_number)?,
    })
}
