//! Traces each field of some requests. The library's extensions cost every request half as much again, so
//! those requests are executed by a schema of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::extensions::{
    Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo,
};
use async_graphql::{Context, ServerResult, Value};
use tracing::{Instrument, Span};

use super::schema::Schema;
use crate::telemetry;

/// Makes a schema trace its fields: as its extension, and as its data for what extensions do not see.
#[derive(Clone, Copy, Debug)]
pub struct Fields;

impl ExtensionFactory for Fields {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Fields {
    /// A span for the field, by its name in the schema: neither aliases nor arguments are told.
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if info.is_for_introspection {
            return next.run(ctx, info).await;
        }
        let span = span(info.parent_type, info.name);
        next.run(ctx, info).instrument(span).await
    }
}

fn span(parent_type: &str, field: &str) -> Span {
    tracing::trace_span!(target: telemetry::FIELDS, "field", parent_type, field)
}

/// Resolves a field that goes around the extensions: one that is waited for in an object that is otherwise
/// written at once.
pub async fn traced<T>(ctx: &Context<'_>, parent_type: &str, work: impl Future<Output = T>) -> T {
    if ctx.data_opt::<Fields>().is_none() {
        return work.await;
    }
    let span = span(parent_type, &ctx.item.node.name.node);
    work.instrument(span).await
}

/// The schema that traces fields, and which requests it executes.
pub struct Sampled {
    schema: Schema,
    per_mille: u64,
    asked: AtomicU64,
}

impl Sampled {
    /// Executes so many requests in a thousand; none where that is nothing.
    #[must_use]
    pub fn new(per_mille: u32, build: impl FnOnce() -> Schema) -> Option<Self> {
        (per_mille > 0).then(|| Self {
            schema: build(),
            per_mille: u64::from(per_mille),
            asked: AtomicU64::new(0),
        })
    }

    /// The schema, where it is this request's turn; the turns are spread evenly.
    pub fn turn(&self) -> Option<&Schema> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        is_turn(asked, self.per_mille).then_some(&self.schema)
    }
}

fn is_turn(asked: u64, per_mille: u64) -> bool {
    (asked % 1_000 * per_mille) % 1_000 < per_mille
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_thousand_so_many_have_their_turn_and_evenly() {
        for per_mille in [1, 7, 10, 333, 500, 999, 1_000] {
            let turns: Vec<u64> = (0..1_000).filter(|no| is_turn(*no, per_mille)).collect();
            assert_eq!(turns.len() as u64, per_mille);
            let first_half = turns.iter().filter(|no| **no < 500).count() as u64;
            assert!(first_half.abs_diff(per_mille / 2) <= 1, "{per_mille}");
        }
    }
}
