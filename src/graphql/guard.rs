//! The guard that stands before every root field.

use async_graphql::parser::types::OperationType;
use async_graphql::{Context, Guard};

use super::context::Ask;
use super::introspection;
use crate::audit;
use crate::auth::model::Scope;
use crate::error::Error;

/// Lets in who has a scope; who is not signed in is told that first. Who wants to change something without it
/// is in the audit log.
#[derive(Clone, Copy, Debug)]
pub struct Needs(pub Scope);

impl Guard for Needs {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let actor = ctx.actor()?;
        if actor.may(self.0) {
            return Ok(());
        }
        if ctx.query_env.operation.node.ty == OperationType::Mutation {
            let field = ctx.field().name().to_owned();
            let (app, actor, scope) = (ctx.app().clone(), actor.clone(), self.0);
            let tell = async move { audit::service::forbid(&app, &actor, field, scope).await };
            ctx.app().finish(tell).await?;
        }
        Err(Error::Forbidden {
            scope: self.0.name(),
        }
        .into())
    }
}

/// Lets in who is signed in, whatever their scopes; not whoever read a publishable key in a page.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn;

impl Guard for SignedIn {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        if ctx.actor()?.is_publishable() {
            return Err(introspection::not_publishable().into());
        }
        Ok(())
    }
}
