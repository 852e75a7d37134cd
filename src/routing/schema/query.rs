//! The queries of routing.

use async_graphql::{Context, Object};

use super::checkout::{self, CheckoutChannel};
use super::dry_run::RoutingDryRun;
use super::inputs::{RoutingPolicyInput, read_policy};
use super::policy::RoutingPolicy;
use crate::auth::model::Scope;
use crate::channels::schema::PaymentMethod;
use crate::error::{Error, Failure, Refusal};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::MoneyInput;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::enums::PayerDevice;
use crate::routing::model::PolicyRefusal;
use crate::routing::service::{self, DryRun};

/// How many orders a dry run looks at where nothing is said.
const USUAL_ORDERS: i32 = 1_000;
/// The most orders that a dry run looks at.
const MOST_ORDERS: i32 = 10_000;

/// The queries of routing.
#[derive(Debug, Default)]
pub struct RoutingQuery;

#[Object]
impl RoutingQuery {
    /// What a shop's payment page shows for an amount and a device 收银台: the methods that can be paid with
    /// now, well ones first, each in the place of its first channel. A method that is ill has a notice, or is
    /// left out where the merchant wants that; where nothing else is left, it is shown all the same. A
    /// suspended merchant's page is empty. At most a second old. A publishable key may ask it, and by GET any cache may keep it for five seconds. Needs
    /// `checkout:read`.
    #[graphql(guard = "Needs(Scope::CheckoutRead)")]
    async fn checkout_channels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be paid, in the merchant's currency.")] amount: MoneyInput,
        #[graphql(
            desc = "What the payer holds in hand.",
            default_with = "Some(PayerDevice::Desktop)"
        )]
        device: Option<PayerDevice>,
    ) -> Result<Vec<Lean<CheckoutChannel>>, Error> {
        checkout::page(ctx, amount, device.unwrap_or(PayerDevice::Desktop)).await
    }

    /// The merchant's routing policies 路由策略: at most one for each method. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn routing_policies(&self, ctx: &Context<'_>) -> Result<Vec<Lean<RoutingPolicy>>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let stored = service::list(app, merchant_id).await?.into_iter();
        Ok(stored
            .map(|stored| Lean(RoutingPolicy::of(stored, currency)))
            .collect())
    }

    /// Where the last orders of a method would have gone 路由试运行 under a policy, or under the one that is
    /// set. Nothing is changed. Another merchant's channel is NOT_FOUND. Needs `channels:read`.
    #[graphql(guard = "Needs(Scope::ChannelsRead)")]
    async fn routing_dry_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The method.")] method: PaymentMethod,
        #[graphql(desc = "The policy; the one that is set where it is missing.")] policy: Option<
            RoutingPolicyInput,
        >,
        #[graphql(
            desc = "How many orders: 1 to 10000.",
            default_with = "Some(USUAL_ORDERS)"
        )]
        last: Option<i32>,
    ) -> Result<Lean<RoutingDryRun>, Error> {
        let currency = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id)
            .await?
            .currency;
        match dry_run(ctx, method, policy, last.unwrap_or(USUAL_ORDERS)).await {
            Ok(run) => Ok(Lean(RoutingDryRun::of(run, currency))),
            Err(Failure::Failed(error)) => Err(error),
            Err(Failure::Refused(PolicyRefusal::ChannelNotFound { .. })) => Err(Error::NotFound),
            Err(Failure::Refused(refusal)) => Err(Error::BadInput {
                field: format!("policy.{}", refusal.field().unwrap_or_default()),
                problem: refusal.message(),
            }),
        }
    }
}

async fn dry_run(
    ctx: &Context<'_>,
    method: PaymentMethod,
    policy: Option<RoutingPolicyInput>,
    last: i32,
) -> Result<DryRun, Failure<PolicyRefusal>> {
    let most = u64::try_from(last).ok();
    let most = most.filter(|_| (1..=MOST_ORDERS).contains(&last));
    let most = most.ok_or_else(|| {
        Error::bad_input(
            "last",
            format!("must be from 1 to {MOST_ORDERS}."),
            format!("须为 1 至 {MOST_ORDERS}。"),
        )
    })?;
    let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
    let policy = policy.map(|it| read_policy(it.strategy, it.targets, merchant.currency));
    let policy = policy.transpose()?;
    service::dry_run(ctx.app(), &merchant, method.into(), policy, most).await
}
