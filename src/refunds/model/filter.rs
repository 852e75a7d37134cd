//! Which refunds a list wants.

use entity::channel::PaymentMethod;
use entity::refund::{RefundKind, RefundReason, RefundStatus};
use entity::{ChannelId, OrderId};
use serde::{Deserialize, Serialize};

use crate::money::AmountRange;
use crate::time_range::TimeRange;

/// Which refunds are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFilter {
    /// Any of these states.
    pub states: Option<Vec<RefundStatus>>,
    /// Any of these kinds.
    pub kinds: Option<Vec<RefundKind>>,
    /// Any of these reasons.
    pub reasons: Option<Vec<RefundReason>>,
    /// When it was asked for.
    pub requested: Option<TimeRange>,
    /// When it succeeded.
    pub succeeded: Option<TimeRange>,
    /// How much.
    pub amount: AmountRange,
    /// Through any of these channels.
    pub channel_ids: Option<Vec<ChannelId>>,
    /// Paid by any of these methods.
    pub methods: Option<Vec<PaymentMethod>>,
    /// To buyers from any of these countries.
    pub countries: Option<Vec<String>>,
    /// Of this order.
    pub order_id: Option<OrderId>,
    /// Asked for by this actor.
    pub requested_by: Option<String>,
    /// Whether a person has to look at it.
    pub needs_attention: Option<bool>,
    /// The beginning of a refund number, or what finds its order.
    pub search: Option<String>,
    /// Any of these as well.
    pub or: Option<Vec<RefundFilter>>,
    /// None of these.
    pub not: Option<Box<RefundFilter>>,
}
