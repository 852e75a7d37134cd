//! Outages of the sandbox that somebody asks for.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use entity::{ChannelId, sandbox_outage};
use rust_decimal::Decimal;

use super::incident::rate;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::scalars::{DecimalText, Timestamp, read_id};
use crate::graphql::{Ask, Needs};
use crate::health::model::outage::{OutageDraft, OutageEndRefusal, OutageRefusal};
use crate::health::service::{end_outage, start_outage};

/// What goes wrong in the sandbox 沙箱故障类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "sandbox_outage::OutageKind")]
pub enum SandboxOutageKind {
    /// 无响应: no answer comes.
    Unavailable,
    /// 乱码: answers cannot be read.
    Unreadable,
    /// 回调丢失: payments are made, but not reported.
    LostCallbacks,
    /// 无人支付: payers cannot pay.
    Unpayable,
}

/// An outage of the sandbox 沙箱故障, asked for.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SandboxOutage {
    /// What goes wrong.
    pub kind: SandboxOutageKind,
    /// For which share of orders.
    pub share: DecimalText,
    /// Until when.
    pub until: Timestamp,
}

impl From<sandbox_outage::Model> for SandboxOutage {
    fn from(row: sandbox_outage::Model) -> Self {
        Self {
            kind: row.kind.into(),
            share: rate(row.share_ppm),
            until: row.until.into(),
        }
    }
}

/// An outage of the sandbox to begin.
#[derive(Clone, Debug, InputObject)]
pub struct SandboxOutageStartInput {
    /// The channel; of kind SANDBOX.
    pub channel_id: ID,
    /// What goes wrong.
    pub kind: SandboxOutageKind,
    /// For which share of orders, above 0 and at most 1; the same orders fail each time. From 0.5 on probes
    /// fail, too.
    #[graphql(default_with = "DecimalText(Decimal::ONE)")]
    pub share: DecimalText,
    /// For how many minutes: 1 to 1440.
    pub minutes: i32,
}

/// An outage of the sandbox to end.
#[derive(Clone, Debug, InputObject)]
pub struct SandboxOutageEndInput {
    /// The channel; of kind SANDBOX.
    pub channel_id: ID,
}

payload! {
    /// What `sandboxOutageStart` did.
    SandboxOutageStartPayload {
        /// The outage.
        outage: SandboxOutage,
    }
    /// Why an outage did not begin.
    SandboxOutageStartError / SandboxOutageStartErrorCode from OutageRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel is not of kind SANDBOX.
        NotSandbox,
        /// `share` is above 0 and at most 1, with at most 6 decimals.
        ShareOutOfRange,
        /// `minutes` is from 1 to 1440.
        MinutesOutOfRange,
    }
}

payload! {
    /// What `sandboxOutageEnd` did.
    SandboxOutageEndPayload {
        /// True: there is no outage now.
        ended: bool,
    }
    /// Why an outage did not end.
    SandboxOutageEndError / SandboxOutageEndErrorCode from OutageEndRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel is not of kind SANDBOX.
        NotSandbox,
    }
}

/// A share in millionths; 0, which is none, where it is no share.
fn ppm(share: Decimal) -> i32 {
    let scaled = share.checked_mul(Decimal::from(1_000_000));
    let whole = scaled.filter(Decimal::is_integer);
    whole
        .and_then(|whole| i32::try_from(whole).ok())
        .unwrap_or(0)
}

/// The mutations of outages of the sandbox.
#[derive(Debug, Default)]
pub struct OutageMutation;

#[Object]
impl OutageMutation {
    /// Lets a sandbox channel fail for a while 模拟故障, to see what happens then. One that fails already fails
    /// this way instead. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn sandbox_outage_start(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SandboxOutageStartInput,
    ) -> Result<SandboxOutageStartPayload, Error> {
        let refused = |refusal| SandboxOutageStartPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id::<ChannelId>("channelId", &input.channel_id) else {
            return Ok(refused(OutageRefusal::NotFound));
        };
        let draft = OutageDraft {
            kind: input.kind.into(),
            share_ppm: ppm(input.share.0),
            minutes: input.minutes,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { start_outage(&app, &actor, id, draft).await };
        let told = |row: sandbox_outage::Model| SandboxOutageStartPayload {
            outage: Some(row.into()),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Ends the outage of a sandbox channel 结束模拟故障; where there is none nothing happens. Needs
    /// `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn sandbox_outage_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SandboxOutageEndInput,
    ) -> Result<SandboxOutageEndPayload, Error> {
        let refused = |refusal| SandboxOutageEndPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id::<ChannelId>("channelId", &input.channel_id) else {
            return Ok(refused(OutageEndRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { end_outage(&app, &actor, id).await };
        let told = |()| SandboxOutageEndPayload {
            ended: Some(true),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}
