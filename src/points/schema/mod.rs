//! Points in GraphQL.

pub mod entry;
pub mod inputs;
pub mod liability;
pub mod lot;
pub mod member;
pub mod mutation;
pub mod order;
pub mod program;
pub mod query;

pub use entry::{PointsEntry, PointsEntryConnection};
pub use lot::{PointLot, PointLotConnection};
pub use member::{MemberPoints, entries_of, lots_of};
pub use mutation::PointsMutation;
pub use order::{OrderPoints, points_of_order};
pub use program::PointsProgram;
pub use query::PointsQuery;
