//! What clients send about webhooks.

use async_graphql::{ID, InputObject};
use entity::event::EventKind;

use super::enums::WebhookDeliveryState;
use crate::error::Error;
use crate::graphql::events::EventType;
use crate::graphql::scalars::read_id;
use crate::graphql::time_range::TimeRangeInput;
use crate::orders::schema::inputs::{Reading, many};
use crate::webhooks::model::DeliveryFilter;

/// A webhook endpoint to be made 新建推送地址.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookEndpointCreateInput {
    /// Where to: https, a public host, port 443, 80 or 8000 and above, no password; at most 1024 characters.
    pub url: String,
    /// What it is for, at most 200 characters.
    #[graphql(default)]
    pub description: String,
    /// The types of events that it is sent; empty for all, those to come as well. You need the scope to see
    /// what is sent. Events of webhooks themselves are not sent.
    #[graphql(default)]
    pub event_types: Vec<EventType>,
}

/// What is to be changed of a webhook endpoint; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookEndpointUpdateInput {
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it, so that nobody's change is lost; not looked at where it is
    /// missing.
    pub expected_version: Option<i32>,
    /// Where to.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// The types of events that it is sent; empty for all.
    pub event_types: Option<Vec<EventType>>,
}

/// A webhook endpoint to be enabled 启用.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookEndpointEnableInput {
    /// Which.
    pub id: ID,
}

/// A webhook endpoint to be disabled 停用.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookEndpointDisableInput {
    /// Which.
    pub id: ID,
}

/// A webhook endpoint to be deleted 删除.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookEndpointDeleteInput {
    /// Which.
    pub id: ID,
}

/// A secret to be exchanged 更换密钥.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookSecretRotateInput {
    /// Of which endpoint.
    pub id: ID,
    /// For how many hours the secret before signs as well: 0 to 168.
    #[graphql(default = 24)]
    pub overlap_hours: i32,
}

/// A webhook endpoint to be tried out 测试推送.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookTestInput {
    /// Which.
    pub id: ID,
}

/// A delivery to be sent again 重新推送.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookDeliveryReplayInput {
    /// Which.
    pub id: ID,
}

/// Deliveries to be sent again 批量重推.
#[derive(Clone, Debug, InputObject)]
pub struct WebhookReplayInput {
    /// Of which endpoint.
    pub endpoint_id: ID,
    /// Made in this span.
    pub range: TimeRangeInput,
    /// In any of these states: FAILED, DELIVERED or both.
    #[graphql(default_with = "vec![WebhookDeliveryState::Failed]")]
    pub states: Vec<WebhookDeliveryState>,
    /// Made after this delivery: `resumeAfter` of the request before, where there were more.
    pub after: Option<ID>,
}

/// A notify key to be made 设置回调密钥.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct NotifyKeySetInput {
    /// Whether a key that there is, is replaced: calls are signed with the new one from then on.
    #[graphql(default = false)]
    pub replace: bool,
}

/// Which deliveries are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct WebhookDeliveryFilterInput {
    /// To this endpoint.
    pub endpoint_id: Option<ID>,
    /// To the address of this order's shop.
    pub order_id: Option<ID>,
    /// In any of these states.
    pub state: Option<Vec<WebhookDeliveryState>>,
    /// Of any of these types of events.
    pub event_type: Option<Vec<EventType>>,
    /// Made in this span.
    pub range: Option<TimeRangeInput>,
}

impl WebhookDeliveryFilterInput {
    pub(super) fn read(&self, reading: &Reading) -> Result<DeliveryFilter, Error> {
        let endpoint_id = self.endpoint_id.as_ref();
        let endpoint_id = endpoint_id.map(|id| read_id("filter.endpointId", id));
        let order_id = self.order_id.as_ref();
        let order_id = order_id.map(|id| read_id("filter.orderId", id));
        let made = self
            .range
            .map(|range| range.read("filter.range", reading.now, reading.zone));
        Ok(DeliveryFilter {
            endpoint_id: endpoint_id.transpose()?,
            order_id: order_id.transpose()?,
            states: many("filter", "state", self.state.as_deref())?,
            kinds: many("filter", "eventType", self.event_type.as_deref())?,
            made: made.transpose()?,
        })
    }
}

/// The kinds of types of events.
pub(super) fn kinds(types: &[EventType]) -> Vec<EventKind> {
    types.iter().copied().map(EventKind::from).collect()
}
