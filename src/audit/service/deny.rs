//! Writes what was denied: in a transaction of its own, since the deed's has come to nothing.

use std::borrow::Cow;

use serde_json::json;

use super::record::record;
use crate::app::App;
use crate::audit::model::{By, Deed};
use crate::audited::Denied;
use crate::auth::model::{Actor, Scope};
use crate::error::{Error, Failure, Refusal};

/// Writes a denied deed, at most ten a minute of one actor and one action; the rest are counted, and told of
/// when the minute is over. A fault is logged: it changes nothing about the denial.
pub async fn deny(app: &App, by: impl Into<By> + Send, deed: Deed) {
    let by = by.into();
    let denied = Denied {
        merchant_id: by.merchant_id,
        kind: by.kind,
        actor: by.actor.clone(),
        action: deed.action().to_owned(),
    };
    let now_ms = app.clock.now().timestamp_millis();
    if app.audited.is_to_be_written(&denied, now_ms) {
        write(app, by, deed).await;
    }
}

/// Writes that a root field of a mutation was forbidden to somebody who lacks its scope.
pub async fn forbid(app: &App, actor: &Actor, field: String, scope: Scope) {
    let missing = json!({ "scope": scope.name() });
    let deed = Deed::of(Cow::Owned(field))
        .made(missing)
        .denied("FORBIDDEN");
    deny(app, actor, deed).await;
}

/// Hands on what became of a deed; where it was refused for a reason that somebody who watches over security
/// wants to know ([`Refusal::denial`]), the attempt is written.
pub async fn deny_refused<T, R: Refusal>(
    app: &App,
    actor: &Actor,
    deed: Deed,
    outcome: Result<T, Failure<R>>,
) -> Result<T, Failure<R>> {
    if let Err(Failure::Refused(refusal)) = &outcome
        && let Some(reason) = refusal.denial()
    {
        deny(app, actor, deed.denied(reason)).await;
    }
    outcome
}

/// Writes how many denials were only counted in minutes that are over.
pub async fn tell_counted(app: &App) {
    tell(app, app.audited.over(app.clock.now().timestamp_millis())).await;
}

/// Writes how many denials were only counted so far: this instance is about to end, and forgets them.
pub async fn tell_all_counted(app: &App) {
    tell(app, app.audited.over(i64::MAX)).await;
}

async fn tell(app: &App, counted: Vec<(Denied, u64)>) {
    for (denied, more) in counted {
        let by = By {
            merchant_id: denied.merchant_id,
            kind: denied.kind,
            actor: denied.actor,
            origin: None,
        };
        let deed = Deed::of(Cow::Owned(denied.action)).made(json!({ "more": more }));
        write(app, by, deed.denied("MORE_OF_THE_SAME")).await;
    }
}

async fn write(app: &App, by: By, deed: Deed) {
    let (by, deed) = (&by, &deed);
    let written = app.write(by.merchant_id, |txn| async move {
        record(app, &txn, by.clone(), deed.clone()).await?;
        Ok::<_, Error>(())
    });
    if let Err(error) = written.await {
        tracing::warn!(merchant_id = %by.merchant_id, action = deed.action(), ?error,
            "a denial is not in the audit log");
    }
}
