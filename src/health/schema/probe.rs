//! What a channel's payment platform said when it was last probed.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum};
use entity::{ChannelId, channel_probe};

use crate::graphql::Nullable;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::health::loader::{IncidentLoader, ProbeOf};
use crate::health::model::probing;

/// Why a probe failed 探测失败原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "probing::ProbeError")]
pub enum ProbeError {
    /// 无响应: no answer came in time.
    Unavailable,
    /// 无法识别: the answer could not be read; `errorDetail` says why.
    Unreadable,
    /// 被拒绝: the platform did not want to answer.
    Refused,
    /// 配置错误: the account is closed there, or keys do not fit; `errorDetail` says what.
    Misconfigured,
}

plain_scalars!(ProbeError);

/// A channel's probe.
#[derive(Clone, Debug)]
pub struct ChannelProbe {
    row: Arc<channel_probe::Model>,
}

impl ChannelProbe {
    fn failed(&self) -> Option<(probing::ProbeError, Option<&str>)> {
        probing::ProbeError::read(self.row.error.as_deref()?)
    }
}

plain_object! {
    /// What a channel's payment platform said when it was last asked whether it is there 主动探测.
    ChannelProbe(self) {
        /// When it was asked last; none where it never was.
        probed_at / "probedAt": Option<Timestamp> = self.row.probed_at.map(Timestamp::from);
        /// When it last answered as it should 最近应答时间; none where it never did: some platforms cannot be asked.
        answered_at / "answeredAt": Option<Timestamp> = self.row.answered_at.map(Timestamp::from);
        /// How long that took, in milliseconds.
        took_ms / "tookMs": Option<i32> = self.row.took_ms;
        /// How often in a row it did not answer as it should.
        failures / "failures": i32 = self.row.failures;
        /// What was wrong the last time; none where nothing was.
        error / "error": Option<ProbeError> = self.failed().map(|(kind, _)| kind.into());
        /// The same in words, where there is more to say.
        error_detail / "errorDetail": Option<&str> = self.failed().and_then(|(_, words)| words);
        /// When it is asked next.
        next_at / "nextAt": Timestamp = self.row.next_at.into();
    }
}

/// What is known of a channel's probes; none where it is not probed.
pub async fn probe(ctx: &Context<'_>, channel: ChannelId) -> Nullable<Lean<ChannelProbe>> {
    let loader = ctx.data_unchecked::<DataLoader<IncidentLoader>>();
    let row = loader.load_one(ProbeOf(channel)).await.transpose()?;
    Some(row.map(|row| Lean(ChannelProbe { row: Arc::new(row) })))
}
