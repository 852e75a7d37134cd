//! Writes down who agrees to be written to.

use entity::MemberId;
use entity::member::Model;
use serde_json::json;

use super::person::{reread, set_consent};
use super::survivor::lock;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::members::model::{ConsentRefusal, clean_source};

/// A member agrees to be written to, or does so no longer. What they said already is not said again.
pub async fn consent_set(
    app: &App,
    actor: &Actor,
    id: MemberId,
    consent: bool,
    source: Option<&str>,
) -> Result<Model, Failure<ConsentRefusal>> {
    let invalid = |invalid| Failure::Refused(ConsentRefusal::Invalid(invalid));
    let source = source.map_or(Ok(None), |text| clean_source("source", text));
    let source = source.map_err(invalid)?;
    let source = source.as_deref();
    let (merchant_id, by) = (actor.merchant_id, &actor.name());
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(ConsentRefusal::NotFound))?;
        if before.erased_at.is_some() {
            return Err(Failure::Refused(ConsentRefusal::Erased));
        }
        if !set_consent(app, &txn, &before, consent, (by, source)).await? {
            return Ok(before);
        }
        let deed = Deed::of("memberConsentSet").on(before.id).changed(
            json!({ "consent": !consent }),
            json!({ "consent": consent, "source": source }),
        );
        audit::record(app, &txn, actor, deed).await?;
        Ok(reread(&txn, merchant_id, before.id).await?)
    })
    .await
}
