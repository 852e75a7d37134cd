//! Makes campaigns: new ones, and drafts like one that there is.

use entity::campaign::{self, CampaignState, Column};
use entity::{CampaignId, Instant};
use sea_orm::{ColumnTrait, QueryFilter};

use super::check::check_named;
use super::write::{changed, insert};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::campaigns::model::{CampaignDraft, CreateRefusal, DuplicateRefusal, LONGEST_NAME};
use crate::error::{Error, Failure};
use crate::invalid::check_name;

/// Makes a campaign: a draft, which nobody is given until it is activated.
pub async fn create(
    app: &App,
    actor: &Actor,
    draft: &CampaignDraft,
) -> Result<campaign::Model, Failure<CreateRefusal>> {
    let refused = |invalid| Failure::Refused(CreateRefusal::Invalid(invalid));
    draft.check().map_err(refused)?;
    let named = check_named(app, actor.merchant_id, &draft.rules).await?;
    named.map_err(refused)?;
    let now = app.clock.instant();
    let row = campaign::Model {
        merchant_id: actor.merchant_id,
        id: app.ids.next(),
        name: draft.name.trim().to_owned(),
        state: CampaignState::Draft,
        version: 1,
        kind: draft.rules.benefit.kind(),
        rules: draft.rules.to_text()?,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        holdout_ppm: i32::try_from(draft.holdout_ppm).unwrap_or_default(),
        refund_policy: draft.refund_policy,
        created_by: actor.name(),
        updated_at: now,
        activated_at: None,
        ended_at: None,
        next_at: None,
    };
    made(app, actor, Deed::of("campaignCreate"), &row).await?;
    Ok(row)
}

/// Makes a draft that gives what another campaign gives, under another name. Where that has begun, the draft's
/// period begins now, and is as long.
pub async fn duplicate(
    app: &App,
    actor: &Actor,
    id: CampaignId,
    name: &str,
) -> Result<campaign::Model, Failure<DuplicateRefusal>> {
    check_name("name", name, LONGEST_NAME)
        .map_err(|invalid| Failure::Refused(DuplicateRefusal::Invalid(invalid)))?;
    let merchant_id = actor.merchant_id;
    let like = campaign::Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Failure::Refused(DuplicateRefusal::NotFound))?;
    let now = app.clock.instant();
    let starts_at = Instant(like.starts_at.0.max(now.0));
    let later = starts_at.0 - like.starts_at.0;
    let row = campaign::Model {
        id: app.ids.next(),
        name: name.trim().to_owned(),
        state: CampaignState::Draft,
        version: 1,
        starts_at,
        ends_at: like.ends_at.map(|end| Instant(end.0 + later)),
        created_by: actor.name(),
        updated_at: now,
        activated_at: None,
        ended_at: None,
        next_at: None,
        ..like
    };
    made(app, actor, Deed::of("campaignDuplicate"), &row).await?;
    Ok(row)
}

async fn made(app: &App, actor: &Actor, deed: Deed, row: &campaign::Model) -> Result<(), Error> {
    let deed = &changed(deed, None, row);
    app.write(actor.merchant_id, |txn| async move {
        insert(app, &txn, row).await?;
        audit::record(app, &txn, actor, deed.clone()).await
    })
    .await
}
