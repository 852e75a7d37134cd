//! What is signed of a payout: the text that a keyed hash is made of.

use entity::payout;

/// How far it has come by its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed<'a> {
    /// It may be sent as it was asked for.
    Alone,
    /// It waits for a second person.
    Waiting,
    /// A second person has agreed.
    ApprovedBy(&'a str),
}

impl<'a> Signed<'a> {
    /// How a payout that is to be sent must be signed: with whoever has decided about it, where somebody has.
    #[must_use]
    pub fn to_send(payout: &'a payout::Model) -> Self {
        payout
            .decided_by
            .as_deref()
            .map_or(Self::Alone, Self::ApprovedBy)
    }

    fn word(&self) -> String {
        match self {
            Self::Alone => "alone".to_owned(),
            Self::Waiting => "waiting".to_owned(),
            Self::ApprovedBy(name) => format!("approved {name}"),
        }
    }
}

/// The text that is signed: everything that says where which money goes, and who agreed. The holder's name, which
/// may be any text, comes last, so that no other payout has the same.
#[must_use]
pub fn sealed_text(
    payout: &payout::Model,
    (bank_code, number, holder): (&str, &str, &str),
    signed: Signed<'_>,
) -> String {
    format!(
        "payout {} {} {} {} {} {} {} {} {} {} {} {holder}",
        payout.merchant_id,
        payout.id,
        payout.channel_id,
        payout.bank_account_id,
        bank_code,
        number,
        payout.currency,
        payout.amount_minor,
        payout.fee_minor,
        payout.requested_by,
        signed.word(),
    )
}
