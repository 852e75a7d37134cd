//! What happened to the payouts of a history, as they remember it themselves.

use entity::payout;
use entity::payout_record::{Model, PayoutRecordKind as Kind};

use super::instant;

/// A payout's way, in order.
pub(super) fn records(row: &payout::Model) -> Vec<Model> {
    let made = Some(instant(row.id.made_at_ms()));
    let (asked, decided) = (Some(&row.requested_by), row.decided_by.as_ref());
    let entries = [
        (Kind::Requested, made, asked, row.note.as_ref()),
        (
            Kind::Approved,
            row.decided_at,
            decided,
            row.decision_note.as_ref(),
        ),
        (Kind::Sent, row.sent_at, None, None),
        (Kind::Paid, row.paid_at, None, None),
        (Kind::Returned, row.returned_at, None, row.error.as_ref()),
    ];
    let known = entries
        .into_iter()
        .filter_map(|(kind, at, actor, note)| Some((kind, at?, actor, note)));
    known
        .zip(1..)
        .map(|((kind, happened_at, actor, note), no)| Model {
            merchant_id: row.merchant_id,
            payout_id: row.id,
            no,
            kind,
            happened_at,
            actor: actor.cloned(),
            note: note.cloned(),
        })
        .collect()
}
