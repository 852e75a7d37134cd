//! Changes who members are.

use entity::MemberId;
use entity::member::Model;
use entity::member_change::MemberChangeKind;
use serde_json::json;

use super::person::{Doing, change_member};
use super::survivor::lock;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::members::model::{MemberChange, UpdateRefusal};

/// Changes a member, where they have the version that is expected. What changes nothing writes nothing.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: MemberId,
    expected_version: i32,
    change: MemberChange,
) -> Result<Model, Failure<UpdateRefusal>> {
    let merchant_id = actor.merchant_id;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = app.clock.now().with_timezone(&zone).date_naive();
    let change = change.check(today);
    let change = &change.map_err(|invalid| Failure::Refused(UpdateRefusal::Invalid(invalid)))?;
    let by = &actor.name();
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(UpdateRefusal::NotFound))?;
        if before.erased_at.is_some() {
            return Err(Failure::Refused(UpdateRefusal::Erased));
        }
        if before.version != expected_version {
            let current = before.version;
            return Err(Failure::Refused(UpdateRefusal::VersionConflict { current }));
        }
        let doing = Doing {
            kind: MemberChangeKind::Updated,
            actor: by,
            note: None,
        };
        let (after, fields) = change_member(app, &txn, &before, (change, zone), doing).await?;
        if !fields.is_empty() {
            let deed = Deed::of("memberUpdate").on(after.id).changed(
                json!({ "version": before.version }),
                json!({ "version": after.version, "fields": fields }),
            );
            audit::record(app, &txn, actor, deed).await?;
        }
        Ok(after)
    })
    .await
}
