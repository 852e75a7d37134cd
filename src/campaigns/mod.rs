//! Campaigns 营销活动: what comes off orders by itself, when, for whom, and within which limits.

pub mod model;
