//! The gateway's staff says what became of a payout that nobody else can tell about.

use entity::payout;
use entity::{MerchantId, PayoutId};
use sea_orm::{ActiveEnum, DatabaseTransaction};
use serde_json::json;

use super::act::{ended, told};
use super::book::{Step, lock, never_refused, shown, take_step};
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::payouts::model::{self, Resolution, ResolveRefusal, check_note};

/// Who is named where the gateway's staff said it.
const PLATFORM: &str = "platform";

/// Writes down what the payment platform's back office says became of a payout. A worker that is asking just now is
/// overtaken: its answer counts no more.
pub async fn resolve(
    app: &App,
    merchant_id: MerchantId,
    id: PayoutId,
    (outcome, note): (Resolution, &str),
) -> Result<payout::Model, Failure<ResolveRefusal>> {
    if !check_note(note) {
        return Err(Failure::Refused(ResolveRefusal::InvalidNote));
    }
    app.write(merchant_id, |txn| async move {
        resolve_in(app, &txn, merchant_id, id, (outcome, note)).await
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

async fn resolve_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: PayoutId,
    (outcome, note): (Resolution, &str),
) -> Result<(), Failure<ResolveRefusal>> {
    let unclear = lock(txn, merchant_id, id).await?.ok_or(Error::NotFound)?;
    let state = model::resolve(&unclear, outcome).map_err(Failure::Refused)?;
    let from = unclear.state;
    let said = payout::Model {
        error: Some(note.trim().to_owned()),
        error_code: Some("SAID_BY_PLATFORM".to_owned()),
        ..unclear
    };
    let step = Step {
        from: Some(from),
        payout: ended(said, state, PLATFORM, app.clock.instant()),
        told: Some(told(state)),
        by: Some(PLATFORM),
        forced: true,
    };
    take_step(app, txn, step).await.map_err(never_refused)?;
    let after = json!({ "state": state.to_value(), "note": note.trim() });
    let deed = Deed::of("payoutResolve").on(id).changed(shown(from), after);
    let by = &Actor::system(merchant_id);
    Ok(audit::record(app, txn, by, deed).await?)
}
