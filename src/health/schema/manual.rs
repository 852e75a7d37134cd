//! States set by hand: what clients send, and how they are answered.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject};
use entity::ChannelId;

use super::enums::HealthState;
use crate::channels::schema::Channel;
use crate::channels::service::maybe_find;
use crate::error::{Error, Failure};
use crate::graphql::Ask;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::health::model::manual::{OverrideClearRefusal, OverrideDraft, OverrideRefusal};
use crate::health::service;

/// A channel's state, set by hand 人工设定.
#[derive(Clone, Debug, InputObject)]
pub struct ChannelHealthOverrideInput {
    /// The channel.
    pub channel_id: ID,
    /// Its state; MAINTENANCE is planned by `maintenanceWindowSchedule` instead.
    pub state: HealthState,
    /// For how many minutes it holds, whatever the figures say: 1 to 1440.
    pub minutes: i32,
    /// Why, at most 500 characters.
    pub note: Option<String>,
}

/// A channel whose figures are to rule again.
#[derive(Clone, Debug, InputObject)]
pub struct ChannelHealthOverrideClearInput {
    /// The channel.
    pub channel_id: ID,
}

payload! {
    /// What `channelHealthOverride` did.
    ChannelHealthOverridePayload {
        /// The channel.
        channel: Lean<Channel>,
    }
    /// Why a state was not set by hand.
    ChannelHealthOverrideError / ChannelHealthOverrideErrorCode from OverrideRefusal {
        /// There is no such channel.
        NotFound,
        /// MAINTENANCE is planned by windows.
        UseMaintenanceWindow,
        /// `minutes` is from 1 to 1440.
        MinutesOutOfRange,
        /// `note` has at most 500 characters.
        InvalidNote,
    }
}

payload! {
    /// What `channelHealthOverrideClear` did.
    ChannelHealthOverrideClearPayload {
        /// The channel.
        channel: Lean<Channel>,
    }
    /// Why a state set by hand was not taken away.
    ChannelHealthOverrideClearError / ChannelHealthOverrideClearErrorCode from OverrideClearRefusal {
        /// There is no such channel.
        NotFound,
    }
}

pub(super) async fn set(
    ctx: &Context<'_>,
    input: ChannelHealthOverrideInput,
) -> Result<ChannelHealthOverridePayload, Error> {
    let refused = |refusal| ChannelHealthOverridePayload::refused(&refusal, ctx.locale());
    let Ok(id) = read_id::<ChannelId>("channelId", &input.channel_id) else {
        return Ok(refused(OverrideRefusal::NotFound));
    };
    let draft = OverrideDraft {
        state: input.state.into(),
        minutes: input.minutes,
        note: input.note,
    };
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let work = async move {
        service::set_override(&app, &actor, id, &draft).await?;
        let row = maybe_find(&app, actor.merchant_id, id).await?;
        row.ok_or(Failure::Refused(OverrideRefusal::NotFound))
    };
    let told = |row| ChannelHealthOverridePayload {
        channel: Some(Lean(Channel { row: Arc::new(row) })),
        user_errors: Vec::new(),
    };
    answer(ctx.app().finish(work).await?, told, refused)
}

pub(super) async fn clear(
    ctx: &Context<'_>,
    input: ChannelHealthOverrideClearInput,
) -> Result<ChannelHealthOverrideClearPayload, Error> {
    let refused = |refusal| ChannelHealthOverrideClearPayload::refused(&refusal, ctx.locale());
    let Ok(id) = read_id::<ChannelId>("channelId", &input.channel_id) else {
        return Ok(refused(OverrideClearRefusal::NotFound));
    };
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let work = async move {
        service::clear_override(&app, &actor, id).await?;
        let row = maybe_find(&app, actor.merchant_id, id).await?;
        row.ok_or(Failure::Refused(OverrideClearRefusal::NotFound))
    };
    let told = |row| ChannelHealthOverrideClearPayload {
        channel: Some(Lean(Channel { row: Arc::new(row) })),
        user_errors: Vec::new(),
    };
    answer(ctx.app().finish(work).await?, told, refused)
}
