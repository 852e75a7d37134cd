//! Refunds: asked for, decided, sent once, and followed to their end.

mod approving;
mod asking;
mod database;
mod extra;
mod histories;
mod lines;
mod lists;
mod live;
mod platforms;
mod sending;

use serde_json::Value;

/// The first refusal of a payload: its code and message.
fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    (text("code"), text("message"))
}
