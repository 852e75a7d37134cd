//! Which deliveries a list wants.

use entity::event::EventKind;
use entity::webhook_delivery::WebhookDeliveryState;
use entity::{OrderId, WebhookEndpointId};

use crate::time_range::TimeRange;

/// Which deliveries are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint_id: Option<WebhookEndpointId>,
    /// To the address of this order's shop.
    pub order_id: Option<OrderId>,
    /// In any of these states.
    pub states: Option<Vec<WebhookDeliveryState>>,
    /// Of any of these kinds of events.
    pub kinds: Option<Vec<EventKind>>,
    /// Made in this span.
    pub made: Option<TimeRange>,
}
