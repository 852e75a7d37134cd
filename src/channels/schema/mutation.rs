//! The mutations of channels.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entity::channel;

use super::credentials::{ChannelCredentialsSetInput, ChannelCredentialsSetPayload};
use super::object::Channel;
use super::offer::{
    ChannelCreateInput, ChannelCreatePayload, ChannelUpdateInput, ChannelUpdatePayload,
};
use super::page::{ChannelsReorderInput, ChannelsReorderPayload};
use super::switch::{
    ChannelDisableInput, ChannelDisablePayload, ChannelEnableInput, ChannelEnablePayload,
};
use super::terms::{ChannelTermsSetInput, ChannelTermsSetPayload};
use super::version::{ChannelRevertInput, ChannelRevertPayload};
use super::wish;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};

/// The mutations of channels.
#[derive(Debug, Default)]
pub struct ChannelMutation;

#[Object]
impl ChannelMutation {
    /// Makes a channel 新建渠道, the last on the payment page. Its credentials are tried out before they are
    /// kept, and never shown again. At most 50 channels a merchant. One through which money leaves (易支付 V2) is made
    /// by members of staff, with a `code` where anybody has a second factor. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelCreateInput,
    ) -> Result<ChannelCreatePayload, Error> {
        let refused = |refusal| ChannelCreatePayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelCreatePayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::create(ctx, input).await, told, refused)
    }

    /// Changes a channel's name, limits, devices, and when the payment page hides it 修改渠道. Orders that
    /// were made stay as they are. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelUpdateInput,
    ) -> Result<ChannelUpdatePayload, Error> {
        let refused = |refusal| ChannelUpdatePayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelUpdatePayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::update(ctx, input).await, told, refused)
    }

    /// Opens a channel to new orders 启用渠道. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelEnableInput,
    ) -> Result<ChannelEnablePayload, Error> {
        let refused = |refusal| ChannelEnablePayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelEnablePayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::enable(ctx, &input).await, told, refused)
    }

    /// Closes a channel to new orders 停用渠道; payments of orders that were made are still taken. The last
    /// enabled channel is closed only with `confirmLast: true`. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelDisableInput,
    ) -> Result<ChannelDisablePayload, Error> {
        let refused = |refusal| ChannelDisablePayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelDisablePayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::disable(ctx, &input).await, told, refused)
    }

    /// Puts all channels into another order on the payment page 渠道排序, all at once. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channels_reorder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelsReorderInput,
    ) -> Result<ChannelsReorderPayload, Error> {
        let refused = |refusal| ChannelsReorderPayload::refused(&refusal, ctx.locale());
        let told = |rows: Vec<channel::Model>| ChannelsReorderPayload {
            channels: Some(rows.into_iter().map(shown).collect()),
            user_errors: Vec::new(),
        };
        answer(wish::reorder(ctx, &input).await, told, refused)
    }

    /// Gives a channel other credentials 更换渠道凭据. Callbacks that are signed with the ones before are still
    /// believed for a while; those before these are forgotten. Those by which money leaves (易支付 V2) are given by
    /// members of staff, with a `code` where anybody has a second factor; it leaves by them after a cooling-off, see
    /// `paysOutFrom`. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_credentials_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelCredentialsSetInput,
    ) -> Result<ChannelCredentialsSetPayload, Error> {
        let refused = |refusal| ChannelCredentialsSetPayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelCredentialsSetPayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::set_credentials(ctx, input).await, told, refused)
    }

    /// Makes an earlier configuration of a channel hold again 恢复配置, as a new version. Its credentials, its
    /// place on the payment page, and whether it is enabled stay. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_revert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelRevertInput,
    ) -> Result<ChannelRevertPayload, Error> {
        let refused = |refusal| ChannelRevertPayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelRevertPayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::revert(ctx, &input).await, told, refused)
    }

    /// Sets a channel's terms 设置渠道条款. Payments that were made keep what held for them. Needs
    /// `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn channel_terms_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ChannelTermsSetInput,
    ) -> Result<ChannelTermsSetPayload, Error> {
        let refused = |refusal| ChannelTermsSetPayload::refused(&refusal, ctx.locale());
        let told = |row| ChannelTermsSetPayload {
            channel: Some(shown(row)),
            user_errors: Vec::new(),
        };
        answer(wish::set_terms(ctx, input).await, told, refused)
    }
}

fn shown(row: channel::Model) -> Lean<Channel> {
    Lean(Channel { row: Arc::new(row) })
}
