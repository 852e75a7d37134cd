//! The mutation of fee rules.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entity::fee_rule::Model;

use super::inputs::FeeRuleSetInput;
use super::rule::{Book, FeeRule};
use crate::auth::model::Scope;
use crate::error::{Error, Failure};
use crate::fees::model::RuleSetRefusal;
use crate::fees::service;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;

payload! {
    /// What `feeRuleSet` did.
    FeeRuleSetPayload {
        /// The version that was made.
        fee_rule: Lean<FeeRule>,
    }
    /// Why a fee rule was not set.
    FeeRuleSetError / FeeRuleSetErrorCode from RuleSetRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such channel.
        ChannelNotFound,
        /// The channel is paid by another method: the rule would never fit.
        MethodNotOfChannel,
        /// The rate is below 0 or above 1.
        RateOutOfRange,
        /// The rate has more than 6 decimals.
        RateTooPrecise,
        /// No amount is at least `amountFrom` and below `amountBelow`.
        BandEmpty,
        /// `minFee` is more than `maxFee`.
        MinAboveMax,
        /// `effectiveFrom` lies in the past.
        EffectiveInPast,
        /// `effectiveFrom` lies before that of the rule's current version.
        EffectiveBeforePrevious,
        /// `effectiveTo` does not lie after the begin.
        EndsBeforeBegin,
        /// There is no such rule.
        RuleNotFound,
        /// The rule has another version by now: read it again.
        VersionConflict,
        /// Another rule has the same conditions at the same time: set its next version instead.
        Ambiguous,
        /// There are 500 versions, which is as many as are kept.
        TooManyVersions,
    }
}

/// The mutation of fee rules.
#[derive(Debug, Default)]
pub struct FeeMutation;

#[Object]
impl FeeMutation {
    /// Makes a fee rule 费率规则, or the next version of one. Payments that are credited from its begin on
    /// follow it; what was taken before stays. Sent twice, the same request makes one version: the second
    /// is told VERSION_CONFLICT or AMBIGUOUS. Needs `fees:write`.
    #[graphql(guard = "Needs(Scope::FeesWrite)")]
    async fn fee_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: FeeRuleSetInput,
    ) -> Result<FeeRuleSetPayload, Error> {
        let refused = |refusal| FeeRuleSetPayload::refused(&refusal, ctx.locale());
        let currency = reading(ctx).await?.currency;
        let now = ctx.app().clock.now();
        let told = |(row, rules): (Model, Vec<Model>)| {
            let book = Book {
                rules: Arc::new(rules),
                now,
                currency,
            };
            FeeRuleSetPayload {
                fee_rule: Some(Lean(book.open(&row))),
                user_errors: Vec::new(),
            }
        };
        answer(set(ctx, input, currency).await, told, refused)
    }
}

async fn set(
    ctx: &Context<'_>,
    input: FeeRuleSetInput,
    currency: crate::money::Currency,
) -> Result<(Model, Vec<Model>), Failure<RuleSetRefusal>> {
    let draft = input.read(currency)?;
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    ctx.app()
        .finish(async move { service::set(&app, &actor, draft).await })
        .await?
}
