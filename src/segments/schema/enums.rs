//! The kinds of segments, and the groups of RFM.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;
use crate::segments::model;

/// Whether a segment follows its rules 分群类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::segment::SegmentKind")]
pub enum SegmentKind {
    /// 动态: whoever the rules hold for when it is asked.
    Rules,
    /// 静态: whoever they held for when it was taken.
    Snapshot,
}

/// A group of buyers RFM 分层: when they paid last, how many orders they paid for and what they spent, each at least as
/// good as the average of the merchant's buyers of the last 365 days, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::RfmGroup")]
pub enum RfmGroup {
    /// 重要价值: lately, often, much.
    Champions,
    /// 重要发展: lately and much, but seldom.
    Promising,
    /// 重要保持: often and much, but not lately.
    NeedsAttention,
    /// 重要挽留: much, but seldom and not lately.
    AtRisk,
    /// 一般价值: lately and often, but little.
    Loyal,
    /// 一般发展: lately, but seldom and little.
    New,
    /// 一般保持: often, but little and not lately.
    Slipping,
    /// 一般挽留: seldom, little and not lately.
    Lost,
}

plain_scalars!(SegmentKind, RfmGroup);
