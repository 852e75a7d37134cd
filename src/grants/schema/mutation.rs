//! The mutation of gifts.

use async_graphql::{Context, ID, InputObject, Object};

use super::object::{GrantKind, GrantRule};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::grants::model::{RuleDraft, SetRefusal};
use crate::grants::service;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};

/// What members are to be given on a day of theirs 设置赠礼; what is missing is not given.
#[derive(Clone, Debug, InputObject)]
pub struct GrantRuleSetInput {
    /// On which day.
    pub kind: GrantKind,
    /// The version of the rule as you know it; 0 where it was never set.
    pub expected_version: i32,
    /// Whether anything is given. Switched off, what tiers bring on the birthday is not given either.
    pub enabled: bool,
    /// How many points, 1 to 1,000,000.
    pub points: Option<i32>,
    /// Of which template a coupon.
    pub coupon_template_id: Option<ID>,
    /// How many days ahead, 0 to 60.
    #[graphql(default)]
    pub days_before: i32,
}

impl GrantRuleSetInput {
    /// What the rule is to say; none where the template's id is none.
    fn read(&self) -> Option<RuleDraft> {
        let template_id = self.coupon_template_id.as_ref();
        let template_id = template_id.map(|id| read_id("couponTemplateId", id));
        Some(RuleDraft {
            kind: self.kind.into(),
            enabled: self.enabled,
            points: self.points.map(i64::from),
            template_id: template_id.transpose().ok()?,
            days_before: self.days_before,
        })
    }
}

payload! {
    /// What `grantRuleSet` did.
    GrantRuleSetPayload {
        /// The rule, as it is now.
        grant_rule: Lean<GrantRule>,
    }
    /// Why a rule of gifts was not set.
    GrantRuleSetError / GrantRuleSetErrorCode from SetRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// It has another version by now: read it again.
        VersionConflict,
        /// There is no such coupon template.
        TemplateNotFound,
    }
}

/// The mutation of gifts.
#[derive(Debug, Default)]
pub struct GrantMutation;

#[Object]
impl GrantMutation {
    /// Sets what members are given on their birthday, or on the day on which they joined, once a year 设置赠礼. Whose day
    /// it is today, or within the days ahead, is given it at once. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn grant_rule_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: GrantRuleSetInput,
    ) -> Result<GrantRuleSetPayload, Error> {
        let refused = |refusal| GrantRuleSetPayload::refused(&refusal, ctx.locale());
        let Some(draft) = input.read() else {
            return Ok(refused(SetRefusal::TemplateNotFound));
        };
        let expected = input.expected_version;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::set(&app, &actor, expected, draft).await });
        let told = |row: entity::grant_rule::Model| GrantRuleSetPayload {
            grant_rule: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
