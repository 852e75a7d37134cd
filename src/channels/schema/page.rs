//! How channels are put into another order on the payment page.

use async_graphql::{ID, InputObject};

use super::object::Channel;
use crate::channels::model::ReorderRefusal;
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;

/// The order of the payment page.
#[derive(Debug, InputObject)]
pub struct ChannelsReorderInput {
    /// All channels of the merchant, each once, the first of the payment page first.
    pub channel_ids: Vec<ID>,
}

payload! {
    /// What `channelsReorder` did.
    ChannelsReorderPayload {
        /// All channels, in their new order.
        channels: Vec<Lean<Channel>>,
    }
    /// Why channels were not put into another order.
    ChannelsReorderError / ChannelsReorderErrorCode from ReorderRefusal {
        /// The list names a channel that there is not.
        NotFound,
        /// The list names a channel twice.
        Duplicate,
        /// The list does not name all channels: read them again.
        Incomplete,
    }
}
