//! Which entries of the points' ledger are wanted.

use entity::MemberId;
use entity::point_entry::PointKind;

use crate::time_range::TimeRange;

/// Which entries are wanted: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of this member.
    pub member_id: Option<MemberId>,
    /// Of the member with this number.
    pub member_no: Option<String>,
    /// Any of these kinds.
    pub kinds: Option<Vec<PointKind>>,
    /// Made in this span.
    pub made: Option<TimeRange>,
}
