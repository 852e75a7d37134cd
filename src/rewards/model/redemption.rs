//! Whether a reward can be had, and what may be said with it.

use chrono::{DateTime, Utc};
use entity::reward::{Model, RewardState};

use super::refusal::RedeemRefusal;
use crate::invalid::{Invalid, check_name};

/// Characters of a note, and of a reason.
pub const LONGEST_NOTE: usize = 200;

/// Why nobody can have a reward at an instant; none where who has the points can.
#[must_use]
pub fn hindrance(row: &Model, now: DateTime<Utc>) -> Option<RedeemRefusal> {
    match row.state {
        RewardState::Paused | RewardState::Ended => return Some(RedeemRefusal::NotActive),
        RewardState::Active => {}
    }
    if row.starts_at.is_some_and(|start| start.0 > now) {
        return Some(RedeemRefusal::NotYet);
    }
    if row.ends_at.is_some_and(|end| end.0 <= now) {
        return Some(RedeemRefusal::Over);
    }
    let is_gone = row.stock.is_some_and(|stock| row.taken >= stock);
    is_gone.then_some(RedeemRefusal::SoldOut)
}

/// What is said with a redemption, trimmed; nothing where it is blank.
pub fn check_note(note: Option<&str>) -> Result<Option<String>, Invalid> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    if let Some(note) = note {
        check_name("note", note, LONGEST_NOTE)?;
    }
    Ok(note.map(str::to_owned))
}

/// Why a redemption is called off, trimmed.
pub fn check_reason(reason: &str) -> Result<String, Invalid> {
    check_name("reason", reason, LONGEST_NOTE)?;
    Ok(reason.trim().to_owned())
}
