//! Signs payouts, and looks whether one still is what was signed.

use entity::{bank_account, payout};

use crate::app::App;
use crate::payouts::model::{Signed, sealed_text};

/// The signature of a payout.
pub(super) fn sign(
    app: &App,
    payout: &payout::Model,
    account: &bank_account::Model,
    signed: Signed<'_>,
) -> Vec<u8> {
    app.key.keyed_hash(&sealed_text(payout, account, signed))
}

/// Whether a payout is what was signed.
pub(super) fn is_as_signed(
    app: &App,
    payout: &payout::Model,
    account: &bank_account::Model,
    signed: Signed<'_>,
) -> bool {
    let text = sealed_text(payout, account, signed);
    payout.bank_account_id == account.id && app.key.is_hash_of(&payout.signature, &text)
}
