//! The versions of a channel's configuration, and the way back to one of them.

use async_graphql::{Enum, ID, InputObject};
use entity::channel_version;

use super::object::Channel;
use crate::channels::model::{Difference, RevertRefusal};
use crate::channels::service::Version;
use crate::graphql::connection::connection;
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::money::Currency;

/// What was done to a channel's configuration 变更类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "channel_version::ChannelChange")]
pub enum ChannelChange {
    /// 新建: it was made.
    Created,
    /// 修改: its name, limits or abilities were changed.
    Updated,
    /// 启用: it was opened to new orders.
    Enabled,
    /// 停用: it was closed to new orders.
    Disabled,
    /// 排序: it got another place on the payment page.
    Reordered,
    /// 条款: its terms were set.
    TermsSet,
    /// 更换凭据: it got other credentials.
    CredentialsSet,
    /// 恢复: an earlier configuration holds again.
    Reverted,
}

plain_scalars!(ChannelChange);

/// A version of a channel's configuration, with what amounts are in.
#[derive(Clone, Debug)]
pub struct ChannelVersion {
    version: Version,
    currency: Currency,
}

impl ChannelVersion {
    /// A version of a merchant whose amounts are in a currency.
    #[must_use]
    pub fn of(version: Version, currency: Currency) -> Self {
        Self { version, currency }
    }

    fn differences(&self) -> Vec<ChannelVersionChange> {
        let Version {
            configuration,
            before,
            ..
        } = &self.version;
        let changes = configuration.differences(before.as_ref(), self.currency);
        changes.into_iter().map(ChannelVersionChange).collect()
    }
}

plain_object! {
    /// A version of a channel's configuration 渠道配置版本: who changed what. It is never edited.
    ChannelVersion(self) {
        /// The version, from 1; `channelRevert` takes it.
        version / "version": i32 = self.version.row.version;
        /// What was done.
        change / "change": ChannelChange = self.version.row.change.into();
        /// Who did it: an id of staff or of an API key, or `system`.
        changed_by / "changedBy": &str = self.version.row.changed_by.as_str();
        /// When.
        changed_at / "changedAt": Timestamp = self.version.row.changed_at.into();
        /// What is different from the version before; of the first version, everything.
        changes / "changes": Vec<ChannelVersionChange> = self.differences();
    }
}

/// One field in which a version differs from the one before.
#[derive(Clone, Debug)]
pub struct ChannelVersionChange(Difference);

plain_object! {
    /// One field in which a version differs from the one before 变更明细.
    ChannelVersionChange(self) {
        /// The field of the channel, by its path: `maxAmount`, `terms.refunds.windowDays`.
        field / "field": &str = self.0.field;
        /// What it was, as text; null where it was nothing.
        before / "before": Option<&str> = self.0.before.as_deref();
        /// What it became, as text; null where it is nothing now.
        after / "after": Option<&str> = self.0.after.as_deref();
    }
}

connection! {
    /// The versions of a channel's configuration 配置历史.
    ChannelVersionConnection
    /// A version in a list.
    ChannelVersionEdge
    /// The version.
    node: Lean<ChannelVersion>
}

/// Which configuration is to hold again.
#[derive(Debug, InputObject)]
pub struct ChannelRevertInput {
    /// The channel.
    pub channel_id: ID,
    /// The version whose configuration is to hold again.
    pub version: i32,
    /// The version that the channel has, as you know it.
    pub expected_version: i32,
    /// Whether the last enabled channel may be disabled by it: no order can be paid then.
    #[graphql(default = false)]
    pub confirm_last: bool,
}

payload! {
    /// What `channelRevert` did.
    ChannelRevertPayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why an earlier configuration does not hold again.
    ChannelRevertError / ChannelRevertErrorCode from RevertRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel has another version by now: read it again.
        VersionConflict,
        /// The channel has no such version.
        VersionNotFound,
        /// It would disable the last enabled channel: confirm with `confirmLast: true`.
        LastEnabled,
    }
}
