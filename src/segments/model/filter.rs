//! Which segments a list wants.

use entity::segment::SegmentKind;

/// Which segments are wanted: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentFilter {
    /// Of any of these kinds.
    pub kinds: Option<Vec<SegmentKind>>,
    /// A part of the name.
    pub search: Option<String>,
}
