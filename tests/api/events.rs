//! Events: numbered without gaps, delivered in order, resumed anywhere, woken by Redis.

mod delivery;
mod numbers;
mod redis;
mod sharing;

use async_graphql::futures_util::Stream;
use serde_json::{Value, json};

use crate::support::{Client, next};

/// Everything that happens, after a cursor or from now on.
fn follow(client: &Client, after: Option<&str>) -> impl Stream<Item = Value> + Unpin + use<> {
    let document = "subscription Follow($after: String) { events(after: $after) { cursor type } }";
    client.subscribe(document, json!({ "after": after }))
}

/// The next event's cursor and type.
async fn next_event<S: Stream<Item = Value> + Unpin>(stream: &mut S) -> (String, String) {
    let answer = next(stream).await;
    let event = &answer["data"]["events"];
    let text = |name: &str| {
        let text = event[name].as_str();
        text.unwrap_or_else(|| panic!("no event: {answer}"))
            .to_owned()
    };
    (text("cursor"), text("type"))
}

/// The code of the error that a subscription begins with.
async fn refused<S: Stream<Item = Value> + Unpin>(mut stream: S) -> String {
    let answer = next(&mut stream).await;
    let code = answer["errors"][0]["extensions"]["code"].as_str();
    code.unwrap_or_else(|| panic!("not refused: {answer}"))
        .to_owned()
}
