//! Makes members by name.

use entity::member::Model;
use entity::member_change::MemberChangeKind;
use serde_json::json;

use super::changes::note_as;
use super::person::{Doing, NewMember, new_member};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::members::model::{CreateRefusal, MemberDraft};

/// Makes a member of what a shop knows of them. The audit log and the member's own history learn which fields were
/// given, and never what they hold.
pub async fn create(
    app: &App,
    actor: &Actor,
    draft: MemberDraft,
) -> Result<Model, Failure<CreateRefusal>> {
    let (merchant_id, now) = (actor.merchant_id, app.clock.instant());
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = now.0.with_timezone(&zone).date_naive();
    let draft = draft.check(today);
    let draft = &draft.map_err(|invalid| Failure::Refused(CreateRefusal::Invalid(invalid)))?;
    let by = &actor.name();
    app.write(merchant_id, |txn| async move {
        let doing = |kind, note| Doing {
            kind,
            actor: by,
            note,
        };
        let new = NewMember {
            merchant_id,
            member_no: draft.member_no.as_deref(),
            change: &draft.change,
            zone,
            consented_at: draft.consent.then_some(now),
        };
        let made = new_member(app, &txn, new, doing(MemberChangeKind::Created, None)).await?;
        let row = made.ok_or(Failure::Refused(CreateRefusal::NumberTaken))?;
        if draft.consent {
            let source = draft.consent_source.as_deref();
            let agreed = doing(MemberChangeKind::Consented, source);
            let change = agreed.to(row.id, &["consent"]);
            note_as(app, &txn, (merchant_id, by), &[change]).await?;
        }
        let (_, fields) = draft.change.apply(&crate::members::model::Who::default());
        let deed = Deed::of("memberCreate").on(row.id).made(json!({
            "fields": fields,
            "consent": draft.consent,
        }));
        audit::record(app, &txn, actor, deed).await?;
        Ok(row)
    })
    .await
}
