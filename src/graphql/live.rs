//! A subscription under way: what is told, written already, in order.

use async_graphql::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

/// One answer of a subscription.
#[derive(Clone, Debug)]
pub struct Told {
    /// The answer as JSON.
    pub payload: Bytes,
    /// Where a client that has it continues; none for an error.
    pub cursor: Option<String>,
}

/// A subscription under way. Dropped, it ends.
pub struct Live(BoxStream<'static, Response>);

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live(…)")
    }
}

impl Live {
    pub(super) fn of(answers: BoxStream<'static, Response>) -> Self {
        Self(answers)
    }

    /// The next answer; none where the subscription has ended. Nothing is lost where the wait is broken off.
    pub async fn next(&mut self) -> Option<Told> {
        let answer = self.0.next().await?;
        Some(Told {
            payload: serde_json::to_vec(&answer).unwrap_or_default().into(),
            cursor: None,
        })
    }
}
