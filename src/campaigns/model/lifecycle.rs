//! How a campaign goes from one state to the next, by hand and by the clock.
//!
//! ```text
//! DRAFT → SCHEDULED → ACTIVE ⇄ PAUSED → ENDED
//! ```
//!
//! A draft that is activated waits where its start lies ahead. What is paused ends on time all the same.

use chrono::{DateTime, Utc};
use entity::Instant;
use entity::campaign::{CampaignState, Model};

use super::refusal::{ActivateRefusal, PauseRefusal};

/// What happened to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It begins by itself.
    Scheduled,
    /// It is given from now on.
    Activated,
    /// It is not given any more, for now.
    Paused,
    /// It is over.
    Ended,
}

/// When a campaign begins or ends by itself.
#[must_use]
pub const fn next_at(
    state: CampaignState,
    starts_at: Instant,
    ends_at: Option<Instant>,
) -> Option<Instant> {
    match state {
        CampaignState::Scheduled => Some(starts_at),
        CampaignState::Active | CampaignState::Paused => ends_at,
        CampaignState::Draft | CampaignState::Ended => None,
    }
}

fn turned(row: &Model, state: CampaignState) -> Model {
    Model {
        state,
        next_at: next_at(state, row.starts_at, row.ends_at),
        ..row.clone()
    }
}

/// Begins a campaign, or lets it begin on time; goes on with a paused one. None where it does so already.
pub fn activated(
    row: &Model,
    now: DateTime<Utc>,
) -> Result<Option<(Model, Turn)>, ActivateRefusal> {
    match row.state {
        CampaignState::Ended => return Err(ActivateRefusal::Ended),
        CampaignState::Scheduled | CampaignState::Active => return Ok(None),
        CampaignState::Draft | CampaignState::Paused => {}
    }
    if row.ends_at.is_some_and(|end| end.0 <= now) {
        return Err(ActivateRefusal::PeriodOver);
    }
    if row.starts_at.0 > now {
        return Ok(Some((
            turned(row, CampaignState::Scheduled),
            Turn::Scheduled,
        )));
    }
    let mut after = turned(row, CampaignState::Active);
    after.activated_at = row.activated_at.or(Some(Instant(now)));
    Ok(Some((after, Turn::Activated)))
}

/// Gives a campaign to nobody until somebody goes on with it. None where that is so already.
pub fn paused(row: &Model) -> Result<Option<(Model, Turn)>, PauseRefusal> {
    match row.state {
        CampaignState::Draft => Err(PauseRefusal::NotRunning),
        CampaignState::Ended => Err(PauseRefusal::Ended),
        CampaignState::Paused => Ok(None),
        CampaignState::Scheduled | CampaignState::Active => {
            Ok(Some((turned(row, CampaignState::Paused), Turn::Paused)))
        }
    }
}

/// Ends a campaign for good; a draft is put away. None where it has ended already.
#[must_use]
pub fn ended(row: &Model, now: DateTime<Utc>) -> Option<(Model, Turn)> {
    if row.state == CampaignState::Ended {
        return None;
    }
    let mut after = turned(row, CampaignState::Ended);
    after.ended_at = Some(Instant(now));
    Some((after, Turn::Ended))
}

/// What the clock does to a campaign, one step at a time: a late clock lets it begin before it lets it end. It began
/// and ended when it was to. None where nothing is due.
#[must_use]
pub fn due(row: &Model, now: DateTime<Utc>) -> Option<(Model, Turn)> {
    if row.next_at.is_none_or(|at| at.0 > now) {
        return None;
    }
    if row.state == CampaignState::Scheduled {
        let mut after = turned(row, CampaignState::Active);
        // Whoever moved the start into the past did not let it begin there.
        let began = row.starts_at.0.max(row.updated_at.0);
        after.activated_at = row.activated_at.or(Some(Instant(began)));
        return Some((after, Turn::Activated));
    }
    let at = row.ends_at.map_or(now, |end| end.0);
    ended(row, at)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entity::campaign::{BenefitKind, RefundPolicy};
    use entity::{CampaignId, MerchantId};

    use super::*;

    fn at(hour: i64) -> Instant {
        Instant(DateTime::UNIX_EPOCH + TimeDelta::hours(hour))
    }

    /// A draft from 10 to 20 o'clock.
    fn draft() -> Model {
        Model {
            merchant_id: MerchantId(1),
            id: CampaignId(1),
            name: "满减".to_owned(),
            state: CampaignState::Draft,
            version: 1,
            kind: BenefitKind::Cash,
            rules: String::new(),
            starts_at: at(10),
            ends_at: Some(at(20)),
            holdout_ppm: 0,
            refund_policy: RefundPolicy::Restore,
            created_by: "system".to_owned(),
            updated_at: at(0),
            activated_at: None,
            ended_at: None,
            next_at: None,
        }
    }

    fn step(turned: Option<(Model, Turn)>) -> (Model, Turn) {
        turned.expect("a step")
    }

    #[test]
    fn a_draft_waits_for_its_start_begins_and_ends_by_the_clock() {
        let (row, turn) = step(activated(&draft(), at(9).0).expect("no refusal"));
        assert_eq!(
            (row.state, turn),
            (CampaignState::Scheduled, Turn::Scheduled)
        );
        assert_eq!((row.next_at, row.activated_at), (Some(at(10)), None));
        assert_eq!(activated(&row, at(9).0), Ok(None));
        assert_eq!(due(&row, at(9).0), None);
        // The clock is late, and does one after the other.
        let (row, turn) = step(due(&row, at(30).0));
        assert_eq!((row.state, turn), (CampaignState::Active, Turn::Activated));
        assert_eq!(
            (row.next_at, row.activated_at),
            (Some(at(20)), Some(at(10)))
        );
        let (row, turn) = step(due(&row, at(30).0));
        assert_eq!((row.state, turn), (CampaignState::Ended, Turn::Ended));
        assert_eq!((row.next_at, row.ended_at), (None, Some(at(20))));
        assert_eq!(due(&row, at(40).0), None);
        assert_eq!(activated(&row, at(15).0), Err(ActivateRefusal::Ended));
        assert_eq!(paused(&row), Err(PauseRefusal::Ended));
        assert_eq!(ended(&row, at(40).0), None);
    }

    #[test]
    fn a_paused_one_goes_on_and_ends_on_time_all_the_same() {
        let (row, turn) = step(activated(&draft(), at(12).0).expect("no refusal"));
        assert_eq!((row.state, turn), (CampaignState::Active, Turn::Activated));
        assert_eq!(row.activated_at, Some(at(12)));
        let (row, _) = step(paused(&row).expect("no refusal"));
        assert_eq!(
            (row.state, row.next_at),
            (CampaignState::Paused, Some(at(20)))
        );
        assert_eq!(paused(&row), Ok(None));
        let (again, _) = step(activated(&row, at(15).0).expect("no refusal"));
        assert_eq!(
            (again.state, again.activated_at),
            (CampaignState::Active, Some(at(12)))
        );
        assert_eq!(activated(&row, at(20).0), Err(ActivateRefusal::PeriodOver));
        let (row, _) = step(due(&row, at(20).0));
        assert_eq!(row.state, CampaignState::Ended);
    }

    #[test]
    fn what_is_paused_before_its_start_waits_for_it_again() {
        let (row, _) = step(activated(&draft(), at(1).0).expect("no refusal"));
        let (row, _) = step(paused(&row).expect("no refusal"));
        assert_eq!(due(&row, at(11).0), None);
        let (row, turn) = step(activated(&row, at(2).0).expect("no refusal"));
        assert_eq!(
            (row.state, turn),
            (CampaignState::Scheduled, Turn::Scheduled)
        );
    }

    #[test]
    fn a_start_that_is_moved_into_the_past_is_when_it_was_moved() {
        let (mut row, _) = step(activated(&draft(), at(1).0).expect("no refusal"));
        (row.starts_at, row.updated_at) = (at(2), at(5));
        row.next_at = next_at(row.state, row.starts_at, row.ends_at);
        let (row, _) = step(due(&row, at(6).0));
        assert_eq!(row.activated_at, Some(at(5)));
    }

    #[test]
    fn a_draft_is_not_paused_and_is_put_away() {
        assert_eq!(paused(&draft()), Err(PauseRefusal::NotRunning));
        let (row, turn) = step(ended(&draft(), at(3).0));
        assert_eq!((row.state, turn), (CampaignState::Ended, Turn::Ended));
        assert_eq!((row.activated_at, row.ended_at), (None, Some(at(3))));
    }
}
