//! What a mutation of channels wants: read, and done to its end even where the client has gone.

use async_graphql::{Context, ID};
use entity::{ChannelId, channel};

use super::credentials::ChannelCredentialsSetInput;
use super::offer::{ChannelCreateInput, ChannelUpdateInput};
use super::page::ChannelsReorderInput;
use super::switch::{ChannelDisableInput, ChannelEnableInput};
use super::terms::ChannelTermsSetInput;
use super::version::ChannelRevertInput;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{
    CreateRefusal, CredentialsSetRefusal, DisableRefusal, EnableRefusal, ReorderRefusal,
    RevertRefusal, TermsRefusal, UpdateRefusal,
};
use crate::channels::providers::Providers;
use crate::channels::providers::epay::EpayConfig;
use crate::channels::service::{self, NewChannel, NewCredentials, Revert};
use crate::error::{Error, Failure};
use crate::graphql::Ask;
use crate::graphql::scalars::read_id;
use crate::orders::schema::reading;

/// A channel, or why not.
type Done<R> = Result<channel::Model, Failure<R>>;

/// Makes a channel.
pub(super) async fn create(ctx: &Context<'_>, input: ChannelCreateInput) -> Done<CreateRefusal> {
    let offer = input.offer(reading(ctx).await?.currency)?;
    let providers = ctx.data_unchecked::<Providers>();
    let kind = input.kind.into();
    let given = input.credentials.map(EpayConfig::from);
    let credentials = service::check(providers, kind, given.as_ref());
    let wanted = NewChannel {
        kind,
        method: input.method.into(),
        offer,
        enabled: input.enabled,
        credentials: credentials.map_err(|failure| match failure {
            Failure::Refused(bad) => Failure::Refused(bad.into()),
            Failure::Failed(error) => Failure::Failed(error),
        })?,
    };
    let (app, actor, code) = (ctx.app().clone(), ctx.actor()?.clone(), input.code);
    let work = async move { service::create(&app, &actor, wanted, code.as_deref()).await };
    // On the heap: all mutations' futures stand in one.
    ctx.app().finish(Box::pin(work)).await?
}

/// Changes how a channel is offered.
pub(super) async fn update(ctx: &Context<'_>, input: ChannelUpdateInput) -> Done<UpdateRefusal> {
    let id = channel(&input.channel_id, UpdateRefusal::NotFound)?;
    let expected = input.expected_version;
    let change = input.read(reading(ctx).await?.currency)?;
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::update(&app, &actor, id, expected, change).await })
        .await?
}

/// Opens a channel to new orders.
pub(super) async fn enable(ctx: &Context<'_>, input: &ChannelEnableInput) -> Done<EnableRefusal> {
    let id = channel(&input.channel_id, EnableRefusal::NotFound)?;
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::enable(&app, &actor, id).await })
        .await?
}

/// Closes a channel to new orders.
pub(super) async fn disable(
    ctx: &Context<'_>,
    input: &ChannelDisableInput,
) -> Done<DisableRefusal> {
    let id = channel(&input.channel_id, DisableRefusal::NotFound)?;
    let confirmed = input.confirm_last;
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::disable(&app, &actor, id, confirmed).await })
        .await?
}

/// Puts all channels into another order.
pub(super) async fn reorder(
    ctx: &Context<'_>,
    input: &ChannelsReorderInput,
) -> Result<Vec<channel::Model>, Failure<ReorderRefusal>> {
    let ids = input.channel_ids.iter();
    let ids = ids.map(|id| channel(id, ReorderRefusal::NotFound));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::reorder(&app, &actor, &ids).await })
        .await?
}

/// Gives a channel other credentials.
pub(super) async fn set_credentials(
    ctx: &Context<'_>,
    input: ChannelCredentialsSetInput,
) -> Done<CredentialsSetRefusal> {
    let wanted = NewCredentials {
        id: channel(&input.channel_id, CredentialsSetRefusal::NotFound)?,
        expected_version: input.expected_version,
        given: input.credentials.into(),
        overlap_hours: input.overlap_hours,
    };
    let providers = ctx.data_unchecked::<Providers>().clone();
    let (app, actor) = asking(ctx)?;
    let code = input.code;
    let work = async move {
        service::set_credentials(&app, &providers, &actor, wanted, code.as_deref()).await
    };
    ctx.app().finish(Box::pin(work)).await?
}

/// Brings an earlier configuration back.
pub(super) async fn revert(ctx: &Context<'_>, input: &ChannelRevertInput) -> Done<RevertRefusal> {
    let wanted = Revert {
        id: channel(&input.channel_id, RevertRefusal::NotFound)?,
        version: input.version,
        expected_version: input.expected_version,
    };
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::revert(&app, &actor, wanted).await })
        .await?
}

/// Sets a channel's terms.
pub(super) async fn set_terms(
    ctx: &Context<'_>,
    input: ChannelTermsSetInput,
) -> Done<TermsRefusal> {
    let id = channel(&input.channel_id, TermsRefusal::NotFound)?;
    let expected = input.expected_version;
    let change = input.read().map_err(Failure::Refused)?;
    let (app, actor) = asking(ctx)?;
    ctx.app()
        .finish(async move { service::set_terms(&app, &actor, id, expected, change).await })
        .await?
}

/// The channel that an id names; a text that is no id names none.
fn channel<R>(id: &ID, missing: R) -> Result<ChannelId, Failure<R>> {
    read_id("channelId", id).map_err(|_| Failure::Refused(missing))
}

fn asking(ctx: &Context<'_>) -> Result<(App, Actor), Error> {
    Ok((ctx.app().clone(), ctx.actor()?.clone()))
}
