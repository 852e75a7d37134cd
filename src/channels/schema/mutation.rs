//! The mutations of channels.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::object::Channel;
use super::terms::{ChannelTermsSetInput, ChannelTermsSetPayload};
use crate::auth::model::Scope;
use crate::channels::model::TermsRefusal;
use crate::channels::service;
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};

/// The mutations of channels.
#[derive(Debug, Default)]
pub struct ChannelMutation;

#[Object]
impl ChannelMutation {
    /// Sets a channel's terms 设置渠道条款. Payments that were made keep what held for them. Needs
    /// `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_terms_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelTermsSetInput,
    ) -> Result<ChannelTermsSetPayload, Error> {
        let refused = |refusal| ChannelTermsSetPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("channelId", &input.channel_id) else {
            return Ok(refused(TermsRefusal::NotFound));
        };
        let change = match input.read() {
            Ok(change) => change,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let (app, merchant_id) = (ctx.app().clone(), ctx.actor()?.merchant_id);
        let work = async move { service::set_terms(&app, merchant_id, id, change).await };
        let told = |row| ChannelTermsSetPayload {
            channel: Some(Lean(Channel { row: Arc::new(row) })),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}
