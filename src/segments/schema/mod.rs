//! Segments in GraphQL.

pub mod enums;
pub mod mutation;
pub mod object;
pub mod query;
pub mod rfm;
pub mod rules;
pub mod rules_input;

pub use enums::{RfmGroup, SegmentKind};
pub use mutation::SegmentMutation;
pub use object::{Segment, SegmentConnection};
pub use query::SegmentQuery;
pub use rules::SegmentRule;
pub use rules_input::SegmentRuleInput;
