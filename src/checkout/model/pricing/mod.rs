//! What a cart costs: which offers apply, in which order, and why the others do not.
//!
//! Campaigns come first, by priority and then by age; each takes off what is left of the lines it is given on. Of a
//! stacking group the one is given that would take most off the cart by itself. An exclusive campaign is given alone, where it takes more
//! off than all the others together. The discount of the buyer's tier is given as the last of the campaigns. Then come
//! coupons, on what is left. Something always remains to be paid: no payment platform takes nothing.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{CampaignId, ChannelId, CouponId, SegmentId, TierId};

use crate::campaigns::model::{Audience, Rules};
pub use crate::offer_counters::Taken;

mod run;
mod shelf;
mod till;

pub(super) use till::{Fitting, Till};

/// What somebody is about to buy 购物车.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Its lines, each with the sum of its pieces.
    pub lines: Vec<CartLine>,
    /// The channel it will be paid through, where that is known.
    pub channel: Option<ChannelId>,
    /// What it will be paid with, where that is known.
    pub method: Option<PaymentMethod>,
    /// Who buys, where that is known.
    pub buyer: Option<Buyer>,
    /// When.
    pub at: DateTime<Tz>,
}

/// One line of a cart.
#[derive(Clone, Debug)]
pub struct CartLine {
    /// The product's title.
    pub title: String,
    /// Its category.
    pub category: String,
    /// What all of its pieces cost, in minor units.
    pub amount_minor: i64,
}

/// What is known of who buys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buyer {
    /// Whether they have paid for something before.
    pub has_paid: bool,
    /// The tier that they have.
    pub tier: Option<TierId>,
    /// Of the segments that offers name, those that they are in.
    pub segments: HashSet<SegmentId>,
}

impl Buyer {
    /// Why an offer for some is not given to them; who is not known is nobody's.
    fn kept_out(buyer: Option<&Self>, audience: &Audience) -> Option<NotApplied> {
        let is_in = |id: &SegmentId| buyer.is_some_and(|buyer| buyer.segments.contains(id));
        let tier = buyer.and_then(|buyer| buyer.tier);
        if !audience.tiers.is_empty() && !tier.is_some_and(|id| audience.tiers.contains(&id)) {
            Some(NotApplied::TierOnly)
        } else if !audience.segments.is_empty() && !audience.segments.iter().any(is_in) {
            Some(NotApplied::SegmentOnly)
        } else if audience.without_segments.iter().any(is_in) {
            Some(NotApplied::SegmentExcluded)
        } else {
            None
        }
    }
}

/// What names an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OfferId {
    /// A campaign.
    Campaign(CampaignId),
    /// A coupon.
    Coupon(CouponId),
    /// The discount of a tier.
    Tier(TierId),
}

/// Something that may take a part off.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// What names it.
    pub id: OfferId,
    /// From when it is given.
    pub from: DateTime<Utc>,
    /// Until before when; none for no end.
    pub to: Option<DateTime<Utc>>,
    /// What it gives.
    pub rules: &'a Rules,
    /// What of it is taken.
    pub taken: Taken,
    /// Whether the buyer is one of those who are not given it, to compare with.
    pub held_out: bool,
}

impl Offer<'_> {
    /// Which of its limits is reached, where one is.
    fn used_up(&self) -> Option<NotApplied> {
        let (limits, taken) = (&self.rules.limits, &self.taken);
        let reached = |limit: Option<i64>, taken: i64| limit.is_some_and(|limit| taken >= limit);
        if reached(limits.total, taken.total) {
            Some(NotApplied::UsedUp)
        } else if reached(limits.per_day, taken.today) {
            Some(NotApplied::UsedUpToday)
        } else if reached(self.rules.per_member(), taken.by_member) {
            Some(NotApplied::UsedUpByMember)
        } else {
            None
        }
    }
}

/// Why an offer takes nothing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplied {
    /// 尚未开始: it begins later.
    NotStarted,
    /// 已结束: it is over.
    Ended,
    /// 不在适用时段: not at this time of the week.
    OutsideHours,
    /// 支付渠道不适用: not for this channel or method, or none is known.
    OtherChannel,
    /// 非会员: only for members, and none is known.
    MembersOnly,
    /// 仅限新客: the buyer has paid for something before, or is not known.
    NewcomersOnly,
    /// 指定等级: the buyer has another tier, or none.
    TierOnly,
    /// 指定分群: the buyer is in none of the segments that it is for.
    SegmentOnly,
    /// 排除分群: the buyer is in a segment that is not given it.
    SegmentExcluded,
    /// 对照组: the buyer is one of those who are not given it, so that its effect can be told.
    HeldOut,
    /// 无适用商品: it is given on none of the lines.
    NothingInScope,
    /// 未达门槛: so many minor units are missing.
    BelowThreshold(i64),
    /// 未达门槛: so many minor units are missing of what others have left; they take their part of what is added.
    BelowThresholdOfRest(i64),
    /// 已领完: as many orders as may had it.
    UsedUp,
    /// 今日已领完: as many orders of the day as may had it.
    UsedUpToday,
    /// 已达个人上限: the buyer had it as often as one may.
    UsedUpByMember,
    /// 预算不足: what is left of its budget does not reach.
    OverBudget,
    /// 同组择优: another of its group takes more off.
    BetterInGroup(OfferId),
    /// 互斥: it, or what is given instead, stands alone.
    Exclusive,
    /// 已无可减: nothing is left to be taken off.
    NothingLeft,
}

/// What an offer takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub id: OfferId,
    /// What it takes off, in minor units.
    pub off_minor: i64,
    /// What of it falls to each line, in minor units.
    pub shares: Vec<i64>,
}

/// What a cart costs 试算.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// What the lines cost, in minor units.
    pub amount_minor: i64,
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What comes off each line, in minor units.
    pub line_offs: Vec<i64>,
    /// What is applied, in its order.
    pub applied: Vec<Applied>,
    /// What is not, and why.
    pub not_applied: Vec<(OfferId, NotApplied)>,
}

impl Price {
    /// What is to be paid, in minor units.
    #[must_use]
    pub const fn payable_minor(&self) -> i64 {
        self.amount_minor - self.off_minor
    }
}

/// Prices a cart. The order in which offers come changes nothing. Coupons are those that the buyer chose.
#[must_use]
pub fn price(cart: &Cart, offers: &[Offer<'_>]) -> Price {
    let is_coupon = |offer: &&Offer<'_>| matches!(offer.id, OfferId::Coupon(_));
    let till = Till::open(cart, offers.iter().filter(|offer| !is_coupon(offer)));
    till.price(offers.iter().filter(is_coupon))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
