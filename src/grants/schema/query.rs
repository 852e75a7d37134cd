//! The queries of gifts.

use async_graphql::{Context, Object};
use entity::grant_rule::GrantKind;

use super::object::GrantRule;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::grants::service;
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};

/// The queries of gifts.
#[derive(Debug, Default)]
pub struct GrantQuery;

#[Object]
impl GrantQuery {
    /// What members are given on a day of theirs 赠礼规则: a rule for each of the two days, also where it was never set.
    /// Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn grant_rules(&self, ctx: &Context<'_>) -> Result<Vec<Lean<GrantRule>>, Error> {
        let rows = service::rules(ctx.app(), ctx.actor()?.merchant_id).await?;
        let kinds = [GrantKind::Birthday, GrantKind::Anniversary];
        let rules = kinds.map(|kind| Lean(GrantRule::of(kind, &rows)));
        Ok(rules.into_iter().collect())
    }
}
