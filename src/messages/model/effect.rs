//! Whether a message brought somebody back 回访, as far as that can be told.

use chrono::{DateTime, TimeDelta, Utc};
use entity::message::Model;

/// Of fewer who were not written to, nothing is said.
const FEWEST_COMPARED: i64 = 30;

/// What some members did within so many days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// How many members.
    pub members: i64,
    /// How many of them paid for an order.
    pub came_back: i64,
    /// What they paid for these orders less refunds, in minor units.
    pub spent_minor: i64,
}

impl Visits {
    /// Which share of the members came back, in millionths; none where there are none.
    #[must_use]
    pub fn share_ppm(self) -> Option<i64> {
        let members = i128::from(self.members);
        if members <= 0 {
            return None;
        }
        let share = (i128::from(self.came_back) * 1_000_000 + members / 2) / members;
        i64::try_from(share).ok()
    }
}

/// Those of the segment who were not written to, since they had not agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// They are too few to say anything.
    TooFew,
    /// What they did.
    Told(Visits),
}

impl Compared {
    /// Says what they did, where they are many enough.
    #[must_use]
    pub const fn of(visits: Visits) -> Self {
        if visits.members < FEWEST_COMPARED {
            Self::TooFew
        } else {
            Self::Told(visits)
        }
    }
}

/// While a message is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectSpan {
    /// Within how many days after they were written to.
    pub days: i32,
    /// When that is over for the last of them; none while it is being sent.
    pub over_at: Option<DateTime<Utc>>,
    /// Whether it is over.
    pub is_over: bool,
}

/// What a message brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// While it was looked at.
    pub span: EffectSpan,
    /// Those who were written to.
    pub written: Visits,
    /// Those who were not.
    pub compared: Compared,
}

/// While a message is looked at; none where it has not begun.
#[must_use]
pub fn span(row: &Model, now: DateTime<Utc>) -> Option<EffectSpan> {
    row.started_at?;
    let days = TimeDelta::days(row.effect_days.into());
    let over_at = row.finished_at.map(|last| last.0 + days);
    Some(EffectSpan {
        days: row.effect_days,
        over_at,
        is_over: over_at.is_some_and(|over| over <= now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_those_who_were_written_to_and_none_of_nobody() {
        let of = |members, came_back| Visits {
            members,
            came_back,
            spent_minor: 0,
        };
        assert_eq!(of(0, 0).share_ppm(), None);
        assert_eq!(of(3, 1).share_ppm(), Some(333_333));
        assert_eq!(of(3, 2).share_ppm(), Some(666_667));
        assert_eq!(of(7, 7).share_ppm(), Some(1_000_000));
        assert_eq!(Compared::of(of(29, 3)), Compared::TooFew);
        assert_eq!(Compared::of(of(30, 3)), Compared::Told(of(30, 3)));
    }
}
