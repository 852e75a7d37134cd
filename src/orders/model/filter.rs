//! Which orders are wanted, and in which order.

use entity::channel::PaymentMethod;
use entity::order::{FulfillmentState, PaymentState, RefundState};
use entity::{CampaignId, ChannelId, CouponTemplateId, MemberId};
use serde::{Deserialize, Serialize};

use crate::auth::model::Scope;
use crate::money::AmountRange;
use crate::time_range::TimeRange;

/// Which orders are wanted: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFilter {
    /// Any of these payment states.
    pub payment_state: Option<Vec<PaymentState>>,
    /// Any of these refund states.
    pub refund_state: Option<Vec<RefundState>>,
    /// Any of these fulfilment states.
    pub fulfillment_state: Option<Vec<FulfillmentState>>,
    /// Paid, and not delivered in full 已支付未发货.
    pub awaiting_shipment: Option<bool>,
    /// Paid after closing.
    pub late: Option<bool>,
    /// Made in this span.
    pub created: Option<TimeRange>,
    /// Paid in this span.
    pub paid: Option<TimeRange>,
    /// Through any of these channels.
    pub channel_ids: Option<Vec<ChannelId>>,
    /// By any of these methods.
    pub methods: Option<Vec<PaymentMethod>>,
    /// From any of these countries.
    pub countries: Option<Vec<String>>,
    /// The sum of the lines lies in this range.
    pub amount: AmountRange,
    /// The beginning of either number, or a part of a line's title.
    pub search: Option<String>,
    /// Of the member of this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_no: Option<String>,
    /// Of this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<MemberId>,
    /// This campaign took something off it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign_id: Option<CampaignId>,
    /// A coupon of this template took something off it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_template_id: Option<CouponTemplateId>,
    /// Any of these.
    pub or: Option<Vec<OrderFilter>>,
    /// Not these.
    pub not: Option<Box<OrderFilter>>,
}

impl OrderFilter {
    /// What its answer tells of besides orders, by itself or by what is nested in it: scopes that it needs.
    #[must_use]
    pub fn needs(&self) -> Vec<Scope> {
        let offer = self.campaign_id.is_some() || self.coupon_template_id.is_some();
        let own = [
            self.member_no.as_ref().map(|_| Scope::MembersRead),
            offer.then_some(Scope::CampaignsRead),
        ];
        let nested = self.or.iter().flatten().chain(self.not.as_deref());
        let own = own.into_iter().flatten();
        own.chain(nested.flat_map(Self::needs)).collect()
    }
}

/// What a list of orders is sorted by; ties by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortField {
    /// When it was made.
    #[default]
    CreatedAt,
    /// When it was paid; unpaid orders are left out.
    PaidAt,
    /// The sum of the lines.
    Amount,
}

/// In which direction a list runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Smallest or oldest first.
    Asc,
    /// Largest or newest first.
    #[default]
    Desc,
}

/// How a list of orders is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSort {
    /// By what.
    pub field: SortField,
    /// In which direction.
    pub direction: Direction,
}
