//! Signs payouts, and looks whether one still is what was signed.

use entity::{bank_account, payout};

use crate::app::App;
use crate::bank_accounts::service::{Opened, open};
use crate::error::Error;
use crate::payouts::model::{Signed, sealed_text};

/// The signature of a payout.
pub(super) fn sign(
    app: &App,
    payout: &payout::Model,
    account: &bank_account::Model,
    signed: Signed<'_>,
) -> Result<Vec<u8>, Error> {
    let opened = open(&app.key, account)?;
    Ok(app.key.keyed_hash(&text(payout, account, &opened, signed)))
}

/// The holder and number that a payout was signed for; none where it is not what was signed.
pub(super) fn opened_as_signed(
    app: &App,
    payout: &payout::Model,
    account: &bank_account::Model,
    signed: Signed<'_>,
) -> Option<Opened> {
    let opened = open(&app.key, account).ok()?;
    let text = text(payout, account, &opened, signed);
    let is_same = payout.bank_account_id == account.id;
    (is_same && app.key.is_hash_of(&payout.signature, &text)).then_some(opened)
}

fn text(
    payout: &payout::Model,
    account: &bank_account::Model,
    opened: &Opened,
    signed: Signed<'_>,
) -> String {
    let place = (
        account.bank_code.as_str(),
        opened.number.as_str(),
        opened.holder.as_str(),
    );
    sealed_text(payout, place, signed)
}
