//! Whether anything can be said of a campaign's effect, and why not.

use async_graphql::Enum;

use crate::campaigns::model::effect::NotEnough;
use crate::graphql::plain::plain_scalars;

/// Whether something can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum EffectStatus {
    /// 已得出: it is said.
    Told,
    /// 数据不足: it cannot be said yet, or ever; `reason` says why.
    NotEnoughData,
}

/// Why nothing can be said 数据不足的原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum EffectReason {
    /// 活动天数不足: fewer than three whole days of the campaign are over.
    CampaignTooShort,
    /// 历史不足: of a weekday on which it ran there are fewer than three in the eight weeks before it.
    HistoryTooShort,
    /// 活动前无销售: nothing was sold in the eight weeks before it.
    NothingSoldBefore,
    /// 未设对照组: nobody is held out.
    NobodyHeldOut,
    /// 对照组比例变更过: another share of members was held out at another time, so the groups are mixed.
    ShareChanged,
    /// 购买人数不足: fewer than thirty members of one of the groups bought anything.
    TooFewBuyers,
}

plain_scalars!(EffectStatus, EffectReason);

impl From<NotEnough> for EffectReason {
    fn from(why: NotEnough) -> Self {
        match why {
            NotEnough::CampaignTooShort => Self::CampaignTooShort,
            NotEnough::HistoryTooShort => Self::HistoryTooShort,
            NotEnough::NothingSoldBefore => Self::NothingSoldBefore,
        }
    }
}
