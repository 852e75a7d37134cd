//! How a channel is opened to new orders, and closed to them.

use async_graphql::{ID, InputObject};

use super::object::Channel;
use crate::channels::model::{DisableRefusal, EnableRefusal};
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;

/// Which channel is to be opened to new orders.
#[derive(Debug, InputObject)]
pub struct ChannelEnableInput {
    /// The channel.
    pub channel_id: ID,
}

payload! {
    /// What `channelEnable` did.
    ChannelEnablePayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why a channel was not enabled.
    ChannelEnableError / ChannelEnableErrorCode from EnableRefusal {
        /// There is no such channel.
        NotFound,
    }
}

/// Which channel is to be closed to new orders.
#[derive(Debug, InputObject)]
pub struct ChannelDisableInput {
    /// The channel.
    pub channel_id: ID,
    /// Whether it may be the last enabled one: no order can be paid then.
    #[graphql(default = false)]
    pub confirm_last: bool,
}

payload! {
    /// What `channelDisable` did.
    ChannelDisablePayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why a channel was not disabled.
    ChannelDisableError / ChannelDisableErrorCode from DisableRefusal {
        /// There is no such channel.
        NotFound,
        /// It is the last enabled channel: confirm with `confirmLast: true`.
        LastEnabled,
    }
}
