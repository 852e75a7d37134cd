//! The mutations of routing.

use async_graphql::{Context, Object};

use super::inputs::{RoutingPolicyRemoveInput, RoutingPolicySetInput, read_policy};
use super::policy::RoutingPolicy;
use crate::auth::model::Scope;
use crate::channels::schema::PaymentMethod;
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};
use crate::money::Currency;
use crate::orders::schema::reading;
use crate::routing::model::{PolicyRefusal, RemoveRefusal};
use crate::routing::service::{self, Stored};

payload! {
    /// What `routingPolicySet` did.
    RoutingPolicySetPayload {
        /// The policy, as it is now.
        routing_policy: Lean<RoutingPolicy>,
    }
    /// Why a routing policy was not set.
    RoutingPolicySetError / RoutingPolicySetErrorCode from PolicyRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such channel.
        ChannelNotFound,
        /// The channel is paid by another method.
        MethodNotOfChannel,
        /// The policy has another version by now, or there is none: read it again.
        VersionConflict,
    }
}

payload! {
    /// What `routingPolicyRemove` did.
    RoutingPolicyRemovePayload {
        /// The method that has no policy any more.
        method: PaymentMethod,
    }
    /// Why a routing policy was not removed.
    RoutingPolicyRemoveError / RoutingPolicyRemoveErrorCode from RemoveRefusal {
        /// The policy has another version by now, or there is none: read it again.
        VersionConflict,
    }
}

/// The mutations of routing.
#[derive(Debug, Default)]
pub struct RoutingMutation;

#[Object]
impl RoutingMutation {
    /// Sets the routing policy 路由策略 of a method in full. Orders that name the method follow it at once,
    /// on other instances within a second. Needs `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn routing_policy_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RoutingPolicySetInput,
    ) -> Result<RoutingPolicySetPayload, Error> {
        let refused = |refusal| RoutingPolicySetPayload::refused(&refusal, ctx.locale());
        let currency = reading(ctx).await?.currency;
        let told = |stored| RoutingPolicySetPayload {
            routing_policy: Some(Lean(RoutingPolicy::of(stored, currency))),
            user_errors: Vec::new(),
        };
        answer(set(ctx, input, currency).await, told, refused)
    }

    /// Removes the routing policy of a method: the order of the payment page decides again. Needs
    /// `channels:write`.
    #[graphql(guard = "Needs(Scope::ChannelsWrite)")]
    async fn routing_policy_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RoutingPolicyRemoveInput,
    ) -> Result<RoutingPolicyRemovePayload, Error> {
        let refused = |refusal| RoutingPolicyRemovePayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let (method, expected) = (input.method, input.expected_version);
        let work = async move { service::remove(&app, &actor, method.into(), expected).await };
        let told = |()| RoutingPolicyRemovePayload {
            method: Some(method),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}

async fn set(
    ctx: &Context<'_>,
    input: RoutingPolicySetInput,
    currency: Currency,
) -> Result<Stored, Failure<PolicyRefusal>> {
    let policy = read_policy(input.strategy, input.targets, currency)?;
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let (method, expected) = (input.method.into(), input.expected_version);
    ctx.app()
        .finish(async move { service::set(&app, &actor, method, expected, policy).await })
        .await?
}
