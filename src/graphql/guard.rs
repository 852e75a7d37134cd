//! The guard that stands before every root field.

use async_graphql::{Context, Guard};

use super::context::Ask;
use super::introspection;
use crate::auth::model::Scope;
use crate::error::Error;

/// Lets in who has a scope; who is not signed in is told that first.
#[derive(Clone, Copy, Debug)]
pub struct Needs(pub Scope);

impl Guard for Needs {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        if ctx.actor()?.may(self.0) {
            Ok(())
        } else {
            Err(Error::Forbidden {
                scope: self.0.name(),
            }
            .into())
        }
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
