//! The overview as clients see it.

mod brief;
mod funnel;
mod products;
mod query;
mod reasons;
mod subscription;
mod today;

pub use brief::DailyBrief;
pub use query::OverviewQuery;
pub use subscription::OverviewSubscription;
pub use today::Today;
