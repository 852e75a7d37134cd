//! What became of a message, in members, as it was added up while it was sent.

use entity::message::Model;
use entity::message_recipient::MessageOutcome;

fn count_of(row: &mut Model, outcome: MessageOutcome) -> &mut i64 {
    match outcome {
        MessageOutcome::Sent => &mut row.sent,
        MessageOutcome::NoConsent => &mut row.no_consent,
        MessageOutcome::Erased => &mut row.erased,
    }
}

/// A message with what became of some more members.
#[must_use]
pub fn counted(row: &Model, outcomes: impl IntoIterator<Item = MessageOutcome>) -> Model {
    let mut row = row.clone();
    for outcome in outcomes {
        *count_of(&mut row, outcome) += 1;
    }
    row
}

/// With how many members a message had any of these outcomes; any at all where none are named.
#[must_use]
pub fn reached(row: &Model, outcomes: Option<&[MessageOutcome]>) -> i64 {
    let all = [
        (MessageOutcome::Sent, row.sent),
        (MessageOutcome::NoConsent, row.no_consent),
        (MessageOutcome::Erased, row.erased),
    ];
    let wanted = |outcome| outcomes.is_none_or(|wanted| wanted.contains(&outcome));
    let counts = all.iter().filter(|(outcome, _)| wanted(*outcome));
    counts.map(|(_, count)| count).sum()
}
